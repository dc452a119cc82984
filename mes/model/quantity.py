"""Quantities: an exact decimal with its unit of measure, written the way the plant writes units.

Some words of the plant are dimensions of their own, because a conversion would need a fact that no unit holds: `%LEL`
(which gas?), `NL` (at which state is the gas now?), `rpm` (a turn is no radian and no count per second) and `deg`. They
convert to nothing but themselves. `%`, `vol%`, `ppm` and `1` are shares of a whole and convert into each other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation
from difflib import get_close_matches
from fractions import Fraction
from functools import cache
from typing import Any

_DEFINITIONS = (
    "plant_turn = [plant_turning]",
    "plant_rpm = plant_turn / minute",
    "plant_normal_litre = [plant_normal_volume]",
    "plant_percent_lel = [plant_lower_explosive_limit]",
    "plant_degree = [plant_angle]",
    "plant_ppm = 1e-6",
)
_SPELLING = {
    "%": "percent",
    "vol%": "percent",
    "%LEL": "plant_percent_lel",
    "ppm": "plant_ppm",
    "rpm": "plant_rpm",
    "deg": "plant_degree",
    "NL": "plant_normal_litre",
    "1": "dimensionless",
    "um": "micrometer",
    "\N{MICRO SIGN}m": "micrometer",
    "\N{GREEK SMALL LETTER MU}m": "micrometer",
    "degC": "degC",
    "C": "degC",
    "cc": "centimeter ** 3",
}
PLANT_UOMS = (
    "% %LEL 1 1/h 1/m2 A Hz K N N/mm NL/min Pa Pa.s V bar cm2 deg degC degC/min g g/m g/min h kWh/kg kg kg/h m m/min "
    "m/s m3/h mL mL/min mS/cm mV mbar mbar.L/s mbar.l/s mg/cm2 min mm mm/s ppm rpm s um vol%"
).split()
"""Units of measure of the pilot plant, offered when a text names one that does not exist; others of the SI work too."""

_PART = "(?:%LEL|vol%|%|[A-Za-z\N{MICRO SIGN}\N{GREEK SMALL LETTER MU}]+[2-9]?)"
UOM_PATTERN = rf"(?:1|{_PART})(?:[./*]{_PART})*"
"""Regular expression of everything that may be a unit of measure: no spaces, no brackets, powers as in `mg/cm2`."""

_UOM = re.compile(UOM_PATTERN)
_QUANTITY = re.compile(r"\s*([+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)\s*(\S.*?)?\s*")
_LARGEST_EXPONENT = 99
_SIGNIFICANT = 15
"""Digits of a float that are surely right, and more than any scale has."""


class UomError(ValueError):
    """A unit of measure that is unknown, or two that do not fit together; the message names them."""


def _unknown(uom: str) -> UomError:
    by_lower = {known.lower(): known for known in PLANT_UOMS}
    near = get_close_matches(uom.lower().replace(" ", "").replace("\N{DEGREE SIGN}", "deg"), by_lower, n=1, cutoff=0.4)
    hint = f"did you mean {by_lower[near[0]]!r}?" if near else f"known are for example {', '.join(PLANT_UOMS)}"
    return UomError(f"unknown unit of measure {uom!r}; {hint}")


@cache
def _registry() -> Any:
    # Made when the first unit is looked at: a command that only lists things should not wait for it.
    import pint

    registry: pint.UnitRegistry[float] = pint.UnitRegistry(autoconvert_offset_to_baseunit=True, cache_folder=None)
    for definition in _DEFINITIONS:
        registry.define(definition)
    return registry


@cache
def _unit(uom: str) -> Any:
    if _UOM.fullmatch(uom) is None:
        raise _unknown(uom)
    parts = re.split(r"([./*])", uom)
    # A temperature inside a rate is a difference: degC/min converts by the factor, never by the offset.
    compound = len(parts) > 1
    words = []
    for part in parts:
        if part == ".":
            words.append("*")
            continue
        word = _SPELLING.get(part, re.sub(r"^(\D+)(\d)$", r"\1 ** \2", part))
        words.append("delta_degC" if compound and word == "degC" else word)
    try:
        return _registry().Unit(" ".join(words))
    except (AttributeError, ValueError, TypeError, SyntaxError):  # an undefined unit is an AttributeError
        raise _unknown(uom) from None


def check_uom(uom: str) -> None:
    """Raise `UomError` unless `uom` is a unit of measure that is known here (`degC/min`, `mbar`, `mg/cm2`, `1` ...)."""
    _unit(uom)


def comparable(first: str, second: str) -> bool:
    """Say whether values in these two units of measure can be compared and converted."""
    return bool(_unit(first).dimensionality == _unit(second).dimensionality)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scale:
    """A value in one unit of measure, times `factor`, through `divisor`, plus `offset`, is the value in another."""

    factor: Decimal
    divisor: Decimal
    offset: Decimal


def _exact(value: float) -> Decimal:
    return Decimal(f"{value:.{_SIGNIFICANT}g}").normalize()


@cache
def _scale(source: str, target: str) -> _Scale:
    if not comparable(source, target):
        raise UomError(f"{source!r} cannot be converted to {target!r}: they measure different things")
    from_unit, to_unit = _unit(source), _unit(target)
    offset = _registry().Quantity(0.0, from_unit).to(to_unit).magnitude
    if offset != 0.0:
        # Far from zero, so that the difference of two temperatures keeps its digits.
        rise = (_registry().Quantity(1e6, from_unit).to(to_unit).magnitude - offset) / 1e6
        return _Scale(factor=Decimal(f"{rise:.10g}"), divisor=Decimal(1), offset=Decimal(f"{offset:.10g}"))
    there = _exact(_registry().Quantity(1.0, from_unit).to(to_unit).magnitude)
    back = _exact(_registry().Quantity(1.0, to_unit).to(from_unit).magnitude)
    # Of 60 and 0.0166666666666667 only the short one is exact: 90 min are 1.5 h, not 1.500000000000003 h.
    if len(back.as_tuple().digits) < len(there.as_tuple().digits):
        return _Scale(factor=Decimal(1), divisor=back, offset=Decimal(0))
    return _Scale(factor=there, divisor=Decimal(1), offset=Decimal(0))


def ratio(source: str, target: str) -> Fraction:
    """Give what one `source` is in `target`, as an exact fraction.

    Raises `UomError` when they measure different things or have different zeros.
    """
    scale = _scale(source, target)
    if scale.offset != 0:
        raise UomError(f"{source!r} and {target!r} have different zeros: one is no multiple of the other")
    return Fraction(scale.factor) / Fraction(scale.divisor)


@cache
def has_own_zero(uom: str) -> bool:
    """Say whether zero in this unit of measure is not nothing, as in `degC`: such a value has no double and no half."""
    base = str(_unit(uom).dimensionality)
    return base == "[temperature]" and _scale(uom, "K").offset != 0


def convert(value: float, source: str, target: str) -> float:
    """Convert a signal value between units of measure.

    Raises `UomError` when they measure different things.
    """
    if source == target:
        return value
    scale = _scale(source, target)
    return value * float(scale.factor) / float(scale.divisor) + float(scale.offset)


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount of something: exact decimal `value` in `uom`. The record holds these, never bare floats."""

    value: Decimal
    uom: str

    def to(self, uom: str) -> Quantity:
        """Give the same amount in another unit of measure; raises `UomError` when it does not fit."""
        if uom == self.uom:
            return self
        scale = _scale(self.uom, uom)
        if scale.divisor == 1:
            return Quantity(self.value * scale.factor + scale.offset, uom)
        digits = max(_SIGNIFICANT, len(self.value.as_tuple().digits))
        return Quantity(Context(prec=digits).divide(self.value, scale.divisor), uom)

    def _beside(self, other: Quantity) -> Decimal:
        if other.uom != self.uom and _scale(other.uom, self.uom).offset != 0:
            raise UomError(f"{other} and {self} have different zeros: convert one of them before adding or subtracting")
        return other.to(self.uom).value

    def __add__(self, other: Quantity) -> Quantity:
        return Quantity(self.value + self._beside(other), self.uom)

    def __sub__(self, other: Quantity) -> Quantity:
        return Quantity(self.value - self._beside(other), self.uom)

    def times(self, factor: Decimal | int) -> Quantity:
        """Give this amount times a pure number."""
        return Quantity(self.value * factor, self.uom)

    def __str__(self) -> str:
        value = self.value.normalize()
        text = f"{value:f}"
        return text if self.uom == "1" else f"{text} {self.uom}"


def measured(value: float, uom: str) -> Quantity:
    """Make a quantity of a measured signal: seven significant digits, which is what a REAL on the wire carries."""
    return Quantity(Decimal(f"{value:.7g}"), uom)


def parse_quantity(text: str) -> Quantity:
    """Read `"3 degC/min"`, `"0.1 %"` or `"4"` (a pure number).

    Raises `UomError` that says what is wrong with the text.
    """
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise UomError(f"{text!r} is not a quantity; write a number and a unit of measure, for example '550 degC'")
    uom = match[2] or "1"
    if uom.startswith(","):
        raise UomError(f"{text!r} has a comma in its number; write a point, for example '0.5 g'")
    check_uom(uom)
    return Quantity(_number(match[1]), uom)


def _number(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:  # an exponent that no computer holds
        value = Decimal("Infinity")
    if value.is_infinite() or abs(value.adjusted()) > _LARGEST_EXPONENT:
        raise UomError(
            f"{text} is no amount: exponents go from -{_LARGEST_EXPONENT} to {_LARGEST_EXPONENT}; correct the number"
        )
    return value
