"""How far the genealogy that the MES recorded agrees with where the plant knows its material to be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mes.genealogy import Trace, trace
from mes.store.database import Database
from mes.store.edges import LotEdge
from mes.store.errors import NotInBooks

SOLVENT, CARRIER = "Xylene", "PET carrier film"
SHARE = 0.01
"""A lot's share of a product may differ by this part: losses are booked by weight, not by what was in them."""
DRAWN, DRAWN_G = 2e-3, 0.2
"""What was taken of a lot may differ by this part, or by what the noise of a few weighings comes to (g or m)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Agreement 0..1 in lots (found of all that are in either book) and in quantities (right ones of all compared)."""

    lots: float
    quantities: float
    findings: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join([f"lots {self.lots:.4f}, quantities {self.quantities:.4f}", *self.findings])


@dataclass(slots=True)
class _Tally:
    same: int = 0
    seen: int = 0
    right: int = 0
    compared: int = 0

    def score(self, findings: Iterable[str]) -> Score:
        return Score(
            lots=self.same / max(1, self.seen),
            quantities=self.right / max(1, self.compared),
            findings=tuple(findings),
        )


def score_of(database: Database, truth: Mapping[str, Any], products: Iterable[str]) -> Score:
    """Compare the backward trace of every product, and what was drawn of every lot, with the truth of the plant."""
    tally, findings = _Tally(), list[str]()
    containers = {one["label"]: one for one in truth["containers"]}
    materials = {lot["lot"]: lot["material"] for lot in truth["lots"]}
    for product in products:
        _compare(product, trace(database, product), containers[product], materials, tally, findings)
    for lot in truth["lots"]:
        _compare_drawn(database, lot, tally, findings)
    return tally.score(findings)


def _compare(
    product: str,
    booked: Trace,
    container: Mapping[str, Any],
    materials: Mapping[str, str],
    tally: _Tally,
    findings: list[str],
) -> None:
    inside = _inside(container)
    touched = {*inside, *container.get("carrier", {})}
    recorded = {lot.lot_no for lot in booked.lots if lot.batch_no is None and lot.depth}
    tally.seen += len(touched | recorded)
    tally.same += len(touched & recorded)
    for lot in sorted(touched - recorded):
        findings.append(f"{product}: {lot} ({materials[lot]}) is in it and not in its genealogy")
    for lot in sorted(recorded - touched):
        findings.append(f"{product}: {lot} is in its genealogy and not in it")
    dry = {lot: grams for lot, grams in inside.items() if materials[lot] != SOLVENT}
    whole = sum(dry.values())
    shares = _shares(booked, materials)
    for lot in sorted(dry.keys() & shares.keys()):
        tally.compared += 1
        true_share, share = dry[lot] / whole, shares[lot]
        if abs(share - true_share) <= SHARE * true_share:
            tally.right += 1
        else:
            findings.append(f"{product}: {lot} is {share:.4%} of it by the genealogy, {true_share:.4%} in truth")


def _shares(booked: Trace, materials: Mapping[str, str]) -> Mapping[str, float]:
    """Give the received lots' shares of the traced lot's dry mass, mixing at every step what went in by weight.

    Solvent has gone, and carrier is counted in metres: neither is among the shares.
    """
    into: dict[str, list[LotEdge]] = {}
    for edge in booked.edges:
        into.setdefault(edge.child, []).append(edge)

    def of(lot: str) -> Mapping[str, float]:
        edges = [edge for edge in into.get(lot, []) if materials.get(edge.parent) not in (SOLVENT, CARRIER)]
        if not edges:
            return {lot: 1.0}
        whole = sum(float(edge.quantity.value) for edge in edges)
        mixed: dict[str, float] = {}
        for edge in edges:
            for name, share in of(edge.parent).items():
                mixed[name] = mixed.get(name, 0.0) + share * float(edge.quantity.value) / whole
        return mixed

    return of(booked.lot_no)


def _compare_drawn(database: Database, lot: Mapping[str, Any], tally: _Tally, findings: list[str]) -> None:
    tally.compared += 1
    try:
        (booked,) = [one for one in trace(database, lot["lot"]).lots if one.depth == 0]
    except NotInBooks:
        findings.append(f"{lot['lot']}: the plant received it, the books did not")
        return
    used = float(booked.made.value - booked.left.value)
    if abs(used - lot["drawn"]) <= max(DRAWN * lot["drawn"], DRAWN_G):
        tally.right += 1
    else:
        findings.append(f"{lot['lot']}: {used:g} taken by the books, {lot['drawn']:g} in truth")


def _inside(container: Mapping[str, Any]) -> dict[str, float]:
    parts = container["parcel"]["parts"] if container["kind"] == "parcel" else container["parts"]
    return {lot: grams for lot, grams in parts.items() if grams > 0.0}
