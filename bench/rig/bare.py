"""The bare driver: a process that gives one start with raw pymodbus or raw asyncua, the same on the wire as `mes` does.

It knows the protocol of MES-Phase by heart and nothing else: no engine, no journal, no readings, no heartbeats. Each
line on standard input is one order (JSON); each line on standard output tells how long it took.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import struct
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.attribute_ids import AttributeIds
from pymodbus.client import AsyncModbusTcpClient

from mes.plc.handshake import POLL_S
from mes.plc.tagfile import read_map
from mes.plc.tagmap import TagMap, WireType

logging.getLogger("asyncua").setLevel(logging.CRITICAL)

START, ABORT, RESET = 2, 8, 1
IDLE, FINAL = 4, {2, 9, 17}
LIMIT_S = 10.0
Value = float | int


class Bare(Protocol):
    """Writes and reads of one slot by the names of its fields."""

    async def write(self, values: dict[str, Value]) -> None: ...

    async def read(self, fields: Sequence[str]) -> list[Value]: ...


class BareModbus:
    """Raw pymodbus; the fields given are in the order of their registers, each run of registers is one request."""

    def __init__(self, client: AsyncModbusTcpClient, tag_map: TagMap, slot: str) -> None:
        self._client = client
        self._device_id = tag_map.device_id
        self._tags = {name: tag_map.tags[f"{slot}.{name}"] for name in _fields(tag_map, slot)}
        if not tag_map.high_word_first:
            raise SystemExit(f"{tag_map.path}: this measurement packs words high first only")

    def _runs(self, fields: Sequence[str]) -> list[tuple[int, str, list[str]]]:
        """Give first register, format and fields of each request."""
        runs: list[tuple[int, str, list[str]]] = []
        following = -1
        for field in fields:
            tag = self._tags[field]
            letter = {WireType.UINT: "H", WireType.UDINT: "I", WireType.REAL: "f"}[tag.type]
            if tag.register == following:
                register, letters, inside = runs.pop()
                runs.append((register, letters + letter, [*inside, field]))
            else:
                runs.append((tag.register, ">" + letter, [field]))
            following = tag.end
        return runs

    async def write(self, values: dict[str, Value]) -> None:
        for register, letters, inside in self._runs(tuple(values)):
            octets = struct.pack(letters, *(values[field] for field in inside))
            words = list(struct.unpack(f">{len(octets) // 2}H", octets))
            answer = await self._client.write_registers(register, words, device_id=self._device_id)
            if answer.isError():
                raise SystemExit(f"write of {inside}: {answer}")

    async def read(self, fields: Sequence[str]) -> list[Value]:
        values: list[Value] = []
        for register, letters, _ in self._runs(fields):
            count = struct.calcsize(letters) // 2
            answer = await self._client.read_holding_registers(register, count=count, device_id=self._device_id)
            if answer.isError():
                raise SystemExit(f"read of {fields}: {answer}")
            values += struct.unpack(letters, struct.pack(f">{count}H", *answer.registers))
        return values


class BareOpcUa:
    """Raw asyncua; one request for each write and each read, values typed and without time stamps."""

    def __init__(self, client: Client, index: int, tag_map: TagMap, slot: str) -> None:
        self._client = client
        kinds = {
            WireType.UINT: ua.VariantType.UInt16,
            WireType.UDINT: ua.VariantType.UInt32,
            WireType.REAL: ua.VariantType.Float,
        }
        tags = {name: tag_map.tags[f"{slot}.{name}"] for name in _fields(tag_map, slot)}
        self._kinds = {name: kinds[tag.type] for name, tag in tags.items()}
        self._nodes = {
            name: client.get_node(ua.NodeId(ua.String(tag.node), ua.Int16(index))) for name, tag in tags.items()
        }

    async def write(self, values: dict[str, Value]) -> None:
        nodes = [self._nodes[field].nodeid for field in values]
        typed = [ua.DataValue(ua.Variant(value, self._kinds[field])) for field, value in values.items()]
        answers = await self._client.uaclient.write_attributes(nodes, typed, AttributeIds.Value)
        if not all(answer.is_good() for answer in answers):
            raise SystemExit(f"write of {list(values)}: {answers}")

    async def read(self, fields: Sequence[str]) -> list[Value]:
        answers = await self._client.read_attributes([self._nodes[field] for field in fields])
        values: list[Value] = []
        for field, answer in zip(fields, answers, strict=True):
            if answer.Value is None:
                raise SystemExit(f"read of {field}: {answer.StatusCode}")
            values.append(answer.Value.Value)
        return values


def _fields(tag_map: TagMap, slot: str) -> list[str]:
    return [name.removeprefix(f"{slot}.") for name in tag_map.tags if name.startswith(f"{slot}.")]


async def command(bare: Bare, order: dict[str, Value], number: int, seq: int, setpoints: Sequence[float]) -> float:
    """Give one command as `mes.plc.handshake` does, and tell how many seconds it took until the answer was known."""
    began_s = time.perf_counter()
    staged: dict[str, Value] = {
        "Cmd": number,
        "CmdBootId": order["boot_id"],
        "CmdEpochLo": int(order["epoch"]) & 0xFFFF,
        "ProcReq": order["phase_number"],
        "CmdEpoch": order["epoch"],
        "ExecId": order["exec_id"],
        **{f"Sp{place}": value for place, value in enumerate(setpoints, 1)},
    }
    await bare.write(staged)
    found = await bare.read(tuple(staged))
    if found != list(staged.values()):
        raise SystemExit(f"read back {found} instead of {staged}")
    await bare.write({"CmdSeq": seq})
    while True:
        ack_seq, result = await bare.read(("AckSeq", "AckRes"))
        if ack_seq == seq:
            break
        _within(began_s, f"AckSeq shows {ack_seq} instead of {seq}")
        await asyncio.sleep(POLL_S)
    if result != 1:
        raise SystemExit(f"command {number} was refused with result {result}")
    while setpoints:
        in_force = await bare.read([f"SpAct{place}" for place in range(1, len(setpoints) + 1)])
        if in_force == list(setpoints):
            break
        _within(began_s, f"SpAct shows {in_force} instead of {setpoints}")
        await asyncio.sleep(POLL_S)
    return time.perf_counter() - began_s


async def one_round(bare: Bare, order: dict[str, Value], setpoints: Sequence[float]) -> float:
    """Clear the slot, start it after the given pause (that is measured), and clear it again.

    The last command word is the one the slot had before: whoever gave that finds its answer where it was.
    """
    (before,) = await bare.read(("AckSeq",))
    words = [(int(before) + step) % 0xFFFF + 1 for step in range(3)]
    if await _state(bare, {IDLE, *FINAL}) in FINAL:
        await command(bare, order, RESET, words[0], ())
    await _state(bare, {IDLE})
    await asyncio.sleep(float(order["pause_s"]))
    spent_s = await command(bare, order, START, words[1], setpoints)
    await command(bare, order, ABORT, words[2], ())
    await _state(bare, FINAL)
    await command(bare, order, RESET, int(before), ())
    await _state(bare, {IDLE})
    return spent_s


async def _state(bare: Bare, wanted: set[int]) -> Value:
    began_s = time.perf_counter()
    while True:
        (state,) = await bare.read(("State",))
        if state in wanted:
            return state
        _within(began_s, f"State is {state} instead of {sorted(wanted)}")
        await asyncio.sleep(POLL_S)


def _within(began_s: float, seen: str) -> None:
    if time.perf_counter() - began_s > LIMIT_S:
        raise SystemExit(f"not within {LIMIT_S:g} s: {seen}")


async def connected(tag_map: TagMap, url: str, slot: str) -> Bare:
    """Open the client for the scheme of the URL."""
    if url.startswith("modbus://"):
        host, port = url.removeprefix("modbus://").split(":")
        modbus = AsyncModbusTcpClient(host, port=int(port), retries=0)
        if not await modbus.connect():
            raise SystemExit(f"{url} does not accept a connection")
        return BareModbus(modbus, tag_map, slot)
    client = Client(url)
    await client.connect()
    return BareOpcUa(client, await client.get_namespace_index(tag_map.namespace), tag_map, slot)


async def serve(arguments: argparse.Namespace) -> None:
    """Take orders until the input ends."""
    bare = await connected(read_map(arguments.map), arguments.url, arguments.slot)
    print("ready", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        order = json.loads(line)
        spent_s = await one_round(bare, order, arguments.setpoint)
        print(json.dumps({"ms": 1000 * spent_s}), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--map", type=Path, required=True)
    parser.add_argument("--url", required=True)
    parser.add_argument("--slot", required=True)
    parser.add_argument("--setpoint", type=float, action="append", default=[])
    asyncio.run(serve(parser.parse_args()))
