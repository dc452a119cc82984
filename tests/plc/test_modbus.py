"""Answers that no PLC should give: the Modbus driver believes none of them."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager

import pytest

from mes.plc.modbus import ModbusPort
from mes.plc.port import PlcError, PlcRefused
from mes.plc.tagfile import read_map
from tests.plc.bench import MAPS

OVEN = read_map(MAPS / "oven.toml")
Answer = Callable[[bytes], bytes | None]


class CrookedServer:
    """Answers each request as `answer` says (the PDU in, the PDU out, None: silence) and notes every request."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.requests: list[bytes] = []
        self.connections = 0
        self.frame: Callable[[bytes], list[bytes]] = lambda adu: [adu]
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            while True:
                header = await reader.readexactly(7)
                pdu = await reader.readexactly(int.from_bytes(header[4:6], "big") - 1)
                self.requests.append(pdu)
                answer = self.answer(pdu)
                if answer is None:
                    continue
                adu = header[:4] + (len(answer) + 1).to_bytes(2, "big") + header[6:7] + answer
                for piece in self.frame(adu):
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def port_to(answer: Answer, *, timeout_s: float = 0.3) -> AsyncIterator[tuple[ModbusPort, CrookedServer]]:
    crooked = CrookedServer(answer)
    server = await asyncio.start_server(crooked.serve, "127.0.0.1", 0)
    url = f"modbus://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    port = ModbusPort(OVEN, url, timeout_s=timeout_s)
    await port.connect()
    try:
        yield port, crooked
    finally:
        await port.close()
        server.close()
        await crooked.end()


def honest(pdu: bytes) -> bytes:
    """Answer a read with the address of each register, and confirm a write."""
    function, register, count = struct.unpack(">BHH", pdu[:5])
    if function == 16:
        return pdu[:5]
    return struct.pack(f">BB{count}H", 3, 2 * count, *range(register, register + count))


def exception(code: int) -> Answer:
    return lambda pdu: bytes([pdu[0] | 0x80, code])


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda pdu: b"\x04" + honest(pdu)[1:], "answered function code 4 to a request with 3"),
        (lambda pdu: b"\x03\x02\x00\x01", "answered 1 registers instead of 2 from 5002"),
        (lambda pdu: b"\x03\x06\x00\x01\x00\x02\x00\x03", "answered 3 registers instead of 2 from 5002"),
        (lambda pdu: b"\x63\x00\x00", "gave no valid answer"),
        (lambda pdu: None, "gave no valid answer"),
        (exception(4), r"exception 4 \(device failure\)"),
        (exception(11), r"exception 11 \(gateway target does not answer\)"),
    ],
    ids=["wrong function code", "too few registers", "too many", "unknown function", "silence", "failure", "gateway"],
)
async def test_an_answer_that_does_not_fit_ends_the_connection(answer: Answer, message: str) -> None:
    async with port_to(answer) as (port, crooked):
        with pytest.raises(PlcError, match=message):
            await port.read(["OV-1.CYCLES"])
        asked = len(crooked.requests)
        with pytest.raises(PlcError, match="TP"):
            await port.read(["OV-1.CYCLES"])
        assert len(crooked.requests) == asked


@pytest.mark.parametrize(
    ("code", "word"), [(1, "illegal function"), (2, "illegal data address"), (3, "illegal data value")]
)
async def test_a_refused_block_is_told_with_its_tags_and_the_connection_stays(code: int, word: str) -> None:
    crooked_answer = exception(code)
    async with port_to(lambda pdu: crooked_answer(pdu) if pdu[1:3] == b"\x13\x8a" else honest(pdu)) as (port, _):
        with pytest.raises(PlcRefused, match=rf"exception {code} \({word}\) to read registers 5002\.\.5003 .*CYCLES"):
            await port.read(["OV-1.CYCLES"])
        assert (await port.read(["TP.BootId"]))["TP.BootId"].value == 1


