"""A second pair of eyes on a PLC: its status words by a client of its own, laid out by hand from the tag map format."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from asyncua import ua
from asyncua.client.client import Client
from pymodbus.client import AsyncModbusTcpClient

from tests.system.plcs import PlcProcess

# From docs/reference/tag-map.md: place of a tag in the status block, counted in registers from the base of its width.
STATE, STEP = 0, 7
ACT_EXEC, LAST_EXEC, REP1 = 0, 2, 4 + 16 * 2

# State numbers of MES-Phase v1.
IDLE, PAUSED, RUNNING, ABORTED, HELD, STOPPED = 4, 5, 6, 9, 11, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a PLC shows of a phase slot."""

    state: int
    step: int
    act_exec: int
    last_exec: int
    first_report: float


async def look(plc: PlcProcess, slot: str) -> Seen:
    """Connect, read the status of a slot, and disconnect."""
    document = tomllib.loads(plc.tag_map.read_text(encoding="utf-8"))
    if plc.url.startswith("modbus:"):
        return await _look_by_modbus(plc.url, document, slot)
    return await _look_by_opc_ua(plc.url, document, slot)


async def _look_by_modbus(url: str, document: Mapping[str, Any], slot: str) -> Seen:
    place = next(one for one in document["slot"] if one["name"] == slot)["modbus"]["status"]
    address, device_id = urlsplit(url), document["modbus"]["device_id"]
    client = AsyncModbusTcpClient(address.hostname or "", port=address.port or 0, retries=0, timeout=5)
    assert await client.connect(), f"no second client reaches {url}"
    try:
        words = await client.read_holding_registers(place["w16"], count=12, device_id=device_id)
        wide = await client.read_holding_registers(place["w32"], count=REP1 + 2, device_id=device_id)
        assert not words.isError(), words
        assert not wide.isError(), wide
        registers, order = wide.registers, document["modbus"]["word_order"]
        kinds = client.DATATYPE
        act_exec = client.convert_from_registers(registers[ACT_EXEC : ACT_EXEC + 2], kinds.UINT32, word_order=order)
        last_exec = client.convert_from_registers(registers[LAST_EXEC : LAST_EXEC + 2], kinds.UINT32, word_order=order)
        report = client.convert_from_registers(registers[REP1 : REP1 + 2], kinds.FLOAT32, word_order=order)
        assert isinstance(act_exec, int)
        assert isinstance(last_exec, int)
        assert isinstance(report, float)
        return Seen(
            state=words.registers[STATE],
            step=words.registers[STEP],
            act_exec=act_exec,
            last_exec=last_exec,
            first_report=report,
        )
    finally:
        client.close()


async def _look_by_opc_ua(url: str, document: Mapping[str, Any], slot: str) -> Seen:
    async with Client(url, timeout=5) as client:
        index = await client.get_namespace_index(document["opcua"]["namespace"])
        names = ("State", "Step", "ActExec", "LastExec", "Rep1")
        nodes = [client.get_node(ua.NodeId(ua.String(f"{slot}.{name}"), ua.Int16(index))) for name in names]
        state, step, act_exec, last_exec, report = await client.read_values(nodes)
        return Seen(state=state, step=step, act_exec=act_exec, last_exec=last_exec, first_report=report)
