"""Readings per second through the port of `mes` against the bare client library reading the same from the same PLC."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack

from asyncua import ua
from asyncua.client.client import Client
from pymodbus.client import AsyncModbusTcpClient
from rig.plant import LISTEN, ServedPlc, served_plc
from rig.telling import Line, end_in_order, machine, parser_of, spread, tell

from mes.plc.blocks import read_areas
from mes.plc.drivers import open_port
from mes.plc.opcua import NODES_PER_READ
from mes.plc.tagmap import TagAddress, WireType

GOAL = 0.8
WARM_UP = 3
VALUES = "the same blocks and the library's own conversion to values"
WORDS = "the same blocks left as words"
NODES = "read_attributes of the same nodes"
Scan = Callable[[], Awaitable[int]]
"""Reads every tag once and gives how many values came."""


def main() -> int:
    """Measure and print; 0 when every scan brought every tag."""
    parser = parser_of(__doc__ or "")
    parser.add_argument("--rounds", type=int, default=300, metavar="N", help="scans of all tags each (default 300)")
    parser.add_argument("--protocol", choices=sorted(LISTEN), action="append", help="only this one (default: both)")
    arguments = parser.parse_args()
    end_in_order()
    lines = [line for one in arguments.protocol or sorted(LISTEN) for line in asyncio.run(measured(one, arguments))]
    tell(
        "Readings per second through the port (PlcPort.read of all tags of the synthesis PLC)",
        lines,
        reference="AsyncModbusTcpClient.read_holding_registers of the same blocks; asyncua Client.read_attributes of "
        "the same nodes; same PLC process, same run, taking turns",
        on=machine("pymodbus", "asyncua"),
        settings={"rounds": arguments.rounds, "seed": arguments.seed},
        as_json=arguments.json,
    )
    return 0


async def measured(protocol: str, arguments: argparse.Namespace) -> list[Line]:
    """Measure one protocol: the port and the bare ways in turn, so that a busy machine hits all of them."""
    async with served_plc(protocol, speed=1.0, seed=arguments.seed) as plc, AsyncExitStack() as stack:
        tags = list(plc.tag_map.tags.values())
        bare = await (_bare_modbus if protocol == "modbus" else _bare_opcua)(plc, tags, stack)
        ways: dict[str, Scan] = {"port": await _port(plc, stack), **bare}
        seconds: dict[str, list[float]] = {name: [] for name in ways}
        for turn in range(arguments.rounds + WARM_UP):
            for name, scan in ways.items():
                began_s = time.perf_counter()
                count = await scan()
                spent_s = time.perf_counter() - began_s
                if count != len(tags):
                    raise SystemExit(f"{protocol}: {name} brought {count} values instead of {len(tags)}")
                if turn >= WARM_UP:
                    seconds[name].append(spent_s)
    return [_line(protocol, len(tags), way, seconds) for way in bare]


def _line(protocol: str, count: int, way: str, seconds: dict[str, list[float]]) -> Line:
    port, reference = (spread([1000 * one for one in seconds[name]]) for name in ("port", way))
    rates = {name: 1000 * count / times["p50"] for name, times in (("port", port), ("bare", reference))}
    ratio = rates["port"] / rates["bare"]
    return Line(
        what=f"{protocol}: {count} tags against {way}",
        measured={"readings_per_s": round(rates["port"]), "p50_ms": port["p50"], "p95_ms": port["p95"]},
        reference={"readings_per_s": round(rates["bare"]), "p50_ms": reference["p50"], "p95_ms": reference["p95"]},
        ratio={"rate": round(ratio, 3)},
        goal="none, words are no readings yet" if way == WORDS else f">= {GOAL}",
        met=None if way == WORDS else ratio >= GOAL,
    )


async def _port(plc: ServedPlc, stack: AsyncExitStack) -> Scan:
    port = open_port(plc.tag_map, plc.url)
    await port.connect()
    stack.push_async_callback(port.close)
    names = tuple(plc.tag_map.tags)

    async def scan() -> int:
        return len(await port.read(names))

    return scan


async def _bare_modbus(plc: ServedPlc, tags: Sequence[TagAddress], stack: AsyncExitStack) -> dict[str, Scan]:
    host, port = plc.url.removeprefix("modbus://").split(":")
    client = AsyncModbusTcpClient(host, port=int(port), retries=0)
    if not await client.connect():
        raise SystemExit(f"{plc.url} does not accept a connection")
    stack.callback(client.close)
    kinds = {
        WireType.UINT: client.DATATYPE.UINT16,
        WireType.UDINT: client.DATATYPE.UINT32,
        WireType.REAL: client.DATATYPE.FLOAT32,
    }
    areas = [
        (area.register, area.count, [(tag.register - area.register, tag.type) for tag in area.tags])
        for area in read_areas(tags)
    ]
    device_id, convert = plc.tag_map.device_id, client.convert_from_registers

    async def registers() -> int:
        count = 0
        for register, length, inside in areas:
            answer = await client.read_holding_registers(register, count=length, device_id=device_id)
            count += len(inside) if len(answer.registers) == length else 0
        return count

    async def values() -> int:
        found = []
        for register, length, inside in areas:
            answer = await client.read_holding_registers(register, count=length, device_id=device_id)
            words = answer.registers
            found += [convert(words[at : at + kind.registers], kinds[kind]) for at, kind in inside]
        return len(found)

    return {VALUES: values, WORDS: registers}


async def _bare_opcua(plc: ServedPlc, tags: Sequence[TagAddress], stack: AsyncExitStack) -> dict[str, Scan]:
    client = await stack.enter_async_context(Client(plc.url))
    index = await client.get_namespace_index(plc.tag_map.namespace)
    nodes = [client.get_node(ua.NodeId(ua.String(tag.node), ua.Int16(index))) for tag in tags]
    parts = [nodes[begin : begin + NODES_PER_READ] for begin in range(0, len(nodes), NODES_PER_READ)]

    async def attributes() -> int:
        return sum([len(await client.read_attributes(part)) for part in parts])

    return {NODES: attributes}


if __name__ == "__main__":
    sys.exit(main())