async def test_a_busy_plc_is_asked_again_and_not_for_ever() -> None:
    left = [2]

    def busy_twice(pdu: bytes) -> bytes:
        left[0] -= 1
        return exception(6)(pdu) or b"" if left[0] >= 0 else honest(pdu)

    async with port_to(busy_twice) as (port, crooked):
        assert (await port.read(["TP.BootId"]))["TP.BootId"].value == 1
        assert len(crooked.requests) == 3
    async with port_to(exception(6)) as (port, crooked):
        with pytest.raises(PlcRefused, match="device busy"):
            await port.read(["TP.BootId"])
        assert len(crooked.requests) == 4


async def test_a_write_without_an_answer_is_sent_once() -> None:
    async with port_to(lambda pdu: None) as (port, crooked):
        with pytest.raises(PlcError, match="gave no valid answer"):
            await port.write({"OV-1.PH.CmdSeq": 5})
        assert len(crooked.requests) == 1


async def test_a_busy_answer_to_a_write_is_not_repeated() -> None:
    async with port_to(exception(6)) as (port, crooked):
        with pytest.raises(PlcRefused, match=r"device busy.*OV-1\.PH\.CmdSeq"):
            await port.write({"OV-1.PH.CmdSeq": 5})
        assert len(crooked.requests) == 1


async def test_a_write_that_is_confirmed_for_other_registers_is_not_believed() -> None:
    async with port_to(lambda pdu: b"\x10\x00\x00\x00\x01") as (port, _):
        with pytest.raises(PlcError, match="confirmed 1 registers from 0 instead of 1 from 164"):
            await port.write({"OV-1.PH.CmdSeq": 5})


async def test_an_answer_in_single_bytes_is_put_together() -> None:
    async with port_to(honest, timeout_s=2.0) as (port, crooked):
        crooked.frame = lambda adu: [bytes([byte]) for byte in adu]
        readings = await port.read(["TP.IfVersion", "TP.BootId", "TP.PlcHb"])
        assert [reading.value for reading in readings.values()] == [0, 1, 2]


async def test_the_answer_to_another_request_is_passed_over() -> None:
    async with port_to(honest) as (port, crooked):
        crooked.frame = lambda adu: [b"\xee\xee" + adu[2:7] + b"\x03\x02\x99\x99"[: len(adu) - 7], adu]
        reading = (await port.read(["TP.BootId"]))["TP.BootId"]
        assert reading.value == 1


async def test_polling_and_commands_have_a_connection_each() -> None:
    async with port_to(honest) as (port, crooked):
        async with aclosing(port.watch(["TP.BootId"], period_s=0.05)) as watch:
            await anext(watch)
        assert crooked.connections == 2


async def test_a_block_of_a_slot_takes_two_reads_and_two_writes() -> None:
    async with port_to(honest) as (port, crooked):
        await port.read(
            [f"ST-2.PH.{field}" for field in ("ActExec", "LastExec", "State", "StateChg", "AckSeq", "AckRes")]
        )
        assert [(pdu[0], *struct.unpack(">HH", pdu[1:5])) for pdu in crooked.requests] == [(3, 1068, 4), (3, 112, 4)]
        crooked.requests.clear()
        await port.write(
            {f"ST-2.PH.{field}": 1 for field in ("Cmd", "CmdBootId", "CmdEpochLo", "ProcReq", "CmdEpoch", "ExecId")}
        )
        assert [(pdu[0], *struct.unpack(">HH", pdu[1:5])) for pdu in crooked.requests] == [(16, 165, 4), (16, 2036, 4)]


async def test_the_connection_to_watch_is_opened_once_by_the_first_watch() -> None:
    async with port_to(honest) as (port, crooked):
        await port.read(["OV-1.CYCLES"])
        assert crooked.connections == 1
        for _ in range(2):
            async with aclosing(port.watch(["OV-1.CYCLES"], period_s=0.05)) as watch:
                assert "OV-1.CYCLES" in await anext(watch)
        assert crooked.connections == 2
