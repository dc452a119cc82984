"""Each kind of mistake that keeps a recipe from being run in the plant is found, and told with the way out."""

# ruff: noqa: E501 - a case a line reads better than a wrapped table

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mes.model.equipment import ProcessCell
from mes.model.procedure import Element, Group
from mes.model.steps import PhaseStep
from mes.recipes.check import check
from mes.recipes.reader import read_recipe

Changed = Callable[[str, str], str]

UNLOAD = "produce: [{output: powder, report: unloaded_mass, from: [salt, sugar]}]"
SECOND_BOX = "      - unit_procedure: Box\n        unit: GB-102\n"

MISTAKES = [
    # equipment
    ("unit: WS-111", "unit: WS-112", "there is no unit 'WS-112' in this process cell; did you mean 'WS-111'?"),
    ("phase: MILL", "phase: MIL", "unit BM-201 has no phase 'MIL'; did you mean 'MILL'?"),
    ("phase: MILL", "phase: ANNEAL", "unit BM-201 has no phase 'ANNEAL'"),
    ("run_time: 90 min", "runtime: 90 min", "MILL has no parameter 'runtime'; did you mean 'run_time'?"),
    ("report: unloaded_mass", "report: unloaded", "UNLOAD has no report 'unloaded'; did you mean 'unloaded_mass'?"),
    ("report: loss}", "report: lost}", "UNLOAD has no report 'lost'; did you mean 'loss'?"),
    # units of measure
    ("tolerance: 0.1 %", "tolerance: 0.1 g", "tolerance: '0.1 g' does not fit: 'g' cannot be converted, '%' is wanted"),
    ("tolerance: 0.1 %", "tolerance: 0.1", "tolerance: 0.1 has no unit of measure; write '0.1 %'"),
    ("bpr: 15", "bpr: 15 %", "bpr: '15 %' does not fit: '%' cannot be converted, no unit (a bare number) is wanted"),
    ("default: 1 kg, minimum: 0.5 kg, maximum: 2 kg", "default: 1 m, minimum: 0.5 m, maximum: 2 m", "expected_mass: '0.5 m' does not fit"),
    ("run_time: 90 min", "run_time: $mill_speed", "run_time: '400 rpm' does not fit"),
    ("per: 480 g", "per: 480 m", "target: '240 m' does not fit"),
    ("per: 480 g", "per: 480 m", "report 'net_weight' is in g, but input 'sugar' is measured in m"),
    ("report: unloaded_mass", "report: yield", "'powder' is made in %; add 'mass:'"),
    ("report: unloaded_mass", "report: unloaded_mass, mass: yield", "mass of 'powder': report 'yield' is in %, which is no mass"),
    ("report: loss}", "report: yield}", "loss 'Jar wall': report 'yield' is in %, which is no mass"),
    # limits
    ("tolerance: 0.1 %", "tolerance: 7 %", "tolerance: 7 % is outside what the equipment allows, 0.01 % to 5 %"),
    ("run_time: 90 min", "run_time: 2 min", "run_time: 2 min is outside what the equipment allows, 0.1 h to 100 h"),
    ("maximum: 600 rpm", "maximum: 700 rpm", "speed: 700 rpm (limit of $mill_speed) is outside what the equipment allows, 50 rpm to 650 rpm"),
    ("maximum: 2 kg", "maximum: 7 kg", "expected_mass: 7 kg (limit of the batch size) is outside what the equipment allows, 10 g to 6000 g"),
    ("per: 480 g", "per: 4800 g", "target: 9600 g (need of sugar at a limit of the batch size) is outside"),
    # material
    ("consume: [{input: salt, ", "consume: [{input: solt, ", "consumes 'solt', which is not declared under inputs or outputs; did you mean 'salt'?"),
    ("            consume: [{input: salt, report: net_weight}]\n", "", "input 'salt' is declared and never consumed"),
    ("            scan: [salt]\n", "", "consumes 'salt' before its lot is scanned; add 'scan: [salt]'"),
    ("            scan: [salt]\n", "", "target takes $input.salt before its lot is scanned"),
    ("scan: [salt]", "scan: [salt, pepper]", "scan of 'pepper', which is no input"),
    ("scan: [salt]", "scan: [salt, powder]", "'powder' is made in this batch, its lot is known: take it out of 'scan'"),
    ("consume: [{input: salt, report: net_weight}]", "consume: [{input: salt, report: net_weight}, {input: powder, all: true}]", "consumes 'powder' before it is made"),
    ("              - phase: INERTISE\n", "              - phase: INERTISE\n                consume: [{input: powder, all: true}]\n", "consumes 'powder' before it is made; make it in an earlier phase, not in a parallel branch"),
    ("                " + UNLOAD + "\n", "", "output 'powder' is declared and never produced"),
    ("role: product", "role: intermediate", "intermediate 'powder' is produced and never consumed"),
    ("from: [salt, sugar]", "from: [salt]", "'sugar' is consumed and in no product"),
    ("from: [salt, sugar]", "from: [salt, sugar, suger]", "'powder' is made from 'suger', which is no input or output; did you mean 'sugar'?"),
    ("from: [salt, sugar]", "from: [salt, sugar, powder]", "'powder' is made from 'powder', but nothing before it consumes 'powder'"),
    ("speed: $mill_speed", "speed: 500 rpm", "formula parameter 'mill_speed' is used by no phase"),
    # conditions
    ("GB-101.O2_PPM < 1 ppm", "GB-101.O2_PM < 1 ppm", "requires: there is no tag 'GB-101.O2_PM'; did you mean 'GB-101.O2_PPM'?"),
    ("GB-101.O2_PPM < 1 ppm", "GB-101.O2_PPM < 1 degC", "measure different things"),
    # parallel branches
    (SECOND_BOX, SECOND_BOX.replace("GB-102", "BM-201"), "the unit BM-201 is wanted by two parallel branches ('Mill' and 'Box'); put them in sequence"),
    ("              - phase: INERTISE\n", "              - parallel:\n                  - phase: INERTISE\n                  - {phase: INERTISE, name: Again}\n", "the slot GB-102.PH runs one phase at a time, but 'INERTISE' and 'Again' are parallel"),
]  # fmt: skip


