"""Any stream of bytes, cut anywhere, from any client: the server answers what is a request and serves the others on."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from plc_sim.link import LinkConditions
from plc_sim.modbus.connection import BACKLOG_MAX, REQUESTS_PER_TURN, Connection
from tests.plc_sim.heater import new_plant
from tests.plc_sim.modbus.client import connected
from tests.plc_sim.modbus.link import Link


class Counting:
    """A device that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []

    def reply(self, unit_id: int, pdu: bytes) -> bytes:
        self.asked.append(pdu)
        return pdu


async def test_many_requests_at_once_do_not_hold_up_another_client() -> None:
    device, connections = Counting(), set[Connection]()
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(device, LinkConditions(), connections, 2), "127.0.0.1", 0
    )
    url = f"modbus://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    busy, other = await connected(url), await connected(url)
    busy.writer.write(b"".join(busy.frame(b"\x01") for _ in range(5_000)))
    assert await busy.answer() == (1, b"\x01")
    assert await other.ask(b"\x02") == b"\x02"
    assert device.asked.index(b"\x02") < 2_500
    assert [(await busy.answer())[0] for _ in range(4_999)] == list(range(2, 5_001))
    for client in (busy, other):
        client.close()
    server.close()


class Wire(asyncio.Transport):
    """The server's end of a connection whose client the test is."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = b""

    def write(self, data: Any) -> None:
        self.sent += bytes(data)

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


async def test_nothing_is_carried_out_for_a_client_that_does_not_fetch_its_answers() -> None:
    device, wire = Counting(), Wire()
    connection = Connection(device, LinkConditions(), set(), 1)
    connection.connection_made(wire)
    connection.pause_writing()
    frame = struct.pack(">HHHBB", 1, 0, 2, 1, 7)
    connection.data_received(frame)
    assert (device.asked, wire.sent) == ([], b"")
    connection.resume_writing()
    assert (device.asked, wire.sent) == ([b"\x07"], frame)


async def test_of_answers_that_are_not_due_only_so_many_are_kept() -> None:
    device, conditions = Counting(), LinkConditions(delay_s=60.0)
    connection = Connection(device, conditions, set(), 1)
    connection.connection_made(Wire())
    frame = struct.pack(">HHHB", 1, 0, 254, 1) + bytes(253)
    connection.data_received(frame * 2_000)
    for _ in range(2_000):
        await asyncio.sleep(0)
    assert BACKLOG_MAX <= len(device.asked) * len(frame) <= BACKLOG_MAX + REQUESTS_PER_TURN * len(frame)
    connection.connection_lost(None)


# The laws run many times: one plant is enough for all of them.
PLANT = new_plant()
REQUESTS = (
    struct.pack(">BHH", 3, 0, 7),
    struct.pack(">BHH", 2, 16, 13),
    struct.pack(">BHH", 6, 5, 7),
    struct.pack(">BHHBHH", 16, 5, 2, 4, 1, 2),
    struct.pack(">BHHH", 22, 5, 0xF2, 0x25),
    struct.pack(">BHHHHBH", 23, 5, 2, 5, 1, 2, 3),
    struct.pack(">BBBB", 43, 14, 3, 0),
    struct.pack(">BHH", 3, 7, 1),
    b"\x65",
)


async def told(pieces: Sequence[bytes], *, healthy: bool) -> tuple[bytes, list[dict[str, Any]]]:
    """Send pieces one after the other and close; gives what came back and what went wrong inside the server."""
    wrong: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: wrong.append(context))
    for written in ("HT.MesHb", "HT.MesTmo"):
        PLANT.plc.image.write(written, 0)
    async with Link(PLANT) as link:
        client = await link.client()
        other = await link.client() if healthy else None
        for piece in pieces:
            client.writer.write(piece)
            await asyncio.sleep(0)
        if other is not None:
            assert await other.read(1, 1) == (4711,)
        try:
            client.writer.write_eof()
            came = await client.end()
        except OSError:  # the server closed before it had read everything
            came = b""
        if other is not None:
            assert await other.read(1, 1) == (4711,)
    return came, wrong


@settings(max_examples=40)
@given(st.lists(st.sampled_from(REQUESTS), min_size=1, max_size=6), st.data())
def test_any_split_of_a_valid_stream_gives_the_same_answers(pdus: list[bytes], data: st.DataObject) -> None:
    headed = [struct.pack(">HHHB", number, 0, len(pdu) + 1, 1) + pdu for number, pdu in enumerate(pdus)]
    stream = b"".join(headed)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    pieces = [stream[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    whole, _ = asyncio.run(told([stream], healthy=False))
    split, wrong = asyncio.run(told(pieces, healthy=False))
    assert split == whole
    assert split
    assert not wrong


framed_pdus = st.binary(min_size=1, max_size=253).map(lambda pdu: struct.pack(">HHHB", 1, 0, len(pdu) + 1, 1) + pdu)


@settings(max_examples=60)
@given(st.lists(st.one_of(st.binary(max_size=300), framed_pdus, st.sampled_from(REQUESTS)), max_size=6))
def test_no_bytes_break_the_server_or_hang_another_client(pieces: list[bytes]) -> None:
    _, wrong = asyncio.run(told(pieces, healthy=True))
    assert not wrong
