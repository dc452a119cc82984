"""What a tag map says about one PLC, as the simulated PLC understands it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from plc_sim.codec import REGISTERS, WireType, WordOrder

UINT, UDINT, REAL = WireType.UINT, WireType.UDINT, WireType.REAL
PARAMETERS_MAX = 16
REPORTS_MAX = 16
SP = tuple(f"Sp{i}" for i in range(1, PARAMETERS_MAX + 1))
SP_ACT = tuple(f"SpAct{i}" for i in range(1, PARAMETERS_MAX + 1))
REP = tuple(f"Rep{i}" for i in range(1, REPORTS_MAX + 1))

# Tags of a block in the order in which they lie in the registers; True: written by the MES.
Rows = tuple[tuple[str, WireType, bool], ...]
HEADER: Rows = (
    ("IfVersion", UINT, False),
    ("BootId", UINT, False),
    ("PlcHb", UINT, False),
    ("MesHbEcho", UINT, False),
    ("CommOk", UINT, False),
    ("MesHb", UINT, True),
    ("MesTmo", UINT, True),
    ("ProgramId", UDINT, False),
)
STATUS: Rows = (
    *((name, UINT, False) for name in ("State", "StateChg", "AckSeq", "AckRes", "CmdEn", "Mode", "Interlock")),
    *((name, UINT, False) for name in ("Step", "FailCode", "Wqc", "ProcAct", "StatusEnd")),
    ("ActExec", UDINT, False),
    ("LastExec", UDINT, False),
    *((name, REAL, False) for name in (*SP_ACT, *REP)),
)
COMMAND: Rows = (
    *((name, UINT, True) for name in ("Cmd", "CmdBootId", "CmdEpochLo", "ProcReq", "CmdSeq")),
    ("CmdEpoch", UDINT, True),
    ("ExecId", UDINT, True),
    *((name, REAL, True) for name in SP),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a phase, `min` <= value <= `max` in `uom`."""

    name: str
    uom: str
    min: float
    max: float
    default: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report of a phase in `uom`."""

    name: str
    uom: str
    min: float
    max: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseClass:
    """One phase class a slot can run, chosen by `number` in ProcReq; `steps` gives the name of each step number."""

    name: str
    number: int
    parameters: tuple[Parameter, ...]
    reports: tuple[Report, ...]
    steps: Mapping[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Where a block lies: first 16-bit and first 32-bit register, and single tags with an address of their own."""

    w16: int
    w32: int
    tags: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One MES-Phase interface: `interlocks` name -> bit, `failures` code -> name, `phases` number -> phase class."""

    name: str
    unit: str
    comm_loss: str
    status: Block
    command: Block
    interlocks: Mapping[str, int]
    failures: Mapping[int, str]
    phases: Mapping[int, PhaseClass]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmLimit:
    """One alarm: `bit` of its alarm word, the tag watched, the limit's name and value, and what stops its chattering.

    `hysteresis` in the tag's unit: how far inside the limit the value has to come back; `delay_s` in process seconds:
    how long it has to be beyond.
    """

    bit: int
    tag: str
    limit: str
    value: float
    hysteresis: float
    delay_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitTag:
    """One process value; `key` is the name without its prefix, as the unit model knows it.

    `limits` has its alarm limits by name, with "hysteresis" and "delay_s" among them; `alarms` is for alarm words only.
    """

    name: str
    key: str
    unit: str
    wire_type: WireType
    uom: str
    low: float
    high: float
    sampling: str
    register: int
    node: str
    limits: Mapping[str, float] = field(default_factory=dict)
    alarms: tuple[AlarmLimit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WireTag:
    """One tag as both protocols serve it; `folder` groups it on OPC UA, `sampling` is "scan", "fast" or "normal"."""

    name: str
    wire_type: WireType
    writable: bool
    register: int
    node: str
    folder: str
    sampling: str = "scan"


@dataclass(frozen=True, slots=True, kw_only=True)
class TagMap:
    """One PLC as its tag map describes it."""

    name: str
    title: str
    interface: int
    program_id: int
    scan_s: float
    url: str
    device_id: int
    word_order: WordOrder
    namespace: str
    header: Block
    units: tuple[str, ...]
    slots: tuple[Slot, ...]
    tags: tuple[UnitTag, ...]

    def wire_tags(self) -> tuple[WireTag, ...]:
        """Give every tag of the PLC: header, then status and command of each slot, then the unit tags."""
        return tuple(self._wire_tags())

    def _wire_tags(self) -> Iterator[WireTag]:
        yield from _laid_out(HEADER, self.header, self.name)
        for slot in self.slots:
            yield from _laid_out(STATUS, slot.status, slot.name)
            yield from _laid_out(COMMAND, slot.command, slot.name)
        for tag in self.tags:
            yield WireTag(
                name=tag.name,
                wire_type=tag.wire_type,
                writable=False,
                register=tag.register,
                node=tag.node,
                folder=tag.unit,
                sampling=tag.sampling,
            )


def _laid_out(rows: Rows, block: Block, prefix: str) -> Iterator[WireTag]:
    following = {1: block.w16, 2: block.w32}
    for tag, wire_type, writable in rows:
        width = REGISTERS[wire_type]
        register = following[width]
        # A tag with an address of its own still leaves its place in the row, so that moving one tag moves no other.
        following[width] += width
        name = f"{prefix}.{tag}"
        yield WireTag(
            name=name,
            wire_type=wire_type,
            writable=writable,
            register=block.tags.get(tag, register),
            node=name,
            folder=prefix,
        )
