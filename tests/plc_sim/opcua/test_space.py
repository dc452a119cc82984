"""The address space a simulated PLC shows: its own nodes as the map names them, and the standard ones they need."""

from __future__ import annotations

from collections import deque
from pathlib import Path

import pytest
from asyncua import Client, ua
from asyncua.server.address_space import AddressSpace, NodeManagementService, ViewService

import plc_sim
from plc_sim.image import TagImage
from plc_sim.mapfile import read_map
from plc_sim.opcua.server import OpcuaServer
from plc_sim.opcua.standard import add_standard_nodes
from plc_sim.opcua.units import eu_information

MAPS = Path(plc_sim.__file__).with_name("maps")
TYPE_NUMBER = {"UINT": 5, "UDINT": 7, "REAL": 10}


@pytest.mark.parametrize("name", ["sy", "fm", "ut"])
async def test_every_shipped_map_is_served_with_its_nodes_types_and_units(name: str) -> None:
    tag_map = read_map(MAPS / f"{name}.toml")
    image = TagImage(tag_map.wire_tags())
    server = OpcuaServer(tag_map, image)
    url = await server.start("127.0.0.1", 0)
    async with Client(url) as client:
        index = await client.get_namespace_index(tag_map.namespace)
        nodes = [client.get_node(ua.NodeId(tag.node, index)) for tag in image.tags]
        types = await client.read_attributes(nodes, ua.AttributeIds.DataType)
        values = await client.read_attributes(nodes)
        access = await client.read_attributes(nodes, ua.AttributeIds.UserAccessLevel)
        measured = [tag for tag in tag_map.tags if tag.wire_type.value == "REAL"]
        ranges = [client.get_node(ua.NodeId(f"/{tag.node}/EURange", index)) for tag in measured]
        found = await client.read_values(ranges)
        units = await client.get_node(ua.NodeId(measured[0].node, index)).get_child("0:EngineeringUnits")
        unit = await units.read_value()
    await server.stop()
    assert [value.Value.Value.Identifier for value in types] == [TYPE_NUMBER[tag.wire_type.value] for tag in image.tags]
    assert [value.Value.Value for value in access] == [3 if tag.writable else 1 for tag in image.tags]
    assert all(value.Value.Value == 0 and not value.StatusCode.is_bad() for value in values)
    assert [(one.Low, one.High) for one in found] == [(tag.low, tag.high) for tag in measured]
    assert unit == eu_information(measured[0].uom)


def test_a_unit_has_its_common_code_as_a_number() -> None:
    assert eu_information("degC").UnitId == 4408652
    assert eu_information("degC").DisplayName.Text == "degC"
    assert eu_information("mbar.L/s").UnitId == -1


def test_the_standard_nodes_hold_together() -> None:
    aspace = AddressSpace()
    add_standard_nodes(NodeManagementService(aspace))
    dangling = [
        f"{aspace[source].nodeid} -> {reference.NodeId}"
        for source in aspace.keys()
        for reference in aspace[source].references
        if reference.NodeId not in aspace
    ]
    assert not dangling
    met = {ua.NodeId(ua.ObjectIds.RootFolder)}
    front = deque(met)
    view = ViewService(aspace)
    while front:
        asked = ua.BrowseDescription(
            NodeId=front.popleft(),
            BrowseDirection=ua.BrowseDirection.Forward,
            ReferenceTypeId=ua.NodeId(ua.ObjectIds.HierarchicalReferences),
            IncludeSubtypes=True,
            ResultMask=ua.BrowseResultMask.All,
        )
        for reference in view.browse(ua.BrowseParameters(NodesToBrowse=[asked]))[0].References:
            if reference.NodeId not in met:
                met.add(reference.NodeId)
                front.append(reference.NodeId)
    unreached = [str(aspace[node].attributes[ua.AttributeIds.BrowseName]) for node in aspace.keys() if node not in met]
    assert not unreached
    for needed in ("Server_NamespaceArray", "Server_ServerStatus_State", "Server_ServerStatus_CurrentTime"):
        assert ua.NodeId(getattr(ua.ObjectIds, needed)) in met