def test_the_small_recipe_has_no_mistake(small: str, cell: ProcessCell) -> None:
    assert check(read_recipe(small), cell) == []


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES)
def test_a_mistake_is_found(changed: Changed, cell: ProcessCell, old: str, new: str, message: str) -> None:
    found = check(read_recipe(changed(old, new), "t.yaml"), cell)
    assert any(message in problem.message for problem in found), [str(problem) for problem in found]
    assert all(problem.line for problem in found), "every mistake is told with its line"


def test_a_mistake_in_a_phase_is_told_with_its_path_and_line(changed: Changed, cell: ProcessCell, small: str) -> None:
    (problem,) = check(read_recipe(changed("tolerance: 0.1 %", "tolerance: 7 %"), "t.yaml"), cell)
    line = small[: small.index("- phase: WEIGH")].count("\n") + 1
    assert str(problem).startswith(f"t.yaml:{line}: Weigh/Weigh all/Weigh salt: tolerance: 7 %")


def test_a_parameter_without_a_default_must_be_given(small: str, cell: ProcessCell) -> None:
    phase = cell.phases["BM-201", "UNLOAD"]
    bare = replace(phase, parameters=tuple(replace(spec, default=None) for spec in phase.parameters))
    stricter = replace(cell, phases={**cell.phases, ("BM-201", "UNLOAD"): bare})
    (problem,) = check(read_recipe(small), stricter)
    assert "parameter 'sieve' (um) of UNLOAD is missing and has no default; add it" in problem.message


def test_a_phase_of_another_unit_does_not_belong_into_a_unit_procedure(small: str, cell: ProcessCell) -> None:
    def moved(element: Element) -> Element:
        if isinstance(element, Group):
            return replace(element, children=tuple(moved(child) for child in element.children))
        if isinstance(element, PhaseStep) and element.phase_class == "INERTISE":
            return replace(element, unit="GB-103")
        return element

    master = read_recipe(small)
    procedure = moved(master.procedure)
    assert isinstance(procedure, Group)
    (problem,) = check(replace(master, procedure=procedure), cell)
    assert "runs on GB-103; a unit procedure has phases of its own unit GB-102 only" in problem.message


def test_all_mistakes_are_told_at_once(small: str, cell: ProcessCell) -> None:
    text = small.replace("tolerance: 0.1 %", "tolerance: 7 %").replace("phase: MILL", "phase: MIL")
    text = text.replace("scan: [sugar]", "scan: [sugar, pepper]")
    messages = " ".join(problem.message for problem in check(read_recipe(text), cell))
    assert all(word in messages for word in ("7 %", "'MIL'", "'pepper'"))
