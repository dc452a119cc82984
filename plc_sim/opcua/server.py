"""OPC UA server of a simulated PLC: one variable per tag, on the one tag image."""

from __future__ import annotations

import logging

from asyncua import ua

from plc_sim.image import TagImage
from plc_sim.link import LinkConditions
from plc_sim.opcua.access import Protection
from plc_sim.opcua.attributes import ImageAttributes
from plc_sim.opcua.security import OpcuaSecurity
from plc_sim.opcua.session import OpenGate, PlcInternalServer
from plc_sim.opcua.space import add_plc_nodes
from plc_sim.opcua.wire import BusyRules, ConditionedServer
from plc_sim.tagmap import TagMap


class OpcuaServer:
    """Serves one tag image over OPC UA; without `security` anybody may do anything, which is for loopback only.

    `conditions` may change at any time; connections that are silent notice it at the next `refresh`. Making it and
    `start` raise OSError when the address or a certificate cannot be used.
    """

    def __init__(
        self,
        tag_map: TagMap,
        image: TagImage,
        conditions: LinkConditions | None = None,
        *,
        security: OpcuaSecurity | None = None,
    ) -> None:
        # The library tells start-up errors with a traceback and warns about what is meant here (no certificate).
        logging.getLogger("asyncua").setLevel(logging.CRITICAL)
        self._map = tag_map
        self._image = image
        self._conditions = LinkConditions() if conditions is None else conditions
        self._protection = None if security is None else Protection(security)
        gate = OpenGate() if self._protection is None else self._protection.gate()
        self._server = ConditionedServer(PlcInternalServer(gate, self._conditions))
        self._server.conditions = self._conditions
        aspace = self._server.iserver.aspace
        unit_tags = {tag.name: tag for tag in tag_map.tags}
        self._attributes = ImageAttributes(aspace, image, unit_tags, self._conditions)
        self._node_ids: list[ua.NodeId] = []

    async def start(self, host: str, port: int, path: str = "/mes") -> str:
        """Build the address space, listen, on a free port when `port` is 0, and give the URL to reach the server."""
        server = self._server
        await server.init()
        await server.set_application_uri(self._map.namespace)
        server.application_type = ua.ApplicationType.Server
        server.set_server_name(f"{self._map.name} simulated PLC")
        server.set_security_policy([ua.SecurityPolicyType.NoSecurity], BusyRules(self._conditions))
        server.allow_remote_admin(False)
        server.set_identity_tokens([ua.AnonymousIdentityToken])
        shown_host = f"[{host}]" if ":" in host else host
        server.set_endpoint(f"opc.tcp://{shown_host}:{port}{path}")
        server.socket_address = (host, port)
        if self._protection is not None:
            await self._protection.apply(server, self._map, host)
        await self._build()
        server.iserver.attribute_service = self._attributes
        await server.start()
        url = f"opc.tcp://{shown_host}:{server.bserver.port if server.bserver else port}{path}"
        for endpoint in server.iserver.endpoints:
            endpoint.EndpointUrl = url
            endpoint.Server.DiscoveryUrls = [url]
            if self._protection is not None:
                self._protection.limit(endpoint)
        return url

    async def refresh(self) -> None:
        """Tell subscribers what the last scan changed, and connections what the conditions of the link have become."""
        for index in self._attributes.changes():
            await self._server.write_attribute_value(self._node_ids[index], self._attributes.shown(index))
        self._server.notice()

    async def stop(self) -> None:
        """Close the server and every connection."""
        await self._server.stop()

    async def _build(self) -> None:
        namespace = await self._server.register_namespace(self._map.namespace)
        values = [self._attributes.shown(index) for index in range(len(self._image.tags))]
        service = self._server.iserver.node_mgt_service
        self._node_ids = add_plc_nodes(service, self._map, self._image, values, namespace)
        for index, node_id in enumerate(self._node_ids):
            self._attributes.bind(node_id, index)
            await self._server.write_attribute_value(node_id, values[index])
