"""Which driver reaches a PLC: chosen by the scheme of its URL, and loaded only when it is needed."""

from __future__ import annotations

import time
from collections.abc import Callable

from mes.config import Config, PlcTable
from mes.plc.mapvalues import port_problem
from mes.plc.opcua_access import OpcUaAccess, access_of
from mes.plc.port import PlcError, PlcPort
from mes.plc.tagmap import TagMap
from mes.plc.tomltable import nearest

SCHEMES = ("modbus", "opc.tcp", "fake")


def open_port(
    tag_map: TagMap,
    url: str,
    *,
    access: OpcUaAccess | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> PlcPort:
    """Give a new port, not yet connected, to the PLC at `url`; with `access`, one that is secured.

    Raises `PlcError` that names the schemes there are, or says what is wrong with the port.
    """
    if wrong := port_problem(url):
        raise PlcError(f"{tag_map.name}: {wrong}")
    if access is not None and not url.startswith("opc.tcp://"):
        raise PlcError(
            f"{tag_map.name}: [plc.security] is configured, but {url} cannot be secured: only opc.tcp:// can; "
            "correct the url, or take [plc.security] out"
        )
    # Imported here, so that a plant that speaks one protocol only does not carry the other library in memory.
    match url.partition("://")[0]:
        case "modbus":
            from mes.plc.modbus import ModbusPort

            return ModbusPort(tag_map, url, monotonic=monotonic)
        case "opc.tcp":
            from mes.plc.opcua import OpcUaPort

            return OpcUaPort(tag_map, url, access=access, monotonic=monotonic)
        case "fake":
            from mes.plc.fake import fake_plc

            return fake_plc(tag_map, url).port()
        case scheme:
            known = ", ".join(f"{one}://" for one in SCHEMES)
            raise PlcError(
                f"{tag_map.name}: no driver for the scheme {scheme!r} of the url {url!r}{nearest(scheme, SCHEMES)}; "
                f"there are {known}"
            )


def port_opener(config: Config, plc: PlcTable) -> Callable[[TagMap, str], PlcPort]:
    """Give what opens a port to a configured PLC, with the security that the configuration asks for."""

    def opened(tag_map: TagMap, url: str) -> PlcPort:
        return open_port(tag_map, url, access=access_of(config, plc, tag_map.name))

    return opened
