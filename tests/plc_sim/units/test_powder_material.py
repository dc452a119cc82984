"""Where powder goes: every gram is accounted for, batches do not mix, containers run out, rework comes back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plc_sim.material.hand import Hands
from plc_sim.material.holdings import Holdings, Supply
from plc_sim.material.ledger import ELECTROLYTE
from plc_sim.material.parcel import Parcel
from plc_sim.material.truth import unaccounted
from plc_sim.units import UNITS, Plant
from plc_sim.units.inlet import powder_inlet
from tests.plc_sim.units.bench import Bench
from tests.plc_sim.units.chains import powder_steps, run_steps

ROOM = 1e-6


class PowderBench(Bench):
    """The synthesis line with its material in sight; `supply` as in Holdings."""

    def __init__(self, supply: Supply = Supply.RAW) -> None:
        super().__init__("SY")
        plant = Plant(seed=1)
        plant.material.supply = supply
        self.material = plant.material
        self.hands = Hands(plant.material)
        self.units = {name: UNITS[name](name, plant) for name in self.units}

    def abort(self, unit: str) -> None:
        self.rest(unit)
        self.units[unit].end(f"{unit}.PH")

    def is_balanced(self) -> bool:
        return all(abs(grams) < ROOM for grams in unaccounted(self.material).values())


STEPS = powder_steps(1000.0)
SHORT = [
    (unit, phase, changed | ({"run_time": 0.1} if phase == "MILL" else {"duration": 2.0} if unit == "VD-403" else {}))
    for unit, phase, changed in STEPS
]


@settings(max_examples=15)
@given(
    chosen=st.lists(
        st.tuples(st.integers(0, len(SHORT) - 1), st.sampled_from(["run", "abort", "hold"]), st.integers(1, 4000)),
        max_size=25,
    ),
    uncleaned=st.booleans(),
)
def test_every_gram_is_somewhere_whatever_is_commanded(chosen: list[tuple[int, str, int]], uncleaned: bool) -> None:
    bench = PowderBench()
    for unit in ("BM-201", "FU-301", "JM-401"):
        if uncleaned:
            bench.units[unit].disturb("uncleaned", 5.0)
    run_steps(bench, SHORT[:4])
    for index, verb, ticks in chosen:
        unit, phase, changed = SHORT[index]
        if bench.units[unit].interlocks(f"{unit}.PH"):
            continue
        bench.start(unit, phase, **changed)
        ended = bench.go_for(unit, ticks)
        assert bench.is_balanced()
        if verb == "hold" and not ended.done and not ended.fail_code:
            bench.rest(unit)
            bench.units[unit].resume(f"{unit}.PH")
            ended = bench.go(unit)
        if verb == "run" and not ended.done and not ended.fail_code:
            bench.go(unit)
        bench.abort(unit)
        assert bench.is_balanced()


@settings(max_examples=15)
@given(
    commands=st.lists(
        st.tuples(st.integers(0, len(SHORT) - 1), st.sampled_from(["start", "abort", "hold"]), st.integers(1, 3000)),
        min_size=5,
        max_size=40,
    )
)
def test_units_that_work_at_the_same_time_lose_no_gram_to_each_other(commands: list[tuple[int, str, int]]) -> None:
    bench = PowderBench()
    run_steps(bench, SHORT[:4])
    going: dict[str, bool] = {}
    for index, verb, ticks in commands:
        unit, phase, changed = SHORT[index]
        slot = f"{unit}.PH"
        if verb == "start" and unit not in going and not bench.units[unit].interlocks(slot):
            bench.start(unit, phase, **changed)
            going[unit] = True
        elif verb == "abort" and unit in going:
            bench.abort(unit)
            del going[unit]
        elif verb == "hold" and unit in going:
            bench.rest(unit)
            going[unit] = not going[unit]
            if going[unit]:
                bench.units[unit].resume(slot)
        for _ in range(ticks):
            for model in bench.units.values():
                model.tick()
            for name in [name for name, runs in going.items() if runs]:
                progress = bench.units[name].run(f"{name}.PH")
                if progress.done:
                    bench.units[name].end(f"{name}.PH")
                    del going[name]
                elif progress.fail_code:
                    going[name] = False
        assert bench.is_balanced()
    assert len(bench.material.jar.all()) <= 1
    assert len(bench.material.saggar.all()) <= 1


def test_the_product_has_the_lots_that_were_weighed_in_their_parts() -> None:
    bench = PowderBench()
    run_steps(bench, STEPS)
    (packed,) = bench.material.packed.all()
    assert [packed.parts[f"WS-111#{n}"] / packed.mass_g for n in (1, 2, 3)] == pytest.approx(
        [0.428, 0.414, 0.158], abs=1e-3
    )
    (sample,) = bench.material.samples.all()
    assert set(sample.parts) == set(packed.parts)
    assert bench.is_balanced()


@pytest.mark.parametrize("last", range(len(STEPS) - 1))
def test_a_batch_aborted_after_any_phase_leaves_nothing_in_the_next_one(last: int) -> None:
    bench = PowderBench()
    run_steps(bench, SHORT[: last + 1])
    if SHORT[last][1] == "ANNEAL":
        bench.start("FU-301", "CHARGE")
        assert bench.go("FU-301").fail_code == 40
        bench.abort("FU-301")
        bench.idle(8 * 3600)
    old = {lot for lot in bench.material.ledger.lots if lot != "WS-111#0"}
    reports = run_steps(bench, SHORT)
    packed = bench.material.packed.all()[-1]
    assert not old & set(packed.parts)
    assert reports[-2]["packed_mass"] == pytest.approx(890.0, rel=0.02)
    assert bench.is_balanced()


def test_batches_that_queue_at_a_busy_unit_go_in_in_their_order() -> None:
    holdings = Holdings()
    first, second, third = (Parcel(parts={name: 100.0}) for name in ("A", "B", "C"))
    furnace = powder_inlet(holdings, "FU-301", holdings.tray, holdings.saggar, first.condition)
    holdings.tray.put(first)
    assert furnace.take_in()
    holdings.tray.put(second)
    holdings.tray.put(third)
    assert furnace.empty() is first
    assert furnace.take_in()
    assert furnace.inside is second
    furnace.empty()
    assert furnace.take_in()
    assert furnace.inside is third
    assert holdings.ledger.exits == {}


def test_vessels_queue_behind_a_full_mill_and_an_abandoned_set_is_not_loaded() -> None:
    bench = PowderBench()
    run_steps(bench, SHORT[:4])
    run_steps(bench, [*SHORT[:3], *SHORT[:3]])
    run_steps(bench, SHORT[4:8])
    run_steps(bench, SHORT[3:4])
    (queued,) = bench.material.jar.all()
    assert set(queued.parts) == {"WS-111#4", "WS-111#5", "WS-111#6"}
    bench.start("BM-201", "PREMIX")
    bench.abort("BM-201")
    assert {lot for vessel in bench.material.vessel.all() for lot in vessel.parts} == {
        "WS-111#7", "WS-111#8", "WS-111#9",
    }  # fmt: skip


def test_weighing_waits_for_a_container_and_goes_on_with_another_when_it_runs_out() -> None:
    bench = PowderBench(Supply.HAND)
    for lot, amount in (("A-1", 300.0), ("A-2", 500.0)):
        bench.hands.receive({"lot": lot, "material": "Li2S", "amount": amount})
    model = bench.start("WS-111", "WEIGH", target=400.0)
    assert bench.go_for("WS-111", 5000).step == 5
    assert model.tags()["WT_NET"] < 0.1
    bench.hands.bring("A-1", "WS-111")
    assert bench.go("WS-111").fail_code == 20
    assert model.reports("WS-111.PH")["net_weight"] == pytest.approx(300.0, abs=0.1)
    assert bench.material.vessel.first() is None
    assert bench.is_balanced()
    bench.hands.bring("A-2", "WS-111")
    model.resume("WS-111.PH")
    assert bench.go("WS-111").done
    model.end("WS-111.PH")
    (vessel,) = bench.material.vessel.all()
    assert vessel.parts["A-1"] == pytest.approx(300.0)
    assert vessel.parts["A-2"] == pytest.approx(100.0, abs=0.5)
    assert model.reports("WS-111.PH")["net_weight"] == pytest.approx(400.0, rel=1e-3)
    assert bench.is_balanced()
    bench.start("WS-111", "WEIGH", target=10.0)
    assert bench.go_for("WS-111", 10).step == 5


def test_a_charge_that_became_too_heavy_is_set_aside_and_weighed_anew() -> None:
    bench = PowderBench()
    model = bench.start("WS-111", "WEIGH", target=100.0)
    bench.go("WS-111", until=lambda progress: progress.step == 30)
    bench.material.pan.put(bench.material.draw("WS-111", 120.0))
    assert bench.go("WS-111").fail_code == 20
    assert bench.material.pan.first() is None
    model.resume("WS-111.PH")
    assert bench.go("WS-111").done
    assert bench.is_balanced()


def test_a_scale_that_reads_too_much_leaves_too_little() -> None:
    bench = PowderBench()
    bench.units["WS-111"].disturb("scale-drift", 3.0)
    assert bench.run("WS-111", "WEIGH", target=100.0)["net_weight"] == pytest.approx(100.0, abs=0.2)
    assert bench.material.vessel.all()[0].mass_g == pytest.approx(97.0, abs=0.2)


REWORK = [
    ("FU-301", STEPS[8:]),
    ("JM-401", STEPS[12:]),
    ("SV-402", STEPS[13:]),
    ("VD-403", STEPS[14:]),
    ("PK-501", STEPS[15:]),
]


@pytest.mark.parametrize(("unit", "steps"), REWORK)
def test_packed_powder_goes_through_again_from_any_unit(unit: str, steps: list) -> None:
    bench = PowderBench()
    bench.hands.receive({"lot": "P-1", "material": ELECTROLYTE, "amount": 800.0, "d50_um": 3.0})
    bench.hands.bring("P-1", unit)
    run_steps(bench, steps)
    bench.hands.take("PK-501", "P-2")
    contents = bench.material.containers["P-2"].contents
    assert set(contents.parts) == {"P-1"}
    assert 700.0 < contents.mass_g < 795.0
    assert bench.is_balanced()
    bench.hands.take("PK-501.SAMPLES", "P-3")
    assert bench.material.containers["P-3"].contents.mass_g == pytest.approx(6.0, rel=0.02)


@pytest.mark.parametrize(("unit", "phases"), [("BM-201", 8), ("FU-301", 12), ("JM-401", 13)])
def test_an_uncleaned_unit_gives_a_part_of_one_batch_to_the_next(unit: str, phases: int) -> None:
    bench = PowderBench()
    bench.units[unit].disturb("uncleaned", 5.0)
    run_steps(bench, SHORT[:phases])
    old = set(bench.material.ledger.lots)
    run_steps(bench, SHORT)
    packed = bench.material.packed.all()[-1]
    strange = sum(grams for lot, grams in packed.parts.items() if lot in old)
    assert strange / packed.mass_g == pytest.approx(0.05, abs=0.01)
    bench.units[unit].recover("uncleaned")
    seen = set(bench.material.ledger.lots)
    run_steps(bench, SHORT)
    assert not seen & set(bench.material.packed.all()[-1].parts)
    assert bench.is_balanced()


@pytest.mark.parametrize(("unit", "phase", "changed"), SHORT)
def test_a_plant_that_runs_dry_runs_any_phase_by_itself(unit: str, phase: str, changed: dict[str, float]) -> None:
    bench = PowderBench(Supply.DRY)
    bench.run(unit, phase, **changed)
    assert bench.ticks >= 300
    assert bench.is_balanced()
