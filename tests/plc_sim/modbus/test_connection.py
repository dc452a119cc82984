"""What a client meets on a link in bad condition, and when there are too many clients or requests."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator

import pytest

from plc_sim.modbus.server import CLIENTS_MAX
from tests.plc_sim.heater import new_plant
from tests.plc_sim.modbus.client import LIMIT_S, RawClient
from tests.plc_sim.modbus.link import Link

READ_BOOT_ID = struct.pack(">BHH", 3, 1, 1)
BOOT_ID = struct.pack(">BBH", 3, 2, 4711)
SILENCE_S = 0.03


@pytest.fixture
async def link() -> AsyncIterator[Link]:
    async with Link(new_plant()) as served:
        yield served


async def silent(client: RawClient) -> bool:
    try:
        await asyncio.wait_for(client.reader.readexactly(1), SILENCE_S)
    except TimeoutError:
        return True
    return False


async def test_a_link_that_goes_down_closes_every_connection_at_the_next_scan(link: Link) -> None:
    clients = [await link.client() for _ in range(3)]
    assert [await client.read(1, 1) for client in clients] == [(4711,)] * 3
    link.conditions.down = True
    await link.server.refresh()
    assert [await client.end() for client in clients] == [b""] * 3


async def test_a_request_on_a_link_that_is_down_is_not_answered(link: Link) -> None:
    client = await link.client()
    await client.read(1, 1)
    link.conditions.down = True
    client.writer.write(client.frame(struct.pack(">BHH", 6, 5, 9)))
    assert await client.end() == b""
    assert link.plant.plc.image.value("HT.MesHb") == 0


async def test_a_new_connection_is_closed_while_the_link_is_down_and_served_after(link: Link) -> None:
    link.conditions.down = True
    assert await (await link.client()).end() == b""
    link.conditions.down = False
    assert await (await link.client()).read(1, 1) == (4711,)


async def test_a_frozen_link_takes_requests_and_answers_them_when_it_thaws(link: Link) -> None:
    client = await link.client()
    link.conditions.frozen = True
    for pdu in (READ_BOOT_ID, struct.pack(">BHH", 6, 5, 9), struct.pack(">BHH", 3, 5, 1)):
        client.writer.write(client.frame(pdu))
    assert await silent(client)
    await link.server.refresh()
    assert await silent(client)
    assert link.plant.plc.image.value("HT.MesHb") == 0
    late = await link.client()
    link.conditions.frozen = False
    await link.server.refresh()
    replies = [(await client.answer())[1] for _ in range(3)]
    assert replies == [BOOT_ID, struct.pack(">BHH", 6, 5, 9), struct.pack(">BBH", 3, 2, 9)]
    assert await late.read(1, 1) == (4711,)


async def test_a_write_on_a_frozen_link_is_carried_out_later_though_its_client_is_gone(link: Link) -> None:
    client = await link.client()
    await client.read(1, 1)
    link.conditions.frozen = True
    client.writer.write(client.frame(struct.pack(">BHH", 6, 5, 9)))
    client.writer.write_eof()
    assert await silent(client)
    link.conditions.frozen = False
    await link.server.refresh()
    assert await client.end() == struct.pack(">HHHBBHH", 2, 0, 6, 1, 6, 5, 9)
    assert link.plant.plc.image.value("HT.MesHb") == 9


async def test_a_slow_link_answers_late_and_in_order(link: Link) -> None:
    client = await link.client()
    loop = asyncio.get_running_loop()
    link.conditions.delay_s = 0.2
    began = loop.time()
    client.writer.write(client.frame(READ_BOOT_ID))
    assert await silent(client)
    link.conditions.delay_s = 0.0
    client.writer.write(b"".join(client.frame(READ_BOOT_ID) for _ in range(3)))
    assert [(await client.answer())[0] for _ in range(4)] == [1, 2, 3, 4]
    assert 0.2 <= loop.time() - began < LIMIT_S
    assert await client.read(1, 1) == (4711,)


async def test_a_late_answer_does_not_come_while_the_link_is_frozen(link: Link) -> None:
    client = await link.client()
    link.conditions.delay_s = 0.02
    client.writer.write(client.frame(READ_BOOT_ID))
    await asyncio.sleep(0.005)
    link.conditions.frozen = True
    assert await silent(client)
    link.conditions.frozen = False
    await link.server.refresh()
    assert (await client.answer())[1] == BOOT_ID


async def test_a_slow_link_still_closes_after_its_last_answer(link: Link) -> None:
    client = await link.client()
    link.conditions.delay_s = 0.02
    client.writer.write(client.frame(READ_BOOT_ID) + b"GET / HTTP/1.1\r\n\r\n")
    assert (await client.answer())[1] == BOOT_ID
    assert await client.end() == b""


async def test_ignored_writes_and_busy_codes_reach_the_client(link: Link) -> None:
    client = await link.client()
    link.conditions.ignore_writes = True
    assert await client.write(5, 9) == struct.pack(">BHH", 16, 5, 1)
    assert await client.read(5, 1) == (0,)
    link.conditions.busy_code = 6
    assert await client.ask(READ_BOOT_ID) == b"\x83\x06"


async def test_the_client_too_many_is_closed_and_a_place_that_becomes_free_is_given(link: Link) -> None:
    clients = [await link.client() for _ in range(CLIENTS_MAX)]
    assert await asyncio.gather(*(client.read(1, 1) for client in clients)) == [(4711,)] * CLIENTS_MAX
    assert await (await link.client()).end() == b""
    clients[0].writer.close()
    await clients[0].writer.wait_closed()
    assert await clients[1].read(1, 1) == (4711,)
    assert await (await link.client()).read(1, 1) == (4711,)


async def test_a_client_that_closes_its_side_gets_every_answer_first(link: Link) -> None:
    client = await link.client()
    client.writer.write(b"".join(client.frame(READ_BOOT_ID) for _ in range(500)))
    client.writer.write_eof()
    assert [(await client.answer())[0] for _ in range(500)] == list(range(1, 501))
    assert await client.end() == b""


async def test_a_slow_link_carries_more_than_it_keeps_at_once(link: Link) -> None:
    client = await link.client()
    link.conditions.delay_s = 0.005
    client.writer.write(b"".join(client.frame(struct.pack(">BHH", 3, 1004, 60)) for _ in range(2_000)))
    assert [(await client.answer())[0] for _ in range(2_000)] == list(range(1, 2_001))


async def test_a_flood_on_a_frozen_link_stays_with_its_client(link: Link) -> None:
    client = await link.client()
    link.conditions.frozen = True
    flood = client.frame(READ_BOOT_ID) * 1_000_000
    client.writer.write(flood)
    await asyncio.sleep(SILENCE_S)
    await link.server.refresh()
    assert client.writer.transport.get_write_buffer_size() > len(flood) / 4  # neither the server nor the system took it


@pytest.mark.parametrize("together", [1, 10, 100])
async def test_requests_in_any_number_are_answered_with_their_own_numbers(link: Link, together: int) -> None:
    client = await link.client()
    client.writer.write(b"".join(client.frame(READ_BOOT_ID) for _ in range(together)))
    answers = [await client.answer() for _ in range(together)]
    assert answers == [(number, BOOT_ID) for number in range(1, together + 1)]
