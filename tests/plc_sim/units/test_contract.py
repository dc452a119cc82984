"""Map and model agree: every tag, report, parameter, step, failure and interlock of the map is the model's too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from plc_sim.units import UNITS, build
from plc_sim.units.site import shown_name
from tests.plc_sim.units.bench import PLCS, Bench
from tests.plc_sim.units.chains import PILOT_STEPS, extension_steps, film_steps, powder_steps

SUPPLY = {"SX": "dry"}
"""What a PLC makes its products of that has no unit to bring material in; the others draw raw material."""


class NotedSetpoints(dict[str, float]):
    """Parameters that remember which of them were read."""

    def __init__(self, values: Mapping[str, float], read: set[str]) -> None:
        super().__init__(values)
        self.read = read

    def __getitem__(self, name: str) -> float:
        self.read.add(name)
        return super().__getitem__(name)


def all_steps() -> dict[str, list[tuple[str, str, dict[str, float]]]]:
    return {
        "SY": powder_steps(1000.0),
        "FM": film_steps(700.0, length_m=5.0),
        "SX": extension_steps(),
        **PILOT_STEPS,
        "UT": [(f"GB-10{number}", phase, {}) for number in (1, 2, 3) for phase in ("INERTISE", "REGENERATE")],
    }


def declared_phases(bench: Bench) -> set[tuple[str, str]]:
    return {(slot["unit"], phase["class"]) for slot in bench.map["slot"] for phase in slot["phase"]}


def ranges(bench: Bench) -> Iterator[tuple[str, str, float, float]]:
    for tag in bench.map["tag"]:
        yield tag["unit"], tag["name"].removeprefix(f"{tag['unit']}."), *tag["range"]


def tags_that_left_their_range(bench: Bench) -> set[str]:
    return {
        f"{unit}.{name} = {bench.units[unit].tags()[name]}"
        for unit, name, low, high in ranges(bench)
        if not low <= bench.units[unit].tags()[name] <= high
    }


@pytest.mark.parametrize("plc", PLCS)
def test_every_unit_gives_exactly_the_tags_of_its_map(plc: str) -> None:
    bench = Bench(plc, supply=SUPPLY.get(plc, "raw"))
    for name, model in bench.units.items():
        declared = {tag["name"].removeprefix(f"{name}.") for tag in bench.map["tag"] if tag["unit"] == name}
        assert set(model.tags()) == declared
        assert model.name == name


@pytest.mark.parametrize("plc", PLCS)
def test_an_idle_plant_has_good_readings_and_no_alarm(plc: str) -> None:
    bench = Bench(plc, supply=SUPPLY.get(plc, "raw"))
    for _ in range(50):
        bench.idle(10)
        assert tags_that_left_their_range(bench) == set()
        for tag in bench.map["tag"]:
            value = bench.units[tag["unit"]].tags()[tag["name"].removeprefix(f"{tag['unit']}.")]
            limits = tag.get("limits", {})
            assert value > max((limits[key] for key in ("L", "LL") if key in limits), default=-1e9), tag["name"]
            assert value < min((limits[key] for key in ("H", "HH") if key in limits), default=1e9), tag["name"]
    for slot in bench.map["slot"]:
        assert bench.units[slot["unit"]].interlocks(slot["name"]) == frozenset()


@pytest.mark.parametrize("plc", PLCS)
def test_every_phase_gives_its_reports_in_range_in_its_declared_steps(plc: str) -> None:
    bench = Bench(plc, supply=SUPPLY.get(plc, "raw"))
    slots = {slot["unit"]: slot for slot in bench.map["slot"]}
    ran = set()
    for unit, phase, changed in all_steps()[plc]:
        declared = next(one for one in slots[unit]["phase"] if one["class"] == phase)
        model = bench.start(unit, phase, **changed)
        names = {one["name"] for one in declared["reports"]}
        assert set(model.reports(f"{unit}.PH")) == names
        bench.go_for(unit, 3)
        assert set(model.reports(f"{unit}.PH")) == names
        assert bench.go(unit).done
        model.end(f"{unit}.PH")
        final = model.reports(f"{unit}.PH")
        assert set(final) == names
        for one in declared["reports"]:
            assert one["min"] <= final[one["name"]] <= one["max"], f"{unit}.{phase} {one['name']}"
        assert set(bench.steps) <= {one["n"] for one in declared["steps"]} | {0}, f"{unit}.{phase}"
        assert tags_that_left_their_range(bench) == set()
        ran.add((unit, phase))
    assert ran == declared_phases(bench)


@pytest.mark.parametrize("plc", PLCS)
def test_every_parameter_of_the_map_is_used(plc: str) -> None:
    bench = Bench(plc, supply=SUPPLY.get(plc, "raw"))
    read: dict[tuple[str, str], set[str]] = {}
    for unit, phase, changed in all_steps()[plc]:
        used = read.setdefault((unit, phase), set())
        sp = NotedSetpoints(bench.defaults[unit, phase] | changed, used)
        model = bench.start(unit, phase, **changed)
        model.check(f"{unit}.PH", phase, sp)
        model.update(f"{unit}.PH", sp)
        assert bench.go(unit).done
        model.end(f"{unit}.PH")
    for key, used in read.items():
        assert used == set(bench.defaults[key]), key


@pytest.mark.parametrize("plc", PLCS)
def test_the_models_know_only_interlocks_and_fail_codes_of_the_map(plc: str) -> None:
    folder = Path(__file__).parents[3] / "plc_sim" / "units"
    written = "".join(one.read_text("utf-8") for one in folder.glob("*.py"))
    coded = set(re.findall(r'"((?:I\d+|MX|FL|RX|DM|SH)_[A-Z0-9_]+)"', written))
    declared = {one["name"] for other in PLCS for slot in Bench(other).map["slot"] for one in slot["interlocks"]}
    assert {shown_name(name) for name in coded} == declared


def test_a_unit_the_plant_does_not_have_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(ValueError, match=r"PLC SY: the simulated plant has no unit FU-302; the nearest one is FU-301"):
        build("SY", ["BM-201", "FU-302"], 1)


def test_every_unit_that_can_be_built_is_on_a_map() -> None:
    assert {unit["name"] for plc in PLCS for unit in Bench(plc).map["unit"]} == set(UNITS)
