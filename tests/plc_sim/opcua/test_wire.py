"""What the condition of the link does to stock OPC UA clients on real sockets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from asyncua import Client, ua

from plc_sim.link import LinkConditions
from plc_sim.opcua.server import OpcuaServer
from tests.plc_sim.heater import Plant, new_plant

pytestmark = pytest.mark.asyncio(loop_scope="module")
LIMIT_S = 5.0
NAMESPACE = 1


class Line:
    """A served plant and the condition of its link."""

    def __init__(self, plant: Plant, server: OpcuaServer, conditions: LinkConditions, url: str) -> None:
        self.plant = plant
        self.server = server
        self.conditions = conditions
        self.url = url

    async def scan(self) -> None:
        self.plant.plc.scan(0.0)
        await self.server.refresh()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served() -> AsyncIterator[Line]:
    plant = new_plant()
    conditions = LinkConditions()
    server = OpcuaServer(plant.plc.tag_map, plant.plc.image, conditions)
    yield Line(plant, server, conditions, await server.start("127.0.0.1", 0))
    await server.stop()


@pytest.fixture
def line(served: Line) -> Iterator[Line]:
    yield served
    well = LinkConditions()
    for name in LinkConditions.__slots__:
        setattr(served.conditions, name, getattr(well, name))


@pytest_asyncio.fixture(loop_scope="module")
async def client(served: Line) -> AsyncIterator[Client]:
    client = Client(served.url, timeout=LIMIT_S)
    client.session_timeout = 30_000
    await client.connect()
    yield client
    client.disconnect_socket()
    await client.disconnect()


async def read(client: Client, name: str = "HT.MesTmo") -> object:
    return await client.get_node(ua.NodeId(name, NAMESPACE)).read_value()


async def write(client: Client, value: int) -> str:
    item = ua.WriteValue(ua.NodeId("HT.MesTmo", NAMESPACE), ua.AttributeIds.Value)
    item.Value = ua.DataValue(ua.Variant(value, ua.VariantType.UInt16))
    return (await client.uaclient.write(ua.WriteParameters([item])))[0].name


async def test_a_link_that_is_down_closes_every_connection_and_takes_no_new_one(line: Line, client: Client) -> None:
    lost = asyncio.Event()

    async def on_loss(error: Exception) -> None:
        lost.set()

    client.connection_lost_callback = on_loss
    line.conditions.down = True
    await line.scan()
    await asyncio.wait_for(lost.wait(), LIMIT_S)
    late = Client(line.url, timeout=LIMIT_S)
    with pytest.raises((ConnectionError, ua.UaError)):
        await late.connect()
    line.conditions.down = False
    async with Client(line.url) as again:
        assert await read(again) == 0


async def test_a_frozen_link_answers_nothing_until_it_thaws(line: Line, client: Client) -> None:
    line.conditions.frozen = True
    asked = [asyncio.ensure_future(write(client, 7)), asyncio.ensure_future(read(client))]
    for _ in range(3):
        await line.scan()
        done, _ = await asyncio.wait(asked, timeout=0.05)
        assert not done
    assert line.plant.plc.image.value("HT.MesTmo") == 0
    line.conditions.frozen = False
    await line.scan()
    assert await asyncio.wait_for(asyncio.gather(*asked), LIMIT_S) == ["Good", 7]
    assert await write(client, 0) == "Good"


async def test_a_frozen_link_holds_back_what_a_subscription_would_tell(line: Line, client: Client) -> None:
    parameters = ua.CreateSubscriptionParameters()
    parameters.RequestedPublishingInterval = 20
    parameters.RequestedLifetimeCount = 300
    parameters.RequestedMaxKeepAliveCount = 20
    parameters.PublishingEnabled = True
    subscription = await client.create_subscription(parameters, None)
    await subscription.subscribe_data_change([client.get_node(ua.NodeId("HE-1.T", NAMESPACE))])
    told = aiter(subscription)
    await asyncio.wait_for(anext(told), LIMIT_S)
    line.conditions.frozen = True
    line.plant.heater.temperature_degc = 55.0
    await line.scan()
    coming = asyncio.ensure_future(anext(told))
    assert not (await asyncio.wait([coming], timeout=0.15))[0]
    line.conditions.frozen = False
    await line.scan()
    assert (await asyncio.wait_for(coming, LIMIT_S)).value == 55.0
    await subscription.delete()


async def test_slow_answers_come_late_and_in_order(line: Line, client: Client) -> None:
    line.conditions.delay_s = 0.3
    finished: list[str] = []
    began_s = time.monotonic()
    slow = asyncio.ensure_future(write(client, 3))
    slow.add_done_callback(lambda _: finished.append("slow"))
    await taken(line, 3)
    line.conditions.delay_s = 0.0
    quick = asyncio.ensure_future(read(client))
    quick.add_done_callback(lambda _: finished.append("quick"))
    assert await asyncio.wait_for(asyncio.gather(slow, quick), LIMIT_S) == ["Good", 3]
    assert time.monotonic() - began_s >= 0.3
    assert finished == ["slow", "quick"]
    assert await write(client, 0) == "Good"


async def taken(line: Line, value: int) -> None:
    """Wait until the PLC has a written value."""
    until_s = time.monotonic() + LIMIT_S
    while (seen := line.plant.plc.image.value("HT.MesTmo")) != value:
        assert time.monotonic() < until_s, f"the PLC still shows {seen}"
        await asyncio.sleep(0.005)


@pytest.mark.parametrize(("code", "says"), [(4, "BadDeviceFailure"), (6, "BadServerTooBusy"), (11, "BadTimeout")])
async def test_a_busy_device_refuses_every_request(line: Line, client: Client, code: int, says: str) -> None:
    line.conditions.busy_code = code
    for asked in (read(client), write(client, 5), client.nodes.objects.get_children()):
        with pytest.raises(ua.UaStatusCodeError) as refused:
            await asked
        assert type(refused.value).__name__ == says
    with pytest.raises(ua.UaStatusCodeError):
        await Client(line.url).connect()
    line.conditions.busy_code = 0
    assert await read(client) == 0


async def test_an_ignored_write_is_answered_as_good_and_changes_nothing(line: Line, client: Client) -> None:
    line.conditions.ignore_writes = True
    assert await write(client, 9) == "Good"
    assert await read(client) == 0
    line.conditions.ignore_writes = False
    assert await write(client, 9) == "Good"
    assert await read(client) == 9
    assert await write(client, 0) == "Good"
