"""The Modbus TCP server on real sockets, spoken to in raw bytes and with a stock client."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator

import pytest
from pymodbus.client import AsyncModbusTcpClient

from plc_sim.codec import WireType, WordOrder, to_words
from plc_sim.modbus.server import ModbusServer
from tests.plc_sim.heater import Plant, new_plant
from tests.plc_sim.modbus.client import RawClient, connected


@pytest.fixture
def plant() -> Plant:
    return new_plant()


@pytest.fixture
async def url(plant: Plant) -> AsyncIterator[str]:
    server = ModbusServer(plant.plc.tag_map, plant.plc.image)
    yield await server.start("127.0.0.1", 0)
    await server.stop()


@pytest.fixture
async def client(url: str) -> AsyncIterator[RawClient]:
    raw = await connected(url)
    yield raw
    raw.writer.close()
    await raw.writer.wait_closed()


@pytest.fixture
async def stock(url: str) -> AsyncIterator[AsyncModbusTcpClient]:
    host, port = url.removeprefix("modbus://").split(":")
    client = AsyncModbusTcpClient(host, port=int(port), retries=0, timeout=5)
    assert await client.connect()
    yield client
    client.close()


GOLDEN_FRAMES = [
    ("00 01 00 00 00 06 01 03 00 00 00 02", "00 01 00 00 00 07 01 03 04 00 01 12 67"),
    ("00 02 00 00 00 06 01 04 00 10 00 02", "00 02 00 00 00 07 01 04 04 12 34 56 78"),
    ("00 03 00 00 00 06 01 02 00 10 00 0d", "00 03 00 00 00 05 01 02 02 67 12"),
    ("00 04 00 00 00 06 01 05 00 52 ff 00", "00 04 00 00 00 06 01 05 00 52 ff 00"),
    ("00 05 00 00 00 06 01 01 00 50 00 08", "00 05 00 00 00 04 01 01 01 04"),
    ("00 06 00 00 00 06 01 06 00 05 00 12", "00 06 00 00 00 06 01 06 00 05 00 12"),
    ("00 07 00 00 00 08 01 16 00 05 00 f2 00 25", "00 07 00 00 00 08 01 16 00 05 00 f2 00 25"),
    ("00 08 00 00 00 0d 01 17 00 05 00 02 00 06 00 01 02 00 03", "00 08 00 00 00 07 01 17 04 00 17 00 03"),
    ("00 09 00 00 00 0b 01 10 00 05 00 02 04 00 0a 01 02", "00 09 00 00 00 06 01 10 00 05 00 02"),
    ("00 0a 00 00 00 09 01 0f 00 50 00 0a 02 cd 01", "00 0a 00 00 00 06 01 0f 00 50 00 0a"),
    (
        "00 0b 00 00 00 05 01 2b 0e 01 00",
        "00 0b 00 00 00 18 01 2b 0e 01 83 00 00 03 00 07 70 6c 63 5f 73 69 6d 01 02 48 54 02 01 31",
    ),
    ("ff ff 00 00 00 06 01 03 00 07 00 01", "ff ff 00 00 00 03 01 83 02"),
    ("00 00 00 00 00 06 09 03 00 00 00 01", "00 00 00 00 00 03 09 83 0b"),
    ("00 0c 00 00 00 02 01 07", "00 0c 00 00 00 03 01 87 01"),
]
"""What goes out and what comes back, worked out by hand, in the order in which it is sent."""


async def test_every_frame_on_the_wire_is_the_golden_one(client: RawClient) -> None:
    client.writer.write(b"".join(bytes.fromhex(request) for request, _ in GOLDEN_FRAMES))
    client.writer.write_eof()
    assert (await client.end()).hex(" ") == " ".join(answer for _, answer in GOLDEN_FRAMES)


async def test_a_stock_client_that_sends_ten_reads_at_once_gets_ten_answers(stock: AsyncModbusTcpClient) -> None:
    registers = (0, 1, 2, 3, 4, 5, 6, 100, 120, 5002)
    answers = await asyncio.gather(*(stock.read_holding_registers(one, count=1, device_id=1) for one in registers))
    assert not [answer for answer in answers if answer.isError()]
    assert [answer.registers[0] for answer in answers][:7] == [1, 4711, 1, 0, 0, 0, 0]
    assert len({answer.transaction_id for answer in answers}) == 10


async def test_a_stock_client_uses_every_function(stock: AsyncModbusTcpClient) -> None:
    assert (await stock.read_input_registers(1, count=1)).registers == [4711]
    assert not (await stock.write_register(5, 0x12)).isError()
    assert not (await stock.mask_write_register(address=5, and_mask=0xF2, or_mask=0x25)).isError()
    answer = await stock.readwrite_registers(read_address=5, read_count=2, write_address=6, values=[3])
    assert answer.registers == [0x17, 3]
    assert not (await stock.write_coil(5 * 16 + 15, True)).isError()
    assert not (await stock.write_coils(6 * 16, [False, False, True])).isError()
    assert (await stock.read_coils(5 * 16, count=16)).bits == [place in {0, 1, 2, 4, 15} for place in range(16)]
    assert (await stock.read_discrete_inputs(6 * 16, count=8)).bits == [place == 2 for place in range(8)]
    assert not (await stock.write_registers(5, [0, 0])).isError()
    told = await stock.read_device_information(read_code=3)
    assert told.information[1] == b"HT"
    assert told.information[0x80] == b"ProgramId 305419896"


async def test_the_header_is_read_in_one_block(client: RawClient) -> None:
    assert await client.read(0, 7) == (1, 4711, 1, 0, 0, 0, 0)
    assert await client.read(16, 2) == (0x1234, 0x5678)


async def test_input_registers_show_the_same_as_holding_registers(client: RawClient) -> None:
    reply = await client.ask(struct.pack(">BHH", 4, 0, 2))
    assert reply == struct.pack(">BBHH", 4, 4, 1, 4711)


async def test_a_reading_has_golden_words(client: RawClient, plant: Plant) -> None:
    plant.heater.temperature_degc = 16.4
    plant.plc.scan(0.0)
    assert await client.read(5000, 2) == (0x4183, 0x3333)


async def test_ten_requests_in_one_segment_are_all_answered_in_order(client: RawClient) -> None:
    requests = [struct.pack(">BHH", 3, register, 1) for register in (0, 1, 2, 3, 4, 5, 6, 100, 120, 5002)]
    client.writer.write(b"".join(client.frame(pdu) for pdu in requests))
    answers = [await client.answer() for _ in requests]
    assert [transaction for transaction, _ in answers] == list(range(1, 11))
    assert [reply[:2] for _, reply in answers] == [b"\x03\x02"] * 10
    assert struct.unpack(">H", answers[1][1][2:])[0] == 4711


async def test_a_frame_may_come_in_two_pieces_cut_anywhere(client: RawClient) -> None:
    whole = len(client.frame(struct.pack(">BHH", 3, 1, 1)))
    for cut in range(1, whole):
        frame = client.frame(struct.pack(">BHH", 3, 1, 1))
        client.writer.write(frame[:cut])
        await client.writer.drain()
        await asyncio.sleep(0.002)
        client.writer.write(frame[cut:])
        _, reply = await client.answer()
        assert reply == struct.pack(">BBH", 3, 2, 4711)


async def test_a_frame_and_a_half_are_answered_when_the_rest_comes(client: RawClient) -> None:
    first, second = client.frame(struct.pack(">BHH", 3, 0, 1)), client.frame(struct.pack(">BHH", 3, 1, 1))
    client.writer.write(first + second[:5])
    assert (await client.answer())[1] == struct.pack(">BBH", 3, 2, 1)
    client.writer.write(second[5:])
    assert (await client.answer())[1] == struct.pack(">BBH", 3, 2, 4711)


@pytest.mark.parametrize(("first", "count"), [(6, 2), (7, 1), (99, 2), (5000, 4), (65535, 1), (65535, 2), (40000, 125)])
async def test_a_read_that_touches_a_register_without_a_tag_is_exception_2(
    client: RawClient, first: int, count: int
) -> None:
    assert await client.ask(struct.pack(">BHH", 3, first, count)) == b"\x83\x02"


@pytest.mark.parametrize("count", [0, 126, 65535])
async def test_a_read_of_none_or_too_many_is_exception_3(client: RawClient, count: int) -> None:
    assert await client.ask(struct.pack(">BHH", 3, 0, count)) == b"\x83\x03"


@pytest.mark.parametrize(
    "pdu",
    [
        b"\x03",
        b"\x03\x00\x00\x00",
        b"\x03\x00\x00\x00\x01\x00",
        b"\x06\x00\x05",
        b"\x10\x00\x05\x00\x01",
        b"\x10\x00\x05\x00\x01\x02\x00",
        b"\x10\x00\x05\x00\x01\x03\x00\x01",
        b"\x10\x00\x05\x00\x02\x04\x00\x01",
        b"\x10\x00\x05\x00\x00\x00",
        struct.pack(">BHHB", 16, 1104, 124, 248) + bytes(246),
    ],
)
async def test_a_request_whose_parts_do_not_agree_is_exception_3(client: RawClient, pdu: bytes) -> None:
    assert await client.ask(pdu) == bytes((pdu[0] | 0x80, 3))
    assert await client.read(5, 1) == (0,)


async def test_another_unit_id_is_exception_11(client: RawClient) -> None:
    assert await client.ask(struct.pack(">BHH", 3, 0, 1), unit_id=2) == b"\x83\x0b"


async def test_a_written_command_reaches_the_plc_and_reads_back(client: RawClient, plant: Plant) -> None:
    words = [word for sp in (100.0, 60.0) for word in to_words(WireType.REAL, sp, WordOrder.BIG)]
    assert await client.write(1100, 0, 1, 0, 7, *words) == struct.pack(">BHH", 16, 1100, 8)
    assert await client.write(120, 2, 4711, 1, 2) == struct.pack(">BHH", 16, 120, 4)
    assert await client.read(1100, 8) == (0, 1, 0, 7, *words)
    plant.plc.scan(0.0)
    assert await client.read(100, 1) == (4,)
    reply = await client.ask(struct.pack(">BHH", 6, 124, 1))
    assert reply == struct.pack(">BHH", 6, 124, 1)
    plant.plc.scan(0.0)
    assert await client.read(102, 2) == (1, 1)
    assert await client.read(100, 1) == (3,)
    assert await client.read(1004, 4) == tuple(words)


async def test_half_of_a_32_bit_tag_can_be_written(client: RawClient, plant: Plant) -> None:
    await client.write(1102, 0x1234, 0x5678)
    await client.ask(struct.pack(">BHH", 6, 1103, 0x9ABC))
    assert plant.read("ExecId") == 0x12349ABC


async def test_a_signalling_nan_reads_back_bit_by_bit(client: RawClient) -> None:
    await client.write(1104, 0x7F80, 0x0001)
    assert await client.read(1104, 2) == (0x7F80, 0x0001)


@pytest.mark.parametrize("first", [0, 1, 4, 100, 5000, 7, 60000])
async def test_a_write_to_what_the_mes_may_not_write_is_exception_2(client: RawClient, first: int) -> None:
    assert await client.write(first, 9) == b"\x90\x02"
    assert await client.ask(struct.pack(">BHH", 6, first, 9)) == b"\x86\x02"


async def test_a_write_that_is_refused_in_part_writes_nothing(client: RawClient) -> None:
    assert await client.write(5, 1, 2, 3) == b"\x90\x02"
    assert await client.read(5, 2) == (0, 0)


async def test_bytes_that_are_not_modbus_close_the_connection_after_what_was_asked(client: RawClient) -> None:
    client.writer.write(client.frame(struct.pack(">BHH", 3, 1, 1)) + b"GET / HTTP/1.1\r\n\r\n")
    assert (await client.answer())[1] == struct.pack(">BBH", 3, 2, 4711)
    assert await client.end() == b""


async def test_several_clients_are_served_at_once(client: RawClient, url: str) -> None:
    clients = [await connected(url) for _ in range(5)]
    answers = await asyncio.gather(*(one.read(1, 1) for one in clients))
    assert answers == [(4711,)] * 5
    clients[0].close()
    assert await clients[1].read(1, 1) == (4711,)
    assert await client.read(1, 1) == (4711,)
    for one in clients[1:]:
        one.close()


async def test_one_request_sees_one_scan_and_a_torn_read_shows(client: RawClient, plant: Plant) -> None:
    plant.commit(2, sp=(21.0, 60.0))
    for _ in range(30):
        block = await client.read(100, 12)
        assert block[1] == block[11]
        plant.plc.scan(1.0)
    plant.commit(1)
    first_half = await client.read(100, 6)
    plant.plc.scan(1.0)
    second_half = await client.read(106, 6)
    assert first_half[1] != second_half[5]


async def test_a_client_that_fetches_nothing_does_not_stop_the_others(client: RawClient, url: str) -> None:
    stuck = await connected(url)
    stuck.writer.write(stuck.frame(struct.pack(">BHH", 3, 1004, 60)) * 50_000)
    for _ in range(50):
        assert await client.read(1, 1) == (4711,)
    stuck.close()
