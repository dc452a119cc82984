"""Play files: read strictly from TOML, against the tag maps of the plant they are for."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

from plc_sim.faults.catalogue import nearest
from plc_sim.faults.order import process_seconds
from plc_sim.material.ledger import ReceivedLot
from plc_sim.plant import TICK_S
from plc_sim.play.script import (
    SCAN_S,
    Bring,
    Command,
    Line,
    Play,
    Receive,
    Reset,
    Start,
    Step,
    Take,
    Wait,
    labels_made,
)
from plc_sim.states import PhaseCommand
from plc_sim.tagmap import PhaseClass, Slot, TagMap

Table = Mapping[str, object]

COMMANDS = {
    command.name.lower(): command for command in PhaseCommand if command not in (PhaseCommand.START, PhaseCommand.RESET)
}
"""Commands at a process time: starts and the reset after the end belong to the steps of a line."""
STEPS = ("phase", "bring", "take", "receive", "wait")
LONGEST_SCAN_S = 3600.0


def read_play(path: Path, maps: Sequence[TagMap]) -> Play:
    """Read a play for the PLCs of these maps.

    Raises ValueError with one line naming the file, the entry, the value and the nearest right thing.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"{path}: cannot read the play: {error.strerror or error}") from error
    except ValueError as error:
        raise ValueError(f"{path}: not a TOML file ({error})") from error
    with _at(str(path)):
        return _Reader(maps).play(content)


class _Reader:
    def __init__(self, maps: Sequence[TagMap]) -> None:
        self._slots = {slot.name: slot for tag_map in maps for slot in tag_map.slots}
        self._units = [unit for tag_map in maps for unit in tag_map.units]

    def play(self, content: Table) -> Play:
        _only(content, ("scan", "line", "command"))
        scan_s = process_seconds("scan =", content.get("scan", SCAN_S))
        if scan_s % TICK_S or not TICK_S <= scan_s <= LONGEST_SCAN_S:
            raise ValueError(f"scan = {content['scan']!r} must be whole seconds, 1 s to 1 h")
        lines = tuple(self._line(entry, n) for n, entry in enumerate(_entries(content, "line"), start=1))
        if not lines:
            raise ValueError("no [[line]] entry: a play without steps plays nothing")
        commands: list[Command | Reset] = []
        for number, entry in enumerate(_entries(content, "command"), start=1):
            with _at(f"[[command]] {number}"):
                commands.append(self._command(entry))
        _check_labels(lines)
        # In the order of their times; what has the same time, in the order of the file.
        return Play(scan_s=scan_s, lines=lines, commands=tuple(sorted(commands, key=lambda one: one.at_s)))

    def _line(self, entry: Table, number: int) -> Line:
        name = entry.get("name")
        if not isinstance(name, str) or not name:
            raise ValueError(f'[[line]] {number}: it needs a name, such as name = "powder"')
        rounds, entries = entry.get("rounds", 1), entry.get("steps")
        steps: list[Step] = []
        with _at(f"line {name}"):
            _only(entry, ("name", "rounds", "steps"))
            if isinstance(rounds, bool) or not isinstance(rounds, int) or rounds < 1:
                raise ValueError(f"rounds = {rounds!r} must be a whole number above 0")
            if not isinstance(entries, list) or not entries:
                raise ValueError("it needs steps = [...], with at least one step")
            for place, step in enumerate(entries, start=1):
                with _at(f"step {place}"):
                    steps.append(self._step(step))
        return Line(name=name, rounds=rounds, steps=tuple(steps))

    def _step(self, entry: object) -> Step:
        if not isinstance(entry, dict):
            raise ValueError(f'{entry!r} must be a table, such as {{ wait = "10min" }}')
        kinds = [key for key in entry if key in STEPS]
        if len(kinds) != 1:
            raise ValueError(f"a step has one of {', '.join(STEPS)}; this one has {', '.join(entry) or 'nothing'}")
        kind = kinds[0]
        if kind == "phase":
            return self._start(entry)
        if kind == "wait":
            _only(entry, ("wait",))
            return Wait(seconds=process_seconds("wait =", entry["wait"]))
        label = _text(entry, kind)
        if kind == "receive":
            return Receive(lot=_lot(label, entry))
        if kind == "bring":
            _only(entry, ("bring", "to"))
            return Bring(label=label, unit=self._unit(entry, "to"))
        _only(entry, ("take", "from"))
        return Take(unit=self._unit(entry, "from"), label=label)

    def _start(self, entry: Table) -> Start:
        slot = self._slot(entry)
        name = _text(entry, "phase")
        phases = {phase.name: phase for phase in slot.phases.values()}
        if name not in phases:
            raise ValueError(f"slot {slot.name} has no phase {name!r}{nearest(name, phases)}")
        phase = phases[name]
        given = {key: value for key, value in entry.items() if key not in ("phase", "on")}
        known = {one.name: one.default for one in phase.parameters}
        values = known | _parameters(given, [phase])
        return Start(slot=slot.name, phase=phase, values=tuple(values.values()))

    def _command(self, entry: Table) -> Command | Reset:
        at_s = process_seconds("at =", entry.get("at", "nothing"))
        if "reset" in entry:
            _only(entry, ("at", "reset", "on"))
            return Reset(at_s=at_s, unit=self._unit(entry, "on"), interlock=_text(entry, "reset"))
        slot, word = self._slot(entry), _text(entry, "do")
        if word not in COMMANDS:
            raise ValueError(f"do = {word!r} is no command{nearest(word, COMMANDS)}")
        command = COMMANDS[word]
        if command is not PhaseCommand.UPDATE:
            _only(entry, ("at", "do", "on"))
        given = {key: value for key, value in entry.items() if key not in ("at", "do", "on")}
        changed = _parameters(given, slot.phases.values())
        return Command(at_s=at_s, slot=slot.name, command=command, changed=changed)

    def _slot(self, entry: Table) -> Slot:
        name = _text(entry, "on")
        if name not in self._slots:
            raise ValueError(f"no slot is named {name!r}{nearest(name, self._slots)}")
        return self._slots[name]

    def _unit(self, entry: Table, key: str) -> str:
        name = _text(entry, key)
        if name.partition(".")[0] not in self._units:  # a unit may have a second place, such as PK-501.SAMPLES
            raise ValueError(f"no unit is named {name!r}{nearest(name, self._units)}")
        return name


