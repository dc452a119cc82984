"""The part of the standard address space (namespace 0) that a PLC has: the Server object and the types in use.

The library brings all of it, with roles, logs, file transfer and publish-subscribe, none of which a simulated PLC has.
Adding all of that took most of the start of a server and half of its memory.
"""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence

from asyncua import ua
from asyncua.server.address_space import NodeManagementService
from asyncua.server.standard_address_space.standard_address_space import PostponeReferences
from asyncua.server.standard_address_space.standard_address_space_services import (
    create_standard_address_space_Services,
)
from asyncua.ua.object_ids import ObjectIds

TYPES = frozenset(
    {ua.NodeClass.ObjectType, ua.NodeClass.VariableType, ua.NodeClass.DataType, ua.NodeClass.ReferenceType}
)
LAST_OF_FIRST_EDITIONS = 12_000
"""Numbers above belong to models that came later (roles, logs, networks, publish-subscribe), which are not here."""
LAST_BUILT_IN = 30
NOT_HERE = frozenset(
    {
        ObjectIds.XmlSchema_TypeSystem,
        ObjectIds.OPCBinarySchema_TypeSystem,
        ObjectIds.HistoryServerCapabilities,
        ObjectIds.Server_ServerCapabilities_AggregateFunctions,
    }
)
IN_USE = (ObjectIds.RootFolder, ObjectIds.AnalogItemType, ObjectIds.PropertyType, ObjectIds.EUInformation)

Nodes = Mapping[int, ua.AddNodesItem]
Ways = dict[int, list[ua.AddReferencesItem]]


def add_standard_nodes(service: NodeManagementService) -> None:
    """Add the kept nodes and the references between them to an empty address space."""
    nodes, references = _kept()
    with PostponeReferences(service) as target:  # type: ignore[no-untyped-call]
        target.add_nodes(nodes)
        target.add_references(references)


class _Collected:
    """Takes what the library generates, as its address space would."""

    def __init__(self) -> None:
        self.nodes: dict[int, ua.AddNodesItem] = {}
        self.ways: Ways = {}

    def add_nodes(self, nodes: Iterable[ua.AddNodesItem]) -> None:
        for node in nodes:
            self.nodes[node.RequestedNewNodeId.Identifier] = node

    def add_references(self, references: Iterable[ua.AddReferencesItem]) -> None:
        for reference in references:
            self.ways.setdefault(reference.SourceNodeId.Identifier, []).append(reference)


@functools.cache
def _kept() -> tuple[Sequence[ua.AddNodesItem], Sequence[ua.AddReferencesItem]]:
    # Kept for the next server of the process: address spaces share the items and never change them.
    everything = _Collected()
    create_standard_address_space_Services(everything)  # type: ignore[no-untyped-call]
    nodes: dict[int, ua.AddNodesItem] = {}
    for identifier in _met(everything.nodes, everything.ways):
        _place(identifier, everything.nodes, nodes)
    references = [
        reference
        for identifier in nodes
        for reference in everything.ways.get(identifier, ())
        if reference.TargetNodeId.Identifier in nodes
    ]
    return list(nodes.values()), references


def _met(nodes: Nodes, ways: Ways) -> Iterable[int]:
    """Give the numbers of the nodes met on the way from the root, each once."""
    children: dict[int, list[int]] = {}
    for identifier, node in nodes.items():
        children.setdefault(node.ParentNodeId.Identifier, []).append(identifier)
    met = dict.fromkeys(IN_USE)
    front = deque(met)
    while front:
        for identifier in _next(front.popleft(), nodes, ways, children):
            if identifier not in met:
                met[identifier] = None
                front.append(identifier)
    return met


def _next(source: int, nodes: Nodes, ways: Ways, children: Mapping[int, list[int]]) -> Iterator[int]:
    node = nodes[source]
    forward = [one.TargetNodeId.Identifier for one in ways.get(source, ()) if one.IsForward]
    for identifier in (*children.get(source, ()), *forward):
        if _belongs(node, nodes[identifier]):
            yield identifier
    if node.NodeClass == ua.NodeClass.Variable:
        yield node.NodeAttributes.DataType.Identifier


def _belongs(source: ua.AddNodesItem, target: ua.AddNodesItem) -> bool:
    identifier = target.RequestedNewNodeId.Identifier
    if target.NodeClass in (ua.NodeClass.ReferenceType, ua.NodeClass.DataType):
        last = LAST_BUILT_IN if target.NodeClass == ua.NodeClass.DataType else LAST_OF_FIRST_EDITIONS
        return bool(identifier <= last)
    if target.NodeClass in TYPES:
        return source.NodeClass not in TYPES
    # What a type declares is of no use to a client of these few objects; the texts of an enumeration are.
    texts = source.NodeClass == ua.NodeClass.DataType and target.NodeClass == ua.NodeClass.Variable
    declared = source.NodeClass in TYPES and not texts
    absent = identifier > LAST_OF_FIRST_EDITIONS or identifier in NOT_HERE or target.NodeClass == ua.NodeClass.Method
    return not declared and not absent


def _place(identifier: int, known: Nodes, placed: dict[int, ua.AddNodesItem]) -> None:
    # A node is refused whose parent or type is not there yet.
    node = known[identifier]
    for before in (node.ParentNodeId.Identifier, node.TypeDefinition.Identifier):
        if before and before not in placed:
            _place(before, known, placed)
    placed[identifier] = node
