"""The truth: where every gram of every received lot is, by container, place and metre of web."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from typing import Any

from plc_sim.material.conductivity import powder_ms_cm, web_ms_cm, web_ohm_cm2
from plc_sim.material.holdings import Container, Holdings, Place
from plc_sim.material.ledger import Ledger, Parts
from plc_sim.material.parcel import Parcel, together
from plc_sim.material.web import Stretch, Web

SAME = 1e-9
"""Compositions that differ by less than this part count as one stretch when a web is told."""


def truth(holdings: Holdings) -> dict[str, object]:
    """Give the whole truth as JSON-ready tables.

    `lots`: what was received and drawn. `containers` and `places`: what lies where. `exits`: what left, by way.
    `unaccounted`: what was drawn and is nowhere, by lot: zero within rounding, or the simulator itself loses material.
    """
    ledger = holdings.ledger
    places = {
        name: [contents_truth(parcel, ledger) for parcel in place.all()]
        for name, place in _places(holdings)
        if place.first() is not None
    }
    return {
        "lots": [{**asdict(lot), "drawn": ledger.drawn.get(name, 0.0)} for name, lot in sorted(ledger.lots.items())],
        "containers": [container_truth(one, ledger) for one in holdings.containers.values()],
        "places": places,
        "exits": {way: dict(sorted(parts.items())) for way, parts in sorted(ledger.exits.items())},
        "unaccounted": unaccounted(holdings),
    }


def unaccounted(holdings: Holdings) -> dict[str, float]:
    """Give what was drawn of each lot and is neither in a place, in a container, nor gone by a known way (g or m)."""
    found = together(
        [
            *holdings.ledger.exits.values(),
            *(parts for _, place in _places(holdings) for parcel in place.all() for parts in _all_parts(parcel)),
            *(
                # What is left of a delivery in its own container was never drawn.
                {lot: grams for lot, grams in parts.items() if lot != container.label}
                for container in holdings.containers.values()
                for parts in _all_parts(container.contents)
            ),
        ]
    )
    drawn = holdings.ledger.drawn
    return {lot: drawn.get(lot, 0.0) - found.get(lot, 0.0) for lot in sorted({*drawn, *found})}


def container_truth(container: Container, ledger: Ledger) -> dict[str, object]:
    """Tell one container."""
    return {"label": container.label, "where": container.where, **contents_truth(container.contents, ledger)}


def contents_truth(contents: Parcel | Web, ledger: Ledger) -> dict[str, object]:
    """Tell a parcel (mass, parts, condition, its lots) or a roll (the same for each stretch of even composition).

    `sigma_mS_cm` is the conductivity at 25 degC, of powder in a standard pellet; `asr_ohm_cm2` that of the film.
    """
    if isinstance(contents, Parcel):
        return {
            "kind": "parcel",
            "mass_g": contents.mass_g,
            "parcel": {"parts": dict(contents.parts), "condition": asdict(contents.condition)},
            "lots": [asdict(ledger.lots[lot]) for lot in sorted(contents.parts) if lot in ledger.lots],
            "sigma_mS_cm": powder_ms_cm(contents, ledger),
        }
    conductivity = web_ms_cm(contents, ledger)
    return {
        "kind": "web",
        "length_m": contents.length_m,
        "mass_g": contents.mass_g,
        "coated_width_m": contents.coated_width_m,
        "areal_mg_cm2": contents.areal_mg_cm2,
        "thickness_um": contents.thickness_um,
        "porosity": contents.porosity,
        "parts": contents.parts,
        "carrier": contents.carrier,
        "sigma_mS_cm": conductivity,
        "asr_ohm_cm2": web_ohm_cm2(contents, conductivity),
        "metres": metres(contents.stretches),
    }


def metres(stretches: Iterable[Stretch]) -> list[dict[str, object]]:
    """Tell a web from its innermost metre outwards; neighbours of one composition are told together."""
    told: list[dict[str, object]] = []
    shares: Mapping[str, float] = {}
    start_m = end_m = 0.0
    first: Stretch | None = None
    for stretch in stretches:
        now = _shares(stretch)
        if first is not None and not (_same(shares, now) and first.carrier.keys() == stretch.carrier.keys()):
            told.append(_metre(first, start_m, end_m, shares))
            start_m, first = end_m, None
        if first is None:
            first, shares = stretch, now
        end_m += stretch.length_m
    if first is not None:
        told.append(_metre(first, start_m, end_m, shares))
    return told


def _metre(first: Stretch, start_m: float, end_m: float, shares: Mapping[str, float]) -> dict[str, object]:
    return {
        "from_m": start_m,
        "to_m": end_m,
        "composition": dict(sorted(shares.items())),
        "carrier": sorted(first.carrier),
        "porosity": first.porosity,
        "binder_migration": first.migration,
        "condition": asdict(first.condition),
    }


def _shares(stretch: Stretch) -> dict[str, float]:
    whole = stretch.mass_g or 1.0
    return {lot: grams / whole for lot, grams in stretch.parts.items()}


def _same(one: Mapping[str, float], other: Mapping[str, float]) -> bool:
    return one.keys() == other.keys() and all(abs(share - other[lot]) <= SAME for lot, share in one.items())


def _all_parts(contents: Parcel | Web) -> tuple[Parts, ...]:
    return (contents.parts,) if isinstance(contents, Parcel) else (contents.parts, contents.carrier)


def _places(holdings: Holdings) -> Iterable[tuple[str, Place[Any]]]:
    for one in fields(holdings):
        place = getattr(holdings, one.name)
        if isinstance(place, Place):
            yield one.name, place
