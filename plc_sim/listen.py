"""Where and by which protocol a PLC is served."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from plc_sim.modbus.server import ModbusServer
from plc_sim.opcua.security import OpcuaSecurity
from plc_sim.scan import SimulatedPlc

MODBUS_PORT, OPCUA_PORT = 502, 4840


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """Where and by which protocol a PLC is served."""

    scheme: str
    host: str
    port: int
    path: str

    @staticmethod
    def parse(url: str, where: str) -> Listen:
        """Read a URL such as `modbus://127.0.0.1:5511` or `opc.tcp://127.0.0.1:0/mes`; raises ValueError."""
        example = "modbus://127.0.0.1:0 or opc.tcp://127.0.0.1:0/mes"
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise ValueError(f"{where}: {url!r} is no address ({error}); write {example}") from error
        if parts.scheme not in ("modbus", "opc.tcp") or not parts.hostname:
            raise ValueError(f"{where}: {url!r} is no address; write {example}")
        if port is None:
            port = MODBUS_PORT if parts.scheme == "modbus" else OPCUA_PORT
        return Listen(scheme=parts.scheme, host=parts.hostname, port=port, path=parts.path or "/mes")


class Server(Protocol):
    """A protocol server on the tag image of one PLC."""

    async def refresh(self) -> None:
        """Tell clients what the last scan changed, where the protocol tells by itself."""
        ...

    async def stop(self) -> None:
        """Close the server and every connection."""
        ...


async def open_server(plc: SimulatedPlc, listen: Listen, security: OpcuaSecurity | None = None) -> tuple[Server, str]:
    """Start the server a PLC is reached by, and give it with its URL; raises OSError naming PLC and address."""
    tag_map = plc.tag_map
    try:
        if listen.scheme == "modbus":
            modbus = ModbusServer(tag_map, plc.image, plc.conditions)
            return modbus, await modbus.start(listen.host, listen.port)
        # Imported here, because it costs a Modbus PLC's process tens of megabytes it does not need.
        from plc_sim.opcua.server import OpcuaServer

        opcua = OpcuaServer(tag_map, plc.image, plc.conditions, security=security)
        return opcua, await opcua.start(listen.host, listen.port, listen.path)
    except OSError as error:
        if not error.errno:  # certificates, which tell it all themselves
            raise OSError(f"{tag_map.name}: {error}") from error
        reason = os.strerror(error.errno)
        raise OSError(f"{tag_map.name}: cannot listen on {listen.host} port {listen.port}: {reason}") from error
