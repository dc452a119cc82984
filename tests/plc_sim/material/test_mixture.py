"""Slurries and films by the materials of their lots."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plc_sim.material.ledger import BINDER, ELECTROLYTE, SOLVENT, Ledger, ReceivedLot
from plc_sim.material.mixture import SOLUTION, binder_share, dried, mixture_of, stirred
from plc_sim.material.parcel import FINISHED, Condition, Parcel


def ledger() -> Ledger:
    known = Ledger()
    for lot, material in (("SE", ELECTROLYTE), ("B", BINDER), ("X", SOLVENT), ("S", SOLUTION)):
        known.receive(ReceivedLot(lot=lot, material=material))
    return known


def test_a_slurry_has_the_solids_and_densities_of_its_parts() -> None:
    slurry = mixture_of({"SE": 970.0, "B": 30.0, "X": 1000.0}, ledger())
    assert slurry.solids == pytest.approx(0.5)
    assert slurry.solid_density_g_cm3 == pytest.approx(1.811, abs=0.001)
    assert slurry.volume_ml == pytest.approx(970.0 / 1.86 + 30.0 / 0.98 + 1000.0 / 0.864)
    assert slurry.phi == pytest.approx(0.323, abs=0.001)


def test_ready_binder_solution_brings_its_solvent_with_it() -> None:
    slurry = mixture_of({"SE": 970.0, "S": 300.0, "X": 730.0}, ledger())
    assert slurry.solids == pytest.approx(0.5)
    assert slurry.binder_g == pytest.approx(30.0)


@given(
    powder=st.floats(10.0, 1000.0),
    solvent=st.floats(0.0, 1000.0),
    solution=st.floats(0.0, 300.0),
    ppm=st.floats(0.0, 9e4),
)
def test_drying_takes_solvent_and_nothing_else(powder: float, solvent: float, solution: float, ppm: float) -> None:
    wet = {"SE": powder, "B": 0.03 * powder, "X": solvent, "S": solution}
    stays, gone = dried(wet, ledger(), ppm)
    assert {lot: stays.get(lot, 0.0) + gone.get(lot, 0.0) for lot in wet} == pytest.approx(wet)
    assert set(gone) <= {"X", "S"}
    assert stays["SE"] == powder
    solid = 1.03 * powder + 0.1 * solution
    assert stays.get("X", 0.0) == pytest.approx(min(solvent, 1e-6 * ppm * solid), abs=1e-9)
    assert binder_share({"SE": 97.0, "B": 3.0}, ledger()) == pytest.approx(0.03)


def test_solvent_does_not_dilute_what_the_powder_has_been_through() -> None:
    powder = Parcel(parts={"SE": 100.0}, condition=FINISHED)
    amorphous = Parcel(parts={"SE": 100.0}, condition=Condition(conversion=0.95, crystal=0.0))
    liquid = Parcel(parts={"X": 800.0})
    assert stirred((powder, liquid), ledger()).condition == FINISHED
    assert stirred((powder, liquid, amorphous), ledger()).condition.crystal == pytest.approx(0.5)


def test_nothing_has_no_mixture() -> None:
    with pytest.raises(ValueError, match="needs some mass"):
        mixture_of({}, ledger())
