"""What a lot brings along, and what the line does to it, shows in the product: moisture, size, open air, binder."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from plc_sim.material.holdings import Supply
from plc_sim.material.ledger import BINDER, ELECTROLYTE, SOLVENT
from plc_sim.material.moisture import reacted, stirred_wet
from plc_sim.material.parcel import FINISHED, Condition, Parcel
from plc_sim.material.truth import contents_truth
from plc_sim.physics.conduction import migration_factor
from plc_sim.physics.hydrolysis import phase_left, water_ppm
from tests.plc_sim.units.chains import film_steps, powder_steps, run_steps
from tests.plc_sim.units.film_bench import FilmBench
from tests.plc_sim.units.test_powder_material import PowderBench


def slurry_of(dew_point_degc: float = -80.0, **lot: float) -> tuple[FilmBench, Parcel, dict[str, float]]:
    """Mix a slurry of labelled lots, the powder as `lot` says, in a room of a dew point; gives it and its fineness."""
    bench = FilmBench(Supply.HAND)
    bench.site.room_water_ppm = water_ppm(dew_point_degc)
    bench.receive("X", SOLVENT)
    bench.receive("B", BINDER)
    bench.hands.receive({"lot": "SE", "material": ELECTROLYTE, "amount": 2000.0, **lot})
    labels = iter(("X", "B", "SE", "X"))
    reports: dict[str, float] = {}
    for unit, phase, changed in film_steps(600.0, length_m=2.0)[:9]:
        if phase == "DOSE":
            bench.hands.bring(next(labels), unit)
        reports |= bench.run(unit, phase, **changed)
    slurry = bench.holdings.filtered.first()
    assert slurry is not None
    assert bench.lost_g() < 1e-6
    return bench, slurry, reports


def told(parcel: Parcel, bench: FilmBench) -> Any:
    return contents_truth(parcel, bench.holdings.ledger)["sigma_mS_cm"]


def test_powder_that_is_dosed_in_moist_air_takes_up_water_and_gives_off_gas() -> None:
    dry, dry_slurry, _ = slurry_of(-80.0)
    moist, slurry, _ = slurry_of(-40.0)
    minutes = (240.0 + 600.0 / 2.0) / 60.0
    assert slurry.condition.exposure_ppm_min == pytest.approx(water_ppm(-40.0) * minutes, rel=0.02)
    assert told(slurry, moist) < 0.82 * told(dry_slurry, dry)
    assert moist.site.given_off_cc > 100.0 * dry.site.given_off_cc > 0.0


def test_solvent_that_is_dosed_meets_no_water() -> None:
    bench = FilmBench()
    run_steps(bench, film_steps(600.0, length_m=2.0)[:2])
    assert bench.site.given_off_cc == 0.0
    assert bench.holdings.bowl.all()[0].condition.exposure_ppm_min == 0.0


def test_coarse_powder_makes_a_coarse_slurry() -> None:
    assert slurry_of(d50_um=3.0)[2]["fineness"] < 15.0
    assert slurry_of(d50_um=12.0)[2]["fineness"] > 20.0


def test_moist_powder_reacts_where_it_is_stirred_and_dries_where_it_is_dried() -> None:
    dry_bench, dry, _ = slurry_of()
    bench, wet, _ = slurry_of(moisture_ppm=5000.0)
    assert wet.condition.moisture_ppm == 0.0
    assert wet.condition.phase == pytest.approx(dry.condition.phase * (1.0 - 5e-3 * 268.36 / 18.015))
    assert told(wet, bench) < 0.9 * told(dry, dry_bench)
    powder = PowderBench()
    for label, moisture in (("DRY", 0.0), ("WET", 5000.0)):
        lot = {"lot": label, "material": ELECTROLYTE, "amount": 1000.0, "moisture_ppm": moisture}
        powder.hands.receive(lot)
    losses = []
    for label in ("DRY", "WET"):
        powder.hands.bring(label, "VD-403")
        losses.append(powder.run("VD-403", "VACUUM_DRY")["loss"])
    assert losses[1] - losses[0] > 2.0
    assert powder.material.dried.all()[-1].condition.moisture_ppm < 3000.0
    assert powder.is_balanced()


def test_moist_raw_material_costs_phase_in_the_furnace() -> None:
    kept = []
    for moisture in (0.0, 2000.0):
        bench = PowderBench(Supply.HAND)
        for label, material in (("L", "Li2S"), ("P", "P2S5"), ("C", "LiCl")):
            bench.hands.receive({"lot": label, "material": material, "amount": 1000.0, "moisture_ppm": moisture})
        labels = iter("LPC")
        for unit, phase, changed in powder_steps(1000.0)[:12]:
            if phase == "WEIGH":
                bench.hands.bring(next(labels), unit)
            bench.run(unit, phase, **changed)
        (annealed,) = bench.material.annealed.all()
        assert annealed.condition.moisture_ppm == 0.0
        kept.append(annealed.condition.phase)
    assert kept[1] / kept[0] == pytest.approx(phase_left(2000.0))


def test_water_of_the_solvent_goes_into_the_powder_by_mass() -> None:
    bench = FilmBench()
    for lot, material in (("S", ELECTROLYTE), ("X", SOLVENT)):
        bench.receive(lot, material)
    powder = Parcel(parts={"S": 100.0}, condition=FINISHED)
    solvent = Parcel(parts={"X": 200.0}, condition=Condition(moisture_ppm=500.0))
    mixed = stirred_wet((powder, solvent), bench.holdings.ledger)
    assert mixed.condition == reacted(FINISHED, 1000.0)
    assert stirred_wet((solvent,), bench.holdings.ledger).parts == solvent.parts
    assert phase_left(1e6) == 0.0


@pytest.mark.parametrize(
    "lot", [{"d50_um": 0.0}, {"d50_um": 1e5}, {"moisture_ppm": 2e6}], ids=["no size", "too big", "all water"]
)
def test_a_lot_that_cannot_be_is_refused(lot: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"lot L: (d50_um|moisture_ppm) = .* (must be 0.01 to 10000 um|all of it)"):
        FilmBench().hands.receive({"lot": "L", "material": "Li2S", "amount": 1.0, **lot})


def film_of(zones: tuple[float, float, float]) -> dict[str, Any]:
    bench = FilmBench()
    bench.pour("A", 1100.0)
    bench.run("CT-701", "THREAD")
    temperatures = dict(zip(("zone1_temp", "zone2_temp", "zone3_temp"), zones, strict=True))
    bench.run("CT-701", "COAT", length=3.0, **temperatures)
    roll = bench.holdings.coated.first()
    assert roll is not None
    return dict(contents_truth(roll, bench.holdings.ledger))


def test_a_film_that_is_dried_hot_has_its_binder_at_the_surface_and_conducts_worse() -> None:
    mild, hot = film_of((50.0, 80.0, 110.0)), film_of((140.0, 140.0, 140.0))
    assert 0.2 < mild["metres"][0]["binder_migration"] < 0.7 * hot["metres"][0]["binder_migration"]
    assert 0.97 * mild["sigma_mS_cm"] < hot["sigma_mS_cm"] < mild["sigma_mS_cm"]


def test_binder_at_the_surface_costs_by_layers_in_series() -> None:
    assert migration_factor(0.03, 0.0) == migration_factor(0.0, 1.0) == 1.0
    layers = [0.03 * (1.0 + 0.5 * (2.0 * (n + 0.5) / 1000 - 1.0)) for n in range(1000)]
    series = 2.718281828459045 ** (-12.0 * 0.03) * sum(2.718281828459045 ** (12.0 * w) for w in layers) / 1000
    assert migration_factor(0.03, 1.0) == pytest.approx(1.0 / series, rel=1e-6)
    assert migration_factor(0.03, 9.0) == migration_factor(0.03, 2.0)


def test_conditions_blend_their_moisture_by_mass() -> None:
    wet = Parcel(parts={"A": 1.0}, condition=replace(FINISHED, moisture_ppm=400.0))
    bench = FilmBench()
    mixed = stirred_wet((wet, Parcel(parts={"B": 3.0}, condition=FINISHED)), bench.holdings.ledger)
    assert mixed.condition.phase == pytest.approx(phase_left(100.0))
