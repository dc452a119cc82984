"""An OPC UA server over a fake PLC."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from asyncua import ua
from asyncua.common.callback import CallbackType
from asyncua.common.utils import ServiceError
from asyncua.server.server import Server

from mes.plc.fake import FakePlc
from mes.plc.port import PlcRefused
from mes.plc.tagmap import WireType

VARIANT = {
    WireType.UINT: ua.VariantType.UInt16,
    WireType.UDINT: ua.VariantType.UInt32,
    WireType.REAL: ua.VariantType.Float,
}


class OpcUaWire:
    """Serves the tags of a `FakePlc` as variables; `lost_answer` is called when a writer shall get no answer."""

    def __init__(self, plc: FakePlc) -> None:
        self.plc = plc
        self.lost_answer = lambda: None
        self._server = Server()
        self._nodes: dict[str, Any] = {}
        self._shown: dict[str, float | int] = {}
        self._mirror: asyncio.Task[None] | None = None

    async def start(self) -> str:
        logging.getLogger("asyncua").setLevel(logging.CRITICAL)
        server = self._server
        await server.init()
        server.set_endpoint("opc.tcp://127.0.0.1:0/test")
        server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        await server.register_namespace("urn:test:in-front-of-it")
        index = await server.register_namespace(self.plc.tag_map.namespace)
        for tag in self.plc.tag_map.tags.values():
            name = ua.QualifiedName(tag.name, index)
            value = ua.Variant(self.plc.value(tag.name), VARIANT[tag.type])
            node = await server.nodes.objects.add_variable(ua.NodeId(tag.node, index), name, value)
            if tag.written:
                await node.set_writable()
            self._nodes[tag.name] = node
        server.subscribe_server_callback(CallbackType.PreWrite, self._before_write)
        await server.start()
        self._mirror = asyncio.create_task(self._show())
        assert server.bserver is not None
        return f"opc.tcp://127.0.0.1:{server.bserver.port}/test"

    async def stop(self) -> None:
        assert self._mirror is not None
        self._mirror.cancel()
        await asyncio.gather(self._mirror, return_exceptions=True)
        await self._server.stop()

    async def _show(self) -> None:
        while True:
            for name, node in self._nodes.items():
                value = self.plc.value(name)
                if repr(value) != repr(self._shown.get(name)):
                    self._shown[name] = value
                    variant = ua.Variant(value, VARIANT[self.plc.tag_map.tags[name].type])
                    await self._server.write_attribute_value(node.nodeid, ua.DataValue(variant))
            await asyncio.sleep(0.01)

    async def _before_write(self, event: Any, dispatcher: Any) -> None:
        if not event.is_external:
            return
        by_node = {tag.node: tag.name for tag in self.plc.tag_map.tags.values()}
        values = {
            by_node[write.NodeId.Identifier]: write.Value.Value.Value for write in event.request_params.NodesToWrite
        }
        try:
            if not await self.plc.take(values):
                self.lost_answer()
        except PlcRefused:
            raise ServiceError(ua.StatusCodes.BadUserAccessDenied) from None
        for write in event.request_params.NodesToWrite:
            # What is stored is what the PLC shows, which a test may have forced to something else.
            name = by_node[write.NodeId.Identifier]
            self._shown[name] = self.plc.value(name)
            write.Value = ua.DataValue(ua.Variant(self._shown[name], VARIANT[self.plc.tag_map.tags[name].type]))
