"""What is asked for at any of the three doors: one fault, its target, when, how long and how bad."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from plc_sim.faults.catalogue import kind_named, nearest
from plc_sim.faults.kinds import FaultKind, FaultParameter, Target

RESERVED = ("name", "target", "at", "for")
SECONDS = {"": 1.0, "s": 1.0, "min": 60.0, "h": 3600.0}
TIME = re.compile(r"\s*(?P<number>[0-9.eE+]+)\s*(?P<unit>[a-z]*)\s*")
LONGEST_S = 1e9
"""No plant runs for longer, s (30 years)."""
EXAMPLE = '"link-down SY at=10min for=60s"'


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultOrder:
    """One fault as asked for. `at_s` and `for_s` are process seconds; None: now, and until it is cleared."""

    kind: FaultKind
    target: str
    at_s: float | None
    for_s: float | None
    values: Mapping[str, float]


def order_from_line(line: str) -> FaultOrder:
    """Read `NAME [TARGET] [at=TIME] [for=TIME] [PARAMETER=NUMBER]...`; raises ValueError naming the fault."""
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise ValueError(f"{line!r} cannot be read ({error}); write it such as {EXAMPLE}") from error
    plain = [word for word in words if "=" not in word]
    if not 1 <= len(plain) <= 2:
        raise ValueError(f"{line!r} must name a fault and what it strikes, such as {EXAMPLE}")
    entry: dict[str, object] = dict(zip(("name", "target"), plain, strict=False))
    for word in words:
        key, equals, value = word.partition("=")
        if equals:
            if key in entry:
                raise ValueError(f"{line!r}: {key} is given twice")
            entry[key] = value
    return order_from(entry)


def order_from(entry: Mapping[str, object]) -> FaultOrder:
    """Read an order from its keys: `name`, `target`, `at`, `for`, and the parameters of the fault.

    Raises ValueError naming the fault, the key, the value and the nearest right thing.
    """
    name = entry.get("name")
    if not isinstance(name, str):
        raise ValueError(f'a fault needs its name, such as name = "link-down"; it has {", ".join(entry) or "nothing"}')
    kind = kind_named(name)
    target = entry.get("target", "")
    if not isinstance(target, str):
        raise ValueError(f"{name}: target = {target!r} must be a name")
    for_s = process_seconds(f"{name}: for =", entry["for"]) if "for" in entry else None
    if for_s is not None and kind.momentary:
        raise ValueError(f"{name} is over as soon as it began; take plc-stop or power-cut to last for a time")
    if for_s == 0.0:
        raise ValueError(f"{name}: for = 0 must be longer")
    return FaultOrder(
        kind=kind,
        target=_single_unit(kind, target),
        at_s=process_seconds(f"{name}: at =", entry["at"]) if "at" in entry else None,
        for_s=for_s,
        values=_values(kind, entry),
    )


def _single_unit(kind: FaultKind, target: str) -> str:
    if target:
        return target
    if kind.target is Target.SITE:
        return kind.units[0]
    raise ValueError(f"{kind.name} needs a target: the name of a {kind.target.word}")


def _values(kind: FaultKind, entry: Mapping[str, object]) -> dict[str, float]:
    values = {parameter.name: parameter.default for parameter in kind.parameters}
    for key, value in entry.items():
        if key in RESERVED:
            continue
        if key not in values:
            raise ValueError(f"{kind.name} has no parameter {key!r}{nearest(key, (*values, *RESERVED[1:]))}")
        (parameter,) = (one for one in kind.parameters if one.name == key)
        values[key] = _value(kind.name, parameter, value)
    return values


def _value(fault: str, parameter: FaultParameter, raw: object) -> float:
    place = f"{fault}: {parameter.name} = {raw!r}"
    value = process_seconds(f"{fault}: {parameter.name} =", raw) if parameter.unit == "s" else _number(raw, parameter)
    if math.isnan(value):
        raise ValueError(f"{place} must be a number, in {parameter.unit}")
    if not parameter.low <= value <= parameter.high:
        raise ValueError(f"{place} must be {parameter.low:g} to {parameter.high:g} {parameter.unit}")
    if parameter.only and value not in parameter.only:
        raise ValueError(f"{place} must be one of {', '.join(f'{one:g}' for one in parameter.only)}")
    return value


def _number(raw: object, parameter: FaultParameter) -> float:
    """Give a number, its own unit after it or not; NaN for what is none."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        return math.nan
    try:
        return float(raw.strip().removesuffix(parameter.unit) if isinstance(raw, str) else raw)
    except ValueError:
        return math.nan


def process_seconds(where: str, raw: object) -> float:
    """Read a process time, such as 600, "600s", "10min" or "2h"; raises ValueError beginning with `where`."""
    place = f"{where} {raw!r} must be a time, such as 600, 600s, 10min or 2h"
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise ValueError(place)
    text = raw if isinstance(raw, str) else repr(raw)
    found = TIME.fullmatch(text)
    if found is None or found["unit"] not in SECONDS:
        raise ValueError(place)
    try:
        seconds = float(found["number"]) * SECONDS[found["unit"]]
    except ValueError:
        raise ValueError(place) from None
    if not math.isfinite(seconds):
        raise ValueError(place)
    if not seconds <= LONGEST_S:
        raise ValueError(f"{where} {raw!r} is more than {LONGEST_S:g} s of process time")
    return seconds
