"""Parcels of material: how much of which received lot, and what it has been through."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields

from plc_sim.material.ledger import Parts


def part_of(parts: Parts, fraction: float) -> dict[str, float]:
    """Give an even part of parts; `fraction` 0..1."""
    return {lot: grams * fraction for lot, grams in parts.items()}


def together(all_parts: Iterable[Parts]) -> dict[str, float]:
    """Give what several parts are together."""
    total: dict[str, float] = {}
    for parts in all_parts:
        for lot, grams in parts.items():
            total[lot] = total.get(lot, 0.0) + grams
    return total


def without(parts: Parts, gone: Parts) -> dict[str, float]:
    """Give parts less what is gone; what would fall below zero by rounding is zero and leaves."""
    left = {lot: grams - gone.get(lot, 0.0) for lot, grams in parts.items()}
    return {lot: grams for lot, grams in left.items() if grams > 0.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What material has been through, as numbers that blend by mass.

    `conversion` milling conversion 0..1 (M6), `crystal` crystallised fraction 0..1 (M4), `phase` phase kept 0..1 (M5),
    `overmill_kwh_kg` grinding energy after crystallisation (M7), `d50_um` median size, `hydrolysis_cc_g` H2S given off
    so far (M17), `exposure_ppm_min` water met while open, `agglomerates_per_g` lumps that no sieve or filter took out,
    `moisture_ppm` water that came with its lots and has neither dried off nor reacted, `solution` share that was made
    in a solvent instead of a mill 0..1, `fibrillated` how far its binder is drawn to fibrils 0..1.
    """

    conversion: float = 0.0
    crystal: float = 0.0
    phase: float = 1.0
    overmill_kwh_kg: float = 0.0
    d50_um: float = 20.0
    hydrolysis_cc_g: float = 0.0
    exposure_ppm_min: float = 0.0
    agglomerates_per_g: float = 0.0
    moisture_ppm: float = 0.0
    solution: float = 0.0
    fibrillated: float = 0.0


FINISHED = Condition(conversion=0.95, crystal=1.0, d50_um=3.0)
"""The condition of electrolyte powder that comes ready made."""
_NAMES = tuple(one.name for one in fields(Condition))
_SHARES = ("conversion", "crystal", "phase", "solution", "fibrillated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """Powder, liquid or slurry: `parts` (g by received lot) and condition.

    `residue_g` was left behind upstream and is weighed with the next loss.
    """

    parts: Parts
    condition: Condition = field(default_factory=Condition)
    residue_g: float = 0.0

    @property
    def mass_g(self) -> float:
        """Mass, g."""
        return sum(self.parts.values())

    def split(self, fraction: float) -> tuple[Parcel, Parcel]:
        """Give `fraction` (0..1) of the parcel, and the rest, which keeps the residue."""
        rest = part_of(self.parts, 1.0 - fraction)
        return (
            Parcel(parts=part_of(self.parts, fraction), condition=self.condition),
            Parcel(parts=rest, condition=self.condition, residue_g=self.residue_g),
        )

    def take(self, mass_g: float) -> tuple[Parcel, Parcel]:
        """Give `mass_g` of the parcel (all of it at most), and the rest."""
        whole = self.mass_g
        return self.split(min(1.0, mass_g / whole) if whole else 1.0)


def blend(parcels: Iterable[Parcel]) -> Parcel:
    """Mix parcels; conditions blend by mass. Raises ValueError for none."""
    several = tuple(parcels)
    if not several:
        raise ValueError("nothing to blend")
    first = several[0].condition
    if all(parcel.condition is first for parcel in several):
        # Doses of one slurry are blended at every stretch of web: what is the same stays the same, to the last digit.
        return Parcel(
            parts=together(parcel.parts for parcel in several),
            condition=first,
            residue_g=sum(parcel.residue_g for parcel in several),
        )
    weights = [parcel.mass_g for parcel in several]
    whole = sum(weights) or 1.0
    values = {
        name: sum(w * float(getattr(parcel.condition, name)) for w, parcel in zip(weights, several, strict=True))
        / whole
        for name in _NAMES
    }
    return Parcel(
        parts=together(parcel.parts for parcel in several),
        condition=Condition(**values),
        residue_g=sum(parcel.residue_g for parcel in several),
    )


def parcel_from(written: Mapping[str, object]) -> Parcel:
    """Read a parcel from its JSON form (`dataclasses.asdict`); raises ValueError naming what is wrong."""
    parts, condition = written.get("parts"), written.get("condition", {})
    if not isinstance(parts, Mapping) or not isinstance(condition, Mapping):
        raise ValueError("a parcel needs `parts` {lot: grams} and may have a `condition`")
    unknown = set(condition) - set(_NAMES)
    if unknown:
        raise ValueError(f"condition has no {', '.join(sorted(unknown))}; it has {', '.join(_NAMES)}")
    for name in condition:
        value = number_from(condition[name], f"condition: {name}")
        if name in _SHARES and value > 1.0:
            raise ValueError(f"condition: {name} = {condition[name]!r} is a share and cannot be above 1")
        check_powder(name, value, f"condition: {name}")
    return Parcel(
        parts={str(lot): number_from(grams, f"parts: {lot}") for lot, grams in parts.items()},
        condition=Condition(
            **{str(name): number_from(value, f"condition: {name}") for name, value in condition.items()}
        ),
    )


def check_powder(name: str, value: float, where: str) -> None:
    """Refuse a size or moisture that no powder has; raises ValueError that begins with `where`."""
    if name == "d50_um" and not 0.01 <= value <= 1e4:
        raise ValueError(f"{where} = {value:g} must be 0.01 to 10000 um")
    if name == "moisture_ppm" and value > 1e6:
        raise ValueError(f"{where} = {value:g} ppm is more than all of it")


def number_from(value: object, where: str) -> float:
    """Read a number that is finite and not below 0; raises ValueError that begins with `where`."""
    try:
        number = math.nan if isinstance(value, bool) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if math.isnan(number):
        raise ValueError(f"{where} = {value!r} is no number")
    if not 0.0 <= number < math.inf:
        raise ValueError(f"{where} = {value!r} must be finite and not below 0")
    return number
