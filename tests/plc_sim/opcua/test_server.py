"""The OPC UA server on a real socket, beside the Modbus server, both on one image."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from asyncua import Client, ua

from plc_sim.codec import from_words
from plc_sim.modbus.server import ModbusServer
from plc_sim.opcua.server import OpcuaServer
from plc_sim.tagmap import WireTag
from tests.plc_sim.heater import Plant, new_plant
from tests.plc_sim.modbus.test_server import RawClient

pytestmark = pytest.mark.asyncio(loop_scope="module")
NAMESPACE = "urn:test:ht"
LIMIT_S = 5.0


@dataclass
class Served:
    """One plant reached over both protocols."""

    plant: Plant
    server: OpcuaServer
    client: Client
    modbus: RawClient
    namespace: int
    url: str

    def node(self, name: str) -> ua.NodeId:
        return ua.NodeId(name, self.namespace)

    async def scan(self, wall_dt_s: float = 0.0) -> None:
        self.plant.plc.scan(wall_dt_s)
        await self.server.refresh()

    async def read(self, *names: str) -> list[ua.DataValue]:
        return await self.client.read_attributes([self.client.get_node(self.node(name)) for name in names])

    async def value(self, name: str) -> object:
        return await self.client.get_node(self.node(name)).read_value()

    async def write(self, values: dict[str, ua.DataValue]) -> list[str]:
        items = []
        for name, value in values.items():
            items.append(ua.WriteValue(self.node(name), ua.AttributeIds.Value, Value=value))
        results = await self.client.uaclient.write(ua.WriteParameters(items))
        return [result.name for result in results]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served() -> AsyncIterator[Served]:
    plant = new_plant()
    server = OpcuaServer(plant.plc.tag_map, plant.plc.image)
    modbus_server = ModbusServer(plant.plc.tag_map, plant.plc.image)
    url = await server.start("127.0.0.1", 0)
    modbus_url = await modbus_server.start("127.0.0.1", 0)
    connection = await asyncio.open_connection("127.0.0.1", int(modbus_url.rsplit(":", 1)[1]))
    client = Client(url)
    client.session_timeout = 30_000
    await client.connect()
    namespace = await client.get_namespace_index(NAMESPACE)
    yield Served(plant, server, client, RawClient(*connection), namespace, url)
    await client.disconnect()
    connection[1].close()
    await connection[1].wait_closed()
    await modbus_server.stop()
    await server.stop()


def uint(value: int) -> ua.DataValue:
    return ua.DataValue(ua.Variant(value, ua.VariantType.UInt16))


def udint(value: int) -> ua.DataValue:
    return ua.DataValue(ua.Variant(value, ua.VariantType.UInt32))


def real(value: float) -> ua.DataValue:
    return ua.DataValue(ua.Variant(value, ua.VariantType.Float))


async def test_tags_have_the_types_and_times_of_the_map(served: Served) -> None:
    await served.scan()
    values = await served.read("HT.BootId", "HT.ProgramId", "HE-1.T")
    assert [value.Value.VariantType for value in values] == [
        ua.VariantType.UInt16,
        ua.VariantType.UInt32,
        ua.VariantType.Float,
    ]
    assert [value.Value.Value for value in values[:2]] == [4711, 305419896]
    assert all(value.StatusCode.is_good() and value.SourceTimestamp is not None for value in values)


async def test_nodes_stand_in_a_folder_for_each_unit_and_slot(served: Served) -> None:
    ns = served.namespace
    plc = await served.client.nodes.objects.get_child(f"{ns}:HT")
    assert {(await one.read_browse_name()).Name for one in await plc.get_children()} >= {"HE-1", "HE-2", "PlcHb"}
    state = await plc.get_child([f"{ns}:HE-1", f"{ns}:HE-1.PH", f"{ns}:State"])
    assert state.nodeid == served.node("HE-1.PH.State")
    temperature = await plc.get_child([f"{ns}:HE-1", f"{ns}:T"])
    assert temperature.nodeid == served.node("HE-1.T")


async def test_every_tag_reads_the_same_on_both_protocols(served: Served) -> None:
    served.plant.heater.temperature_degc = 65.7
    await served.scan()
    tags: tuple[WireTag, ...] = served.plant.plc.tag_map.wire_tags()
    over_opcua = await served.read(*(tag.name for tag in tags))
    for tag, value in zip(tags, over_opcua, strict=True):
        words = await served.modbus.read(tag.register, 1 if tag.wire_type.value == "UINT" else 2)
        assert from_words(tag.wire_type, words, served.plant.plc.tag_map.word_order) == value.Value.Value, tag.name


async def test_a_start_written_over_opcua_runs_the_phase_and_shows_on_modbus(served: Served) -> None:
    block = {
        "HE-2.PH.Cmd": uint(2),
        "HE-2.PH.CmdBootId": uint(4711),
        "HE-2.PH.CmdEpochLo": uint(1),
        "HE-2.PH.CmdEpoch": udint(1),
        "HE-2.PH.ProcReq": uint(2),
        "HE-2.PH.ExecId": udint(9),
        "HE-2.PH.Sp1": real(16.4),
        "HE-2.PH.Sp2": real(30.0),
    }
    assert set(await served.write(block)) == {"Good"}
    assert await served.value("HE-2.PH.Sp1") == pytest.approx(16.4, abs=1e-5)
    assert await served.modbus.read(1304, 2) == (0x4183, 0x3333)
    assert await served.write({"HE-2.PH.CmdSeq": uint(1)}) == ["Good"]
    await served.scan()
    assert [await served.value(f"HE-2.PH.{tag}") for tag in ("AckSeq", "AckRes", "State", "ActExec")] == [1, 1, 3, 9]
    assert await served.modbus.read(1204, 2) == (0x4183, 0x3333)


async def test_a_write_over_modbus_is_read_over_opcua_at_once(served: Served) -> None:
    await served.modbus.write(6, 3)
    assert await served.value("HT.MesTmo") == 3
    await served.modbus.write(6, 0)


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("HT.PlcHb", uint(1), "BadNotWritable"),
        ("HE-1.T", real(1.0), "BadNotWritable"),
        ("HE-1.PH.Sp1", ua.DataValue(ua.Variant(1.0, ua.VariantType.Double)), "BadTypeMismatch"),
        ("HE-1.PH.Cmd", ua.DataValue(ua.Variant(1, ua.VariantType.Int64)), "BadTypeMismatch"),
        ("HE-1.PH.Cmd", ua.DataValue(ua.Variant([1], ua.VariantType.UInt16)), "BadTypeMismatch"),
        ("HE-1.PH.Cmd", ua.DataValue(ua.Variant(None, ua.VariantType.Null)), "BadTypeMismatch"),
        ("HE-1.PH.Commd", uint(1), "BadNodeIdUnknown"),
    ],
)
async def test_a_write_that_does_not_fit_is_refused_alone(
    served: Served, name: str, value: ua.DataValue, status: str
) -> None:
    assert await served.write({name: value, "HT.MesTmo": uint(0)}) == [status, "Good"]
    assert await served.write({name: value}) == [status]


async def test_a_node_of_the_standard_is_not_writable(served: Served) -> None:
    items = [ua.WriteValue(ua.NodeId(ua.Int32(2258)), ua.AttributeIds.Value, Value=uint(1))]
    (result,) = await served.client.uaclient.write(ua.WriteParameters(items))
    assert result.name == "BadNotWritable"


async def test_a_write_with_a_timestamp_or_a_status_is_refused(served: Served) -> None:
    stamped = ua.DataValue(ua.Variant(1, ua.VariantType.UInt16), SourceTimestamp=ua.DateTime(2026, 1, 1))
    bad = ua.DataValue(ua.Variant(1, ua.VariantType.UInt16), ua.StatusCode(ua.StatusCodes.BadNoData))
    assert await served.write({"HT.MesHb": stamped}) == ["BadWriteNotSupported"]
    assert await served.write({"HT.MesHb": bad}) == ["BadWriteNotSupported"]


async def test_a_nan_parameter_may_be_written_and_reads_back(served: Served) -> None:
    assert await served.write({"HE-1.PH.Sp5": real(math.nan)}) == ["Good"]
    value = (await served.read("HE-1.PH.Sp5"))[0]
    assert value.StatusCode.is_good()
    assert math.isnan(value.Value.Value)
    assert await served.write({"HE-1.PH.Sp5": real(0.0)}) == ["Good"]


async def test_a_broken_sensor_reads_bad(served: Served) -> None:
    served.plant.heater.sensor_broken = True
    await served.scan()
    assert (await served.read("HE-1.T"))[0].StatusCode.name == "BadSensorFailure"
    served.plant.heater.sensor_broken = False
    await served.scan()
    value = (await served.read("HE-1.T"))[0]
    assert value.StatusCode.is_good()
    assert value.Value.VariantType == ua.VariantType.Float


async def test_a_value_outside_its_range_is_shown_as_uncertain(served: Served) -> None:
    for degc, status in (
        (1000.0, "Good"),
        (1000.5, "UncertainEngineeringUnitsExceeded"),
        (-0.5, "Uncertain"),
        (20.0, "Good"),
    ):
        served.plant.heater.temperature_degc = degc
        await served.scan()
        value = (await served.read("HE-1.T"))[0]
        assert value.StatusCode.name.startswith(status)
        assert value.Value.Value == degc


async def test_a_value_has_the_time_of_the_scan_that_changed_it_and_of_the_one_that_confirmed_it(
    served: Served,
) -> None:
    served.plant.heater.temperature_degc = 41.0
    await served.scan()
    first, beat = await served.read("HE-1.T", "HT.PlcHb")
    assert first.SourceTimestamp == first.ServerTimestamp == beat.SourceTimestamp
    await served.scan()
    same, beat = await served.read("HE-1.T", "HT.PlcHb")
    assert same.SourceTimestamp == first.SourceTimestamp
    assert same.ServerTimestamp == beat.ServerTimestamp == beat.SourceTimestamp > first.ServerTimestamp


async def test_a_subscriber_is_told_what_a_scan_changed_and_only_that(served: Served) -> None:
    parameters = ua.CreateSubscriptionParameters()
    parameters.RequestedPublishingInterval = 50
    parameters.RequestedLifetimeCount = 300
    parameters.RequestedMaxKeepAliveCount = 20
    parameters.PublishingEnabled = True
    subscription = await served.client.create_subscription(parameters, None, queue_maxsize=10_000)
    names = ("HT.PlcHb", "HE-1.PH.Step", "HE-1.T")
    nodes = [served.client.get_node(served.node(name)) for name in names]
    await subscription.subscribe_data_change(nodes, queuesize=50)
    seen: dict[str, list[object]] = {name: [] for name in names}

    async def collect(beats: int) -> None:
        async for event in subscription:
            seen[event.node.nodeid.Identifier].append(event.value)
            if len(seen["HT.PlcHb"]) >= beats and len(seen["HE-1.T"]) >= beats:
                return

    await asyncio.wait_for(collect(1), LIMIT_S)
    for degc in (30.0, 31.0, 32.0):
        served.plant.heater.temperature_degc = degc
        await served.scan()
    await asyncio.wait_for(collect(4), LIMIT_S)
    await subscription.delete()
    assert seen["HE-1.T"][1:] == [30.0, 31.0, 32.0]
    assert seen["HE-1.PH.Step"] == [0]
    beats = [beat for beat in seen["HT.PlcHb"] if isinstance(beat, int)]
    assert beats == list(range(beats[0], beats[0] + 4))


@pytest.mark.parametrize(
    ("asked_ms", "given_ms"),
    [(0.0, 10.0), (-1.0, 10.0), (1e-300, 10.0), (math.nan, 10.0), (50.0, 50.0), (math.inf, 3_600_000.0)],
)
async def test_a_subscription_gets_an_interval_that_the_plc_can_keep(
    served: Served, asked_ms: float, given_ms: float
) -> None:
    parameters = ua.CreateSubscriptionParameters(asked_ms, 300, 20, 0, True, 0)
    result = await served.client.uaclient.create_subscription(parameters, callback=lambda _: None)
    assert result.RevisedPublishingInterval == given_ms
    await served.client.uaclient.delete_subscriptions([result.SubscriptionId])


async def test_the_plc_goes_on_while_a_client_subscribes_to_many_items(served: Served) -> None:
    parameters = ua.CreateSubscriptionParameters(1000.0, 300, 20, 0, True, 0)
    subscription = await served.client.create_subscription(parameters, None, queue_maxsize=10_000)
    nodes = [served.client.get_node(served.node("HT.PlcHb"))] * 1000
    asked = asyncio.create_task(subscription.subscribe_data_change(nodes))
    turns = 0
    while not asked.done():
        await asyncio.sleep(0)
        turns += 1
    assert len(await asked) == 1000
    assert turns > 10
    await subscription.delete()


async def test_a_client_cannot_change_the_address_space(served: Served) -> None:
    with pytest.raises(ua.UaStatusCodeError):
        await served.client.nodes.objects.add_folder(served.namespace, "mine")
    with pytest.raises(ua.UaStatusCodeError):
        await served.client.get_node(served.node("HE-1.T")).set_writable()


async def test_the_endpoint_names_the_port_in_use(served: Served) -> None:
    endpoints = await served.client.get_endpoints()
    assert [endpoint.EndpointUrl for endpoint in endpoints] == [served.url]
