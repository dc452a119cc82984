"""Which sulfide a powder is, told by the lots in it."""

from __future__ import annotations

import pytest

from plc_sim.material.compound import CL_RICH, LGPS, LI6PS5CL, Compound, compound_of
from plc_sim.material.ledger import Ledger, ReceivedLot


@pytest.mark.parametrize(
    ("parts", "compound"),
    [
        ({"Li2S": 428.0, "P2S5": 414.0, "LiCl": 158.0}, LI6PS5CL),
        ({"Li2S": 345.0, "P2S5": 417.0, "LiCl": 239.0}, CL_RICH),
        ({"Li2S": 390.0, "P2S5": 378.0, "GeS2": 232.0}, LGPS),
        ({"Li2S": 383.0, "P2S5": 617.0}, LI6PS5CL),
        ({"Li5.5PS4.5Cl1.5 powder": 700.0, "NBR": 20.0}, CL_RICH),
        ({"Li10GeP2S12 powder": 700.0, "Li6PS5Cl powder": 20.0}, LGPS),
        ({"Li6PS5Cl powder": 700.0, "Xylene": 600.0}, LI6PS5CL),
        ({"unknown": 1.0}, LI6PS5CL),
        ({}, LI6PS5CL),
    ],
)
def test_the_materials_of_the_lots_tell_the_sulfide(parts: dict[str, float], compound: Compound) -> None:
    ledger = Ledger()
    for material in parts:
        ledger.receive(ReceivedLot(lot=f"L-{material}", material=material))
    assert compound_of({f"L-{material}": grams for material, grams in parts.items()}, ledger) is compound
