"""What a tag map says: the tags of one PLC with their addresses, its units and its phase slots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mes.model.equipment import EquipmentPhase, ProcessCell, TagSpec, Title, Unit


class WireType(StrEnum):
    """Type of a tag on the wire."""

    UINT = "UINT"
    UDINT = "UDINT"
    REAL = "REAL"

    @property
    def registers(self) -> int:
        """How many Modbus registers a value takes."""
        return 1 if self is WireType.UINT else 2


@dataclass(frozen=True, slots=True)
class Field:
    """One tag of a block: name after the prefix, type, and whether the MES writes it."""

    name: str
    type: WireType
    written: bool = False


PARAMETERS = 16
REPORTS = 16


def _fields(type_: WireType, names: Sequence[str], *, written: bool = False) -> tuple[Field, ...]:
    return tuple(Field(name, type_, written) for name in names)


HEADER: tuple[Field, ...] = (
    *_fields(WireType.UINT, ("IfVersion", "BootId", "PlcHb", "MesHbEcho", "CommOk")),
    *_fields(WireType.UINT, ("MesHb", "MesTmo"), written=True),
    *_fields(WireType.UDINT, ("ProgramId",)),
)
STATUS: tuple[Field, ...] = (
    *_fields(WireType.UINT, ("State", "StateChg", "AckSeq", "AckRes", "CmdEn", "Mode", "Interlock")),
    *_fields(WireType.UINT, ("Step", "FailCode", "Wqc", "ProcAct", "StatusEnd")),
    *_fields(WireType.UDINT, ("ActExec", "LastExec")),
    *_fields(WireType.REAL, [f"SpAct{n}" for n in range(1, PARAMETERS + 1)]),
    *_fields(WireType.REAL, [f"Rep{n}" for n in range(1, REPORTS + 1)]),
)
COMMAND: tuple[Field, ...] = (
    *_fields(WireType.UINT, ("Cmd", "CmdBootId", "CmdEpochLo", "ProcReq", "CmdSeq"), written=True),
    *_fields(WireType.UDINT, ("CmdEpoch", "ExecId"), written=True),
    *_fields(WireType.REAL, [f"Sp{n}" for n in range(1, PARAMETERS + 1)], written=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TagAddress:
    """One tag on the wire: its first Modbus register, its OPC UA string identifier, and the range a good value lies in.

    `owner` says in words which part of the map declares it.
    """

    name: str
    type: WireType
    register: int
    node: str
    owner: str
    written: bool = False
    low: float | None = None
    high: float | None = None

    @property
    def end(self) -> int:
        """The register after the last one of this tag."""
        return self.register + self.type.registers


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """First registers of the 16-bit and the 32-bit tags of a block, and tags with an address of their own."""

    w16: int
    w32: int
    tags: Mapping[str, int]

    def place(self, fields: Sequence[Field], *, prefix: str, owner: str) -> Iterator[TagAddress]:
        """Give the address of each field; a tag with an address of its own leaves its place in the row empty."""
        following = {1: self.w16, 2: self.w32}
        for field in fields:
            size = field.type.registers
            name = f"{prefix}.{field.name}"
            register = self.tags.get(field.name, following[size])
            following[size] += size
            yield TagAddress(
                name=name, type=field.type, register=register, node=name, owner=owner, written=field.written
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A bit or a number that has a name: an interlock, a failure, a PLC step."""

    name: str
    title: Title


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One MES-Phase interface of a unit.

    `interlocks` by bit, `failures` by FailCode, `phases` by ProcReq number, `steps` by (phase number, step number).
    """

    name: str
    unit: str
    comm_loss: str
    interlocks: Mapping[int, Named]
    failures: Mapping[int, Named]
    phases: Mapping[int, EquipmentPhase]
    steps: Mapping[tuple[int, int], Named]

    def tag(self, field: str) -> str:
        """Give the full name of one tag of the status or command block."""
        return f"{self.name}.{field}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TagMap:
    """One PLC as its tag map describes it; `scan_ms` in milliseconds, `tags` are all tags by full name."""

    path: Path
    name: str
    title: Title
    interface: int
    program_id: int
    scan_ms: int
    url: str
    device_id: int
    high_word_first: bool
    namespace: str
    tags: Mapping[str, TagAddress]
    units: Mapping[str, Unit]
    slots: Mapping[str, Slot]
    unit_tags: Mapping[str, TagSpec]

    def header(self, field: str) -> str:
        """Give the full name of a header tag."""
        return f"{self.name}.{field}"


class TagMapError(ValueError):
    """Tag maps that cannot be used; the message holds every error, one a line, `errors` holds them apart."""

    def __init__(self, errors: Sequence[str]) -> None:
        super().__init__("\n".join(errors))
        self.errors = tuple(errors)


def process_cell(maps: Sequence[TagMap]) -> ProcessCell:
    """Put the equipment of several PLCs together to one process cell.

    Raises `TagMapError` that names both maps when a PLC, a unit, a slot or a tag occurs in two of them.
    """
    errors: list[str] = []
    owners: dict[tuple[str, str], TagMap] = {}
    for tag_map in maps:
        names = [("PLC", tag_map.name)]
        names += [("unit", name) for name in tag_map.units]
        names += [("slot", name) for name in tag_map.slots]
        names += [("tag", name) for name in tag_map.unit_tags]
        for what, name in names:
            other = owners.setdefault((what, name), tag_map)
            if other is not tag_map:
                errors.append(
                    f"{tag_map.path}: {what} {name} is declared in {other.path} too; names are unique in the process "
                    "cell: rename one or drop one of the maps"
                )
    if errors:
        raise TagMapError(errors)
    return ProcessCell(
        units={name: unit for tag_map in maps for name, unit in tag_map.units.items()},
        phases={
            (phase.unit, phase.phase_class): phase
            for tag_map in maps
            for slot in tag_map.slots.values()
            for phase in slot.phases.values()
        },
        tags={name: tag for tag_map in maps for name, tag in tag_map.unit_tags.items()},
        failures={
            name: tuple(failure.name for failure in slot.failures.values())
            for tag_map in maps
            for name, slot in tag_map.slots.items()
        },
    )
