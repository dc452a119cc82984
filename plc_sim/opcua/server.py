"""OPC UA server of a simulated PLC: one variable per tag, on the one tag image."""

from __future__ import annotations

import asyncio
import logging

from asyncua import ua
from asyncua.server.server import Server

from plc_sim.codec import from_bits
from plc_sim.image import TagImage
from plc_sim.opcua_attributes import VARIANT, ImageAttributes
from plc_sim.tagmap import TagMap, WireTag


class OpcuaServer:
    """Serves one tag image over OPC UA, without security: for loopback only.

    `start` raises OSError when the address cannot be used.
    """

    def __init__(self, tag_map: TagMap, image: TagImage) -> None:
        # The library tells start-up errors with a traceback and warns about what is meant here (no certificate).
        logging.getLogger("asyncua").setLevel(logging.CRITICAL)
        self._map = tag_map
        self._image = image
        self._server = Server()
        self._attributes = ImageAttributes(self._server.iserver.aspace, image)
        self._node_ids: list[ua.NodeId] = []

    async def start(self, host: str, port: int, path: str = "/mes") -> str:
        """Build the address space, listen, on a free port when `port` is 0, and give the URL to reach the server."""
        await _refuse_taken(host, port)
        server = self._server
        await server.init()
        await server.set_application_uri(self._map.namespace)
        server.set_server_name(f"{self._map.name} simulated PLC")
        server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        server.allow_remote_admin(False)
        server.set_identity_tokens([ua.AnonymousIdentityToken])
        shown_host = f"[{host}]" if ":" in host else host
        server.set_endpoint(f"opc.tcp://{shown_host}:{port}{path}")
        server.socket_address = (host, port)
        await self._build()
        server.iserver.attribute_service = self._attributes
        await server.start()
        url = f"opc.tcp://{shown_host}:{server.bserver.port if server.bserver else port}{path}"
        for endpoint in server.iserver.endpoints:
            endpoint.EndpointUrl = url
        return url

    async def refresh(self) -> None:
        """Tell subscribers what the last scan changed."""
        for index in self._attributes.changes():
            await self._server.write_attribute_value(self._node_ids[index], self._attributes.shown(index))

    async def stop(self) -> None:
        """Close the server and every connection."""
        await self._server.stop()

    async def _build(self) -> None:
        namespace = await self._server.register_namespace(self._map.namespace)
        root = await self._server.nodes.objects.add_folder(
            _node_id(f"/{self._map.name}", namespace), ua.QualifiedName(self._map.name, namespace)
        )
        folders = {self._map.name: root}
        parents = {slot.name: slot.unit for slot in self._map.slots}
        for folder in (*self._map.units, *parents):
            parent = folders[parents.get(folder, self._map.name)]
            folders[folder] = await parent.add_folder(
                _node_id(f"/{folder}", namespace), ua.QualifiedName(folder, namespace)
            )
        for index, tag in enumerate(self._image.tags):
            node_id = _node_id(tag.node, namespace)
            node = await folders[tag.folder].add_variable(
                node_id,
                ua.QualifiedName(_short(tag), namespace),
                ua.Variant(from_bits(tag.wire_type, self._image.bits(index)), VARIANT[tag.wire_type]),
            )
            if tag.writable:
                await node.set_writable()
            self._node_ids.append(node_id)
            self._attributes.bind(node_id, index)
            await self._server.write_attribute_value(node_id, self._attributes.shown(index))


async def _refuse_taken(host: str, port: int) -> None:
    """Raise OSError for an address in use now, not after the seconds that building the address space takes."""
    probe = await asyncio.get_running_loop().create_server(asyncio.Protocol, host, port)
    probe.close()
    await probe.wait_closed()


def _node_id(identifier: str, namespace: int) -> ua.NodeId:
    return ua.NodeId(ua.String(identifier), ua.Int16(namespace))


def _short(tag: WireTag) -> str:
    return tag.name.removeprefix(tag.folder).lstrip(".")
