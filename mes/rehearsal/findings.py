"""What came of a dry run, read from the record of its batch: times, units, amounts, and what went wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mes.model.balance import MassBalance
from mes.model.events import Alarm, Allocation, Consume, Deallocation, Produce, StateChange, StateCommand
from mes.model.lots import Role
from mes.model.quantity import Quantity, comparable
from mes.model.recipe import Balance, ControlRecipe
from mes.model.states import FINAL, Command, ProceduralState
from mes.model.steering import Deviation, ExceptionRaised, TestResults, UnitRequest
from mes.recipes.schedule import Span, Spans
from mes.rehearsal.deliveries import as_weighed, usual_assay
from mes.store.journal import Entry


def spans_of(entries: Sequence[Entry], began: datetime) -> Spans:
    """Give when each element ran, in process seconds from `began`; what has not ended, ends with the record.

    A phase begins with the command to start it, so that those of one sync begin at the same moment.
    """
    found: dict[str, list[Span]] = {}
    open_s: dict[str, float] = {}
    for entry in entries:
        fact = entry.fact
        at_s = (entry.at - began).total_seconds()
        if isinstance(fact, StateCommand) and fact.exec_id and fact.command is Command.START:
            open_s[fact.path] = at_s
        if not isinstance(fact, StateChange):
            continue
        if fact.before is ProceduralState.IDLE:
            open_s.setdefault(fact.path, at_s)
        if fact.after in FINAL and fact.path in open_s:
            found.setdefault(fact.path, []).append((open_s.pop(fact.path), at_s))
    end_s = (entries[-1].at - began).total_seconds()
    for path, start_s in open_s.items():
        found.setdefault(path, []).append((start_s, end_s))
    return {path: tuple(spans) for path, spans in found.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitUse:
    """How often and how long the batch held a unit and waited for it, in process seconds."""

    unit: str
    times: int
    held_s: float
    waited_s: float


def unit_uses(entries: Sequence[Entry]) -> Sequence[UnitUse]:
    """Give the use of every unit, in the order in which the batch first had them."""
    asked: dict[str, datetime] = {}
    given: dict[tuple[str, str], datetime] = {}
    times: dict[str, int] = {}
    held: dict[str, float] = {}
    waited: dict[str, float] = {}
    for entry in entries:
        match entry.fact:
            case UnitRequest(path=path):
                asked[path] = entry.at
            case Allocation(path=path, unit=unit):
                times[unit] = times.get(unit, 0) + 1
                given[path, unit] = entry.at
                since = asked.get(path, entry.at)
                waited[unit] = waited.get(unit, 0.0) + (entry.at - since).total_seconds()
            case Deallocation(path=path, unit=unit) if (path, unit) in given:
                since = given.pop((path, unit))
                held[unit] = held.get(unit, 0.0) + (entry.at - since).total_seconds()
    for (_, unit), since in given.items():
        held[unit] = held.get(unit, 0.0) + (entries[-1].at - since).total_seconds()
    return [
        UnitUse(unit=unit, times=count, held_s=held.get(unit, 0.0), waited_s=waited.get(unit, 0.0))
        for unit, count in times.items()
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountLine:
    """One material of the formula: what was expected of it (None: the recipe does not say) and what it came to."""

    role: str
    name: str
    material: str
    expected: Quantity | None
    actual: Quantity | None


def amount_lines(
    control: ControlRecipe, loss: Balance | None, entries: Sequence[Entry], balance: MassBalance
) -> Sequence[AmountLine]:
    """Give what was consumed, produced and lost against the formula; needs are those of lots of the usual assay."""
    facts = [entry.fact for entry in entries]
    made = [fact for fact in facts if isinstance(fact, Produce) and fact.role is not Role.LOSS]
    consumed = _sums((fact.input, fact.quantity) for fact in facts if isinstance(fact, Consume))
    produced = _sums((fact.output, fact.quantity) for fact in made)
    masses = _sums((fact.output, fact.mass) for fact in made if fact.mass is not None)
    lines = [
        AmountLine(
            role="input",
            name=name,
            material=needed.material,
            expected=as_weighed(needed, usual_assay(needed)),
            actual=consumed.get(name),
        )
        for name, needed in control.inputs.items()
    ]
    for name, output in control.outputs.items():
        actual = produced.get(name)
        if actual is not None and output.expected is not None and not comparable(actual.uom, output.expected.uom):
            actual = masses.get(name, actual)
        lines.append(
            AmountLine(
                role=output.role.value, name=name, material=output.material, expected=output.expected, actual=actual
            )
        )
    expected = None
    if loss is not None:
        expected = Quantity(loss.per_unit_g * control.size.value + loss.fixed_g, "g")
    lost = Quantity(balance.lost_g, "g") if balance.losses else None
    lines.append(AmountLine(role="loss", name="losses", material="", expected=expected, actual=lost))
    return lines


def _sums(amounts: Iterable[tuple[str, Quantity]]) -> Mapping[str, Quantity]:
    sums: dict[str, Quantity] = {}
    for name, amount in amounts:
        before = sums.get(name)
        value = amount.value if before is None else before.value + amount.to(before.uom).value
        sums[name] = Quantity(value, amount.uom if before is None else before.uom)
    return sums


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that a person would look into: a deviation, an alarm, an exception, results out of specification."""

    at_s: float
    kind: str
    path: str
    text: str


def events_of(entries: Sequence[Entry], began: datetime) -> Sequence[Event]:
    """Give them in the order they happened, in process seconds from `began`."""
    found = []
    for entry in entries:
        match entry.fact:
            case Deviation(text=text):
                kind, said = "deviation", text
            case Alarm(source=source, text=text):
                kind, said = "alarm", f"{source}: {text}"
            case ExceptionRaised(because=because):
                kind, said = "exception", because
            case TestResults(passed=False, results=results):
                told = ", ".join(f"{name} {value}" for name, value in results.items())
                kind, said = "results", f"out of specification: {told}"
            case _:
                continue
        found.append(Event(at_s=(entry.at - began).total_seconds(), kind=kind, path=entry.path, text=said))
    return found