def _parameters(given: Table, phases: Iterable[PhaseClass]) -> dict[str, float]:
    """Read parameters that at least one of the phases has, within its limits there."""
    known = {one.name: one for phase in phases for one in phase.parameters}
    values: dict[str, float] = {}
    for key, value in given.items():
        if key not in known:
            raise ValueError(f"no parameter is named {key!r}{nearest(key, known)}")
        one = known[key]
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ValueError(f"{key} = {value!r} must be a number, in {one.uom}")
        if not one.min <= value <= one.max:
            raise ValueError(f"{key} = {value:g} must be {one.min:g} to {one.max:g} {one.uom}")
        values[key] = float(value)
    return values


def _lot(label: str, entry: Table) -> dict[str, object]:
    keys = [one.name for one in fields(ReceivedLot) if one.name != "lot"]
    _only(entry, ("receive", *keys))
    for key in ("material", "amount"):
        if key not in entry:
            raise ValueError(f'it needs {key}, as in {{ receive = "L-1", material = "Li2S", amount = 500 }}')
    _text(entry, "material")
    for key, value in entry.items():
        if key not in ("receive", "material") and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise ValueError(f"{key} = {value!r} must be a number")
    return {"lot": label, **{key: entry[key] for key in keys if key in entry}}


def _check_labels(lines: Iterable[Line]) -> None:
    """Refuse a label that is given twice, and one that is brought and never given."""
    made: set[str] = set()
    brought: list[tuple[str, str]] = []
    for line in lines:
        for number in range(1, line.rounds + 1):
            steps = line.round(number)
            for label in labels_made(steps):
                if label in made:
                    raise ValueError(f"line {line.name}: label {label} is given twice; put {{round}} into it")
                made.add(label)
            brought += [(line.name, step.label) for step in steps if isinstance(step, Bring)]
    for name, label in brought:
        if label not in made:
            raise ValueError(f"line {name}: nobody receives or takes a container {label}{nearest(label, made)}")


def _entries(content: Table, key: str) -> list[Table]:
    entries = content.get(key, [])
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise ValueError(f"{key} must be written as [[{key}]] entries")
    return entries


def _only(entry: Table, keys: Collection[str]) -> None:
    for key in entry:
        if key not in keys:
            raise ValueError(f"{key!r} means nothing here{nearest(key, keys)}")


def _text(entry: Table, key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{key} = {value!r} must be a name" if key in entry else f"it needs {key} = a name")
    return value


@contextmanager
def _at(place: str) -> Iterator[None]:
    """Put the place before what is wrong there."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from error
