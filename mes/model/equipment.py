"""The equipment of one process cell: units, what their phases can do, and their tags. No addresses here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mes.model.quantity import Quantity

Title = Mapping[str, str]
"""A text by language code, with at least "en"."""

AGE_LIMIT_S: Mapping[str, float] = {"fast": 2.0, "normal": 3.0}
"""Sampling class of a tag to the age in wall seconds from which its reading is stale; one comes every second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterSpec:
    """One parameter (or report) of an equipment phase: its name, unit of measure and inclusive limits in that unit."""

    name: str
    uom: str
    minimum: float
    maximum: float
    default: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EquipmentPhase:
    """What one slot of a unit can execute; `number` is its ProcReq, parameters and reports in the order of the map."""

    plc: str
    unit: str
    slot: str
    phase_class: str
    number: int
    title: Title
    parameters: tuple[ParameterSpec, ...]
    reports: tuple[ParameterSpec, ...]

    def parameter(self, name: str) -> ParameterSpec | None:
        """Give the parameter of that name, or None."""
        return next((spec for spec in self.parameters if spec.name == name), None)

    def report(self, name: str) -> ParameterSpec | None:
        """Give the report of that name, or None."""
        return next((spec for spec in self.reports if spec.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmBit:
    """One bit of an alarm word: the tag that is beyond one of its limits (LL, L, H or HH)."""

    tag: str
    limit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TagSpec:
    """One process value of a unit: unit of measure, range (outside it a reading is bad) and alarm limits by name.

    `alarms` says for an alarm word what each of its bits stands for; it is empty for every other tag.
    """

    name: str
    unit: str
    uom: str
    low: float
    high: float
    title: Title
    limits: Mapping[str, float] = field(default_factory=dict)
    sampling: str = "normal"
    alarms: Mapping[int, AlarmBit] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One unit of the process cell and the equipment class it belongs to.

    `users` is how many batches may use it at once; `properties` are what a recipe may choose a unit by.
    """

    name: str
    unit_class: str
    plc: str
    title: Title
    users: int = 1
    properties: Mapping[str, Quantity] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessCell:
    """Everything a recipe may ask for: units by name, phases by (unit, phase class), tags by name.

    `failures` are the names of the failures that a slot can report, by the name of the slot.
    """

    units: Mapping[str, Unit] = field(default_factory=dict)
    phases: Mapping[tuple[str, str], EquipmentPhase] = field(default_factory=dict)
    tags: Mapping[str, TagSpec] = field(default_factory=dict)
    failures: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def phases_of(self, unit: str) -> tuple[EquipmentPhase, ...]:
        """Give the phases that `unit` can execute."""
        return tuple(phase for (name, _), phase in self.phases.items() if name == unit)
