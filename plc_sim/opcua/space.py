"""The address space of one PLC: a folder for each unit and slot, a variable for each tag, made in one go."""

from __future__ import annotations

from collections.abc import Iterator

from asyncua import ua
from asyncua.server.address_space import NodeManagementService
from asyncua.ua.object_ids import ObjectIds

from plc_sim.codec import WireType
from plc_sim.image import TagImage
from plc_sim.opcua.units import eu_information
from plc_sim.tagmap import TagMap, UnitTag, WireTag

READ, READ_WRITE = 1, 3
DATA_TYPE = {
    WireType.UINT: ObjectIds.UInt16,
    WireType.UDINT: ObjectIds.UInt32,
    WireType.REAL: ObjectIds.Float,
}


def add_plc_nodes(
    service: NodeManagementService, tag_map: TagMap, image: TagImage, values: list[ua.DataValue], namespace: int
) -> list[ua.NodeId]:
    """Add the folders and variables of a PLC and give the node of each tag, in the order of the image.

    `values` are what the tags show at first. String node ids are those of the map; folders and properties, which the
    map does not name, begin with "/". Measured values have their engineering unit and its range as properties.
    """
    unit_tags = {tag.name: tag for tag in tag_map.tags}
    items = list(_folders(tag_map, namespace))
    nodes = [_node_id(tag.node, namespace) for tag in image.tags]
    for tag, node, value in zip(image.tags, nodes, values, strict=True):
        unit_tag = unit_tags.get(tag.name)
        items.append(_variable(tag, node, value, namespace, unit_tag))
        if unit_tag is not None and tag.wire_type is WireType.REAL:
            items.extend(_properties(unit_tag, node, namespace))
    for result in service.add_nodes(items):
        result.StatusCode.check()
    return nodes


def _folders(tag_map: TagMap, namespace: int) -> Iterator[ua.AddNodesItem]:
    parents = {slot.name: slot.unit for slot in tag_map.slots}
    for folder in (tag_map.name, *tag_map.units, *parents):
        parent = _node_id(f"/{parents.get(folder, tag_map.name)}", namespace)
        yield ua.AddNodesItem(
            ParentNodeId=_standard(ObjectIds.ObjectsFolder) if folder == tag_map.name else parent,
            ReferenceTypeId=_standard(ObjectIds.Organizes),
            RequestedNewNodeId=_node_id(f"/{folder}", namespace),
            BrowseName=ua.QualifiedName(folder, namespace),
            NodeClass=ua.NodeClass.Object,
            NodeAttributes=ua.ObjectAttributes(DisplayName=ua.LocalizedText(folder), EventNotifier=ua.Byte(0)),
            TypeDefinition=_standard(ObjectIds.FolderType),
        )


def _variable(
    tag: WireTag, node: ua.NodeId, value: ua.DataValue, namespace: int, unit_tag: UnitTag | None
) -> ua.AddNodesItem:
    short = tag.name.removeprefix(tag.folder).lstrip(".")
    analog = unit_tag is not None and tag.wire_type is WireType.REAL
    access = ua.Byte(READ_WRITE if tag.writable else READ)
    return ua.AddNodesItem(
        ParentNodeId=_node_id(f"/{tag.folder}", namespace),
        ReferenceTypeId=_standard(ObjectIds.HasComponent),
        RequestedNewNodeId=node,
        BrowseName=ua.QualifiedName(short, namespace),
        NodeClass=ua.NodeClass.Variable,
        NodeAttributes=ua.VariableAttributes(
            DisplayName=ua.LocalizedText(short),
            Description=ua.LocalizedText(tag.name),
            Value=value.Value or ua.Variant(None, ua.VariantType.Null),
            DataType=_standard(DATA_TYPE[tag.wire_type]),
            ValueRank=ua.ValueRank.Scalar,
            AccessLevel=access,
            UserAccessLevel=access,
        ),
        TypeDefinition=_standard(ObjectIds.AnalogItemType if analog else ObjectIds.BaseDataVariableType),
    )


def _properties(tag: UnitTag, node: ua.NodeId, namespace: int) -> Iterator[ua.AddNodesItem]:
    for name, value, data_type in (
        ("EURange", ua.Range(Low=ua.Double(tag.low), High=ua.Double(tag.high)), ObjectIds.Range),
        ("EngineeringUnits", eu_information(tag.uom), ObjectIds.EUInformation),
    ):
        yield ua.AddNodesItem(
            ParentNodeId=node,
            ReferenceTypeId=_standard(ObjectIds.HasProperty),
            RequestedNewNodeId=_node_id(f"/{tag.node}/{name}", namespace),
            BrowseName=ua.QualifiedName(name, 0),
            NodeClass=ua.NodeClass.Variable,
            NodeAttributes=ua.VariableAttributes(
                DisplayName=ua.LocalizedText(name),
                Value=ua.Variant(value, ua.VariantType.ExtensionObject),
                DataType=_standard(data_type),
                ValueRank=ua.ValueRank.Scalar,
                AccessLevel=ua.Byte(READ),
                UserAccessLevel=ua.Byte(READ),
            ),
            TypeDefinition=_standard(ObjectIds.PropertyType),
        )


def _standard(number: int) -> ua.NodeId:
    return ua.NodeId(ua.Int32(number))


def _node_id(identifier: str, namespace: int) -> ua.NodeId:
    return ua.NodeId(ua.String(identifier), ua.Int16(namespace))
