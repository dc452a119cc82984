"""How the units of a cell are: in service, clean, since when free. Everything else about a unit is in the batches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches

from mes.engine.arbitration import Fitness
from mes.model.change import CommandRow
from mes.model.equipment import ProcessCell
from mes.model.events import Deallocation, Fact
from mes.model.states import CommandRefused
from mes.model.steering import UnitChange
from mes.model.verbs import UnitVerb


def unit_change(row: CommandRow, equipment: ProcessCell) -> UnitChange:
    """Give what a person says of a unit; raises `CommandRefused` for an unknown verb or unit, or without a reason."""
    try:
        verb = UnitVerb(row.verb)
    except ValueError:
        legal = ", ".join(UnitVerb)
        raise CommandRefused(f"{row.verb!r} is no command for a unit; there are {legal}") from None
    unit = row.arguments.get("unit", "")
    if unit not in equipment.units:
        near = get_close_matches(unit, equipment.units, n=3)
        known = ", ".join(near or equipment.units)
        raise CommandRefused(f"there is no unit {unit!r}; {'the nearest' if near else 'there'} are {known}")
    if not row.because.strip():
        raise CommandRefused(f"{verb} of {unit} needs a reason for the record")
    in_service = {UnitVerb.OUT_OF_SERVICE: False, UnitVerb.IN_SERVICE: True}.get(verb)
    clean = {UnitVerb.DIRTY: False, UnitVerb.CLEAN: True}.get(verb)
    return UnitChange(unit=unit, by=row.by, because=row.because, in_service=in_service, clean=clean)


@dataclass(slots=True)
class Units:
    """The fold of what the record says of the units. A unit that nothing was said of is in service and clean."""

    equipment: ProcessCell
    _out: dict[str, str] = field(default_factory=dict)
    _dirty: dict[str, str] = field(default_factory=dict)
    _idle_since: dict[str, datetime] = field(default_factory=dict)
    _fitness: dict[str, Fitness] = field(default_factory=dict)
    _fit: tuple[str, ...] = ()

    def load(self, changes: Iterable[UnitChange], idle_since: Mapping[str, datetime]) -> None:
        """Take what the record says, oldest first."""
        for change in changes:
            self._say(change)
        self._idle_since.update(idle_since)
        self._fitness.clear()
        self._fit = ()

    def take(self, at: datetime, facts: Iterable[Fact]) -> bool:
        """Take facts that were recorded at process time `at`; say whether any of them was about a unit."""
        touched = False
        for fact in facts:
            if isinstance(fact, UnitChange):
                self._say(fact)
                touched = True
            elif isinstance(fact, Deallocation):
                self._idle_since[fact.unit] = at
                touched = True
        if touched:
            self._fitness.clear()
            self._fit = ()
        return touched

    def _say(self, change: UnitChange) -> None:
        for flag, reasons in ((change.in_service, self._out), (change.clean, self._dirty)):
            if flag is False:
                reasons[change.unit] = change.because
            elif flag is True:
                reasons.pop(change.unit, None)

    def fitness(self) -> Mapping[str, Fitness]:
        """Give how every unit is that a tag map declares."""
        if not self._fitness:
            self._fitness = {unit: self._fitness_of(unit) for unit in self.equipment.units}
        return self._fitness

    def fit(self) -> tuple[str, ...]:
        """Give the units that are in service and clean, those that nobody ever had first, then the longest idle."""
        if not self._fit:
            fit = (unit for unit, how in self.fitness().items() if how.in_service and how.clean)
            self._fit = tuple(sorted(fit, key=lambda unit: str(self._idle_since.get(unit, ""))))
        return self._fit

    def _fitness_of(self, unit: str) -> Fitness:
        return Fitness(
            in_service=unit not in self._out,
            clean=unit not in self._dirty,
            users=self.equipment.units[unit].users,
            because=self._out.get(unit) or self._dirty.get(unit, ""),
            idle_since=self._idle_since.get(unit),
        )
