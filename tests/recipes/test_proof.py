"""Each way in which a recipe could go wrong in the plant is found before it runs, and told with its line and the fix."""

# ruff: noqa: E501 - a case a line reads better than a wrapped table

from __future__ import annotations

from dataclasses import replace

import pytest

from mes.model.equipment import ProcessCell
from mes.model.procedure import Element, Group
from mes.recipes.check import prove
from mes.recipes.problem import Problem, RecipeError
from mes.recipes.reader import read_recipe
from tests.recipes.full_recipe import FULL

SIEVE = "          - unit_procedure: Sieve\n            unit: SV-402\n"
WAIT = "          - wait: 10 min\n"

# (in place of, what stands there, the line that is told holds, what is said)
MISTAKES = [
    # reachability and conditions
    ("GD-004.H2S_ROOM1 > 8 ppm", "GD-004.H2S_ROM1 > 8 ppm", "- exception: Room gas", "when: there is no tag 'GD-004.H2S_ROM1'; did you mean 'GD-004.H2S_ROOM1'?"),
    ("SCR-002.PH > 11.5 for", "SCR-002.PH > 15 for", "- wait: SCR-002.PH", "wait: 'SCR-002.PH > 15' can never be true: SCR-002.PH goes from 0 to 14 1"),
    ("SCR-002.PH > 11.5 for", "SCR-002.PH > 12 and SCR-002.PH < 11 for", "- wait: SCR-002.PH", "exclude each other"),
    ("peak) <= $peak_limit", "peak) < 0 %", "- repeat:", "until: 'result(\"QC after milling\", peak) < 0 %' can never be true: result(\"QC after milling\", peak) goes from 0 to 100 %"),
    ("- otherwise:\n          - wait: 10 min", "- when: result(\"QC after milling\", peak) > 2 %\n        do:\n          - wait: 10 min", "- when: result(\"QC after milling\", peak) > 2 %\n        do:\n          - wait", "when: this is the condition of 'branch 1' again, so this branch is never taken; remove it"),
    ("- otherwise:\n          - wait: 10 min", "- when: result(\"QC after milling\", peak) > 5 %\n        do:\n          - wait: 10 min", "- when: result(\"QC after milling\", peak) > 5 %", "one of 'branch 1' is true before it, so this branch is never taken"),
    ("peak) > 2 %", "peak) >= 0 %", "- otherwise:", "otherwise: the conditions of 'branch 1' leave nothing over"),
    ("RAMP_TIMEOUT", "RAMP_TIMOUT", "- exception: Ramp failed", "failure: no phase here can fail with 'RAMP_TIMOUT'; did you mean 'RAMP_TIMEOUT'?"),
    ("failure: RAMP_TIMEOUT", "when: FU-301.O2_EXH > 200 ppm for 10 s", "- exception: Ramp failed", "'Oxygen ingress' before it is raised by 'FU-301.O2_EXH > 200 ppm for 10 s' already"),
    ("      - otherwise:\n          - wait: 10 min\n", "", "- choose:", "none of its conditions is true, and then it waits for ever, for what they look at does not change any more; add '- otherwise: [...]'"),
    # units that are held
    ("  - release: [SCR-002]\n", "", "- acquire: [SCR-002]", "unit SCR-002 is acquired here and never released; add '- release: [SCR-002]'"),
    ("- release: [SCR-002]", "- release: [AR-003]", "- release: [AR-003]", "releases AR-003, which is not held here; did you mean 'SCR-002'?"),
    (WAIT, "          - acquire: [AR-003]\n", "- acquire: [AR-003]", "unit AR-003 is held after 'otherwise' and not after 'branch 1'"),
    ("      - operation: Charge\n        phases:\n", "      - operation: Charge\n        phases:\n          - acquire: [GB-103]\n", "- acquire: [GB-103]", "unit GB-103 is acquired here and never released before 'Charge' ends, but 'Oxygen ingress' can jump out of it"),
    ("          - repeat:\n", "          - acquire: [GB-103]\n          - repeat:\n", "- acquire: [GB-103]", "never released in its branch 'Mill'"),
    ("                phases:\n                  - phase: MILL\n", "                phases:\n                  - acquire: [GB-103]\n                  - phase: MILL\n", "- acquire: [GB-103]", "never released in the same round of 'Mill until clean'"),
    ("          - prompt: Check the seal\n            text: {en: Check the seal of the retort.}\n", "          - acquire: [GB-103]\n", "- acquire: [GB-103]", "never released by the exception 'Oxygen ingress'"),
    ("  - wait: SCR-002.PH", "  - acquire: [SCR-002]\n  - wait: SCR-002.PH", "- acquire: [SCR-002]\n  - wait", "acquires SCR-002, which is held since line"),
    ("          - phase: COOL\n", "          - phase: COOL\n          - release: [FU-301]\n", "- release: [FU-301]", "releases FU-301, which unit procedure 'Anneal' gives back when it ends"),
    ("uses: [AR-003]", "uses: [AR-004]", "- unit_procedure: Anneal", "uses: there is no unit 'AR-004' in this process cell; did you mean 'AR-003'?"),
    # bounds
    ("within: 1 h", "within: 0 s", "- wait: SCR-002.PH", "waits for 'SCR-002.PH > 11.5 for 1 min' without a limit"),
    ("requires_within: 2 h", "requires_within: 0 s", "- phase: WEIGH\n            name: Weigh sugar", "requires is waited for without a limit"),
    # units of measure, limits, order
    ("FU-301.TC_CORE > 500 degC", "FU-301.TC_CORE > 1 min", "- when: FU-301.TC_CORE", "measure different things"),
    ("$soak - 10 K", "1 min", "- phase: ANNEAL", "count_above: '1 min' does not fit: 'min' cannot be converted, 'degC' is wanted"),
    ("$soak - 10 K", "$soak - 10 min", "- phase: ANNEAL", "count_above:"),
    ("$soak - 10 K", "$soak + 100 K", "- phase: ANNEAL", "is outside what the equipment allows, 50 degC to 595 degC"),
    ("peak) <= $peak_limit", "peak) <= $mill_speed", "- repeat:", "measure different things"),
    ("argon_flow: 10 NL/min", "argon_flow: 100 NL/min", "- when: FU-301.TC_CORE", "argon_flow: 100 NL/min is outside what the equipment allows, 2 NL/min to 50 NL/min"),
    ("argon_flow: 10 NL/min", "argn_flow: 10 NL/min", "- when: FU-301.TC_CORE", "ANNEAL has no parameter 'argn_flow'; did you mean 'argon_flow'?"),
    ("0.5 * $input.sugar", "0.00001 * $input.sugar", "- phase: WEIGH\n            name: Weigh sugar", "is outside what the equipment allows, 0.1 g to 6000 g"),
    ("minimum: 20, maximum: 50", "minimum: 20, maximum: 80", "- phase: CHARGE", "bed_height: 80 mm = answer(\"Bed height\") at answer(\"Bed height\") = 80 mm is outside what the equipment allows, 5 mm to 60 mm"),
    ('report("UNLOAD", unloaded_mass)', 'report("UNLOAD", unloaded)', "- phase: CHARGE", "UNLOAD has no report 'unloaded'; did you mean 'unloaded_mass'?"),
    ('report("UNLOAD", unloaded_mass)', 'report("DISCHARGE", discharged_mass)', "- phase: CHARGE", "takes report(\"DISCHARGE\", discharged_mass), but 'Anneal/Discharge/DISCHARGE' has reported by then only on some ways or on none"),
    ('answer("Bed height")', 'answer("Check the seal")', "parameters: {bed_height", "is no number but a confirm"),
    ("parameters: {target: 0.5 * $input.sugar}", "parameters: {target: 'report(\"SIEVE\", oversize_mass) + 1 g'}", "- phase: WEIGH\n            name: Weigh sugar", "only on some ways or on none"),
    ("            answer: {scan: sugar}\n", "", "- phase: WEIGH\n            name: Weigh sugar", "takes $input.sugar before its lot is scanned; add 'scan: [sugar]'"),
    # material
    ("per: 900 g", "per: 990 g", "losses:", "at a batch of 0.5 kg 510 g go in, 495 g are expected out and 60 g lost: 45 g more than there is"),
    ("per: 900 g", "per: 800 g", "losses:", "50 g go nowhere (1 % may)"),
    ("                produce: [{output: blend, report: unloaded_mass, from: [salt, sugar]}]\n", "", "blend: {material", "output 'blend' is declared and never produced"),
    ("phases:\n                  - phase: MILL\n", "phases:\n                  - phase: MILL\n                    consume: [{input: sugar, all: true}]\n", "- phase: MILL", "consumes all of 'sugar' in every round of 'Mill until clean', but nothing in it makes more"),
    # meetings
    ("transfer: dried powder\n                produce", "sync: dried powder\n                produce", "- phase: PACK", "is a transfer in one phase and a sync in another"),
    # exceptions that come back
    ("          - prompt: Check the seal\n            text: {en: Check the seal of the retort.}\n        then: {jump: Cool}", "          - operation: Quench\n            phases:\n              - phase: COOL\n        then: return", "- phase: COOL\n        then: return", "runs in the slot FU-301.PH that 'Anneal/Charge/CHARGE' keeps while the exception is served and returned from"),
    # equipment
    ("{class: MILL,", "{class: MIL,", "- unit_procedure: Mill", "there is no unit of class 'MIL'; did you mean 'MILL'?"),
    ("jar_volume >= 1 L", "jar_volume >= 5 L", "- unit_procedure: Mill", "no unit of class MILL can do this"),
]  # fmt: skip


def problems_of(text: str, cell: ProcessCell) -> tuple[Problem, ...]:
    """What is wrong with a text, found by reading it or by the proof."""
    try:
        return prove(read_recipe(text, "t.yaml"), cell).problems
    except RecipeError as error:
        return error.problems


def test_a_recipe_of_every_construct_has_no_mistake(cell: ProcessCell) -> None:
    assert problems_of(FULL, cell) == ()


@pytest.mark.parametrize(("old", "new", "at", "message"), MISTAKES)
def test_a_mistake_is_told_with_its_line(cell: ProcessCell, old: str, new: str, at: str, message: str) -> None:
    assert FULL.count(old) == 1, f"{old!r} is {FULL.count(old)} times in the recipe"
    text = FULL.replace(old, new)
    line = text[: text.index(at)].count("\n") + 1
    found = problems_of(text, cell)
    assert any(message in problem.message and problem.line == line for problem in found), (line, [*map(str, found)])


def test_what_one_branch_of_a_choose_makes_is_not_certain_after_it(cell: ProcessCell) -> None:
    made = "fines: {material: Fines, role: intermediate}"
    text = FULL.replace("  powder: {material", f"  {made}\n  powder: {{material")
    sieved = "                  - phase: SIEVE\n"
    text = text.replace(
        sieved, f"{sieved}                    produce: [{{output: fines, report: oversize_mass, from: [blend]}}]\n"
    )
    text = text.replace(
        "from: [blend]}]\n              - phase: SAMPLE",
        "from: [blend, fines]}]\n                consume: [{input: fines, all: true}]\n              - phase: SAMPLE",
    )
    found = problems_of(text, cell)
    words = "consumes 'fines' before it is made; make it in an earlier phase, not in a parallel branch or in one branch"
    assert any(words in one.message for one in found), [*map(str, found)]


def test_sub_lots_of_one_name_are_made_in_rounds_and_merged_later(cell: ProcessCell) -> None:
    unload = FULL[FULL.index("          - operation: Unload\n") : FULL.index("      - unit_procedure: Box\n")]
    inside = "".join(f"    {line}\n" for line in unload.splitlines())
    text = FULL.replace(unload, "").replace('            until: result("QC', inside + '            until: result("QC')
    assert problems_of(text, cell) == (), text


@pytest.mark.parametrize(
    ("around", "words"),
    [
        ("              - choose:\n                  - when: GB-102.O2_PPM > 5 ppm\n                    do: [{phase: INERTISE, sync: both}]\n                  - otherwise: [{wait: 1 min}]\n", "stands in the choose 'parallel 1/Box/Inertise/choose 1' and its partner 'parallel 1/Mill/Load/LOAD' does not"),
        ("              - repeat: [{phase: INERTISE, sync: both}]\n                until: GB-102.O2_PPM < 5 ppm\n                at_most: 2\n", "stands in the repeat 'parallel 1/Box/Inertise/repeat 1' and its partner"),
    ],
)  # fmt: skip
def test_a_partner_that_may_not_come_is_told(cell: ProcessCell, around: str, words: str) -> None:
    text = FULL.replace("              - phase: INERTISE\n", around)
    text = text.replace("              - phase: LOAD\n", "              - phase: LOAD\n                sync: both\n")
    found = problems_of(text, cell)
    assert any(words in one.message for one in found), [*map(str, found)]


def test_phases_one_after_the_other_cannot_start_together(cell: ProcessCell) -> None:
    text = FULL.replace("              - phase: LOAD\n", "              - phase: LOAD\n                sync: both\n")
    text = text.replace(
        "              - phase: UNLOAD\n", "              - phase: UNLOAD\n                sync: both\n"
    )
    (problem,) = problems_of(text, cell)
    assert (
        "sync 'both' is met at 'parallel 1/Mill/Load/LOAD' too, but the two are one after the other" in problem.message
    )


def test_a_choose_that_waits_for_the_plant_is_no_mistake_but_told(cell: ProcessCell) -> None:
    text = FULL.replace("      - otherwise:\n          - wait: 10 min\n", "")
    proof = prove(read_recipe(text.replace('result("QC after milling", peak) > 2 %', "GB-103.O2_PPM > 2 ppm")), cell)
    assert proof.problems == ()
    assert any("it waits without a limit until one is; add '- otherwise: [...]'" in words for words in proof.unproved)


def test_what_the_reader_refuses_already_is_refused_in_a_recipe_made_otherwise(cell: ProcessCell) -> None:
    master = read_recipe(FULL)

    def unbounded(element: Element) -> Element:
        if not isinstance(element, Group):
            return element
        blocks = tuple(replace(block, at_most=0) for block in element.exceptions)
        children = tuple(unbounded(child) for child in element.children)
        return replace(element, at_most=0 if element.is_repeated else 1, exceptions=blocks, children=children)

    procedure = unbounded(master.procedure)
    assert isinstance(procedure, Group)
    messages = [problem.message for problem in prove(replace(master, procedure=procedure), cell).problems]
    assert sum("so the loop is not bounded" in message for message in messages) == 1
    assert sum("write how often it is raised before the batch is held" in message for message in messages) == 3


def test_what_was_proved_is_told_with_how_much_of_it_there_is(cell: ProcessCell) -> None:
    proof = prove(read_recipe(FULL), cell)
    for words in (
        "1 loop bounded",
        "3 exceptions",
        "7 conditions",
        "material balance closed",
        "no deadlock with itself",
    ):
        assert any(words in one for one in proof.proved), (words, proof.proved)


def test_two_batches_that_could_stop_each_other_are_no_problem_but_told(cell: ProcessCell) -> None:
    (doubt,) = prove(read_recipe(FULL), cell).unproved
    assert "two batches at once: one batch holds" in doubt
    assert "'dried powder'" in doubt


def test_a_recipe_that_expects_no_amounts_has_no_provable_balance(cell: ProcessCell, small: str) -> None:
    proof = prove(read_recipe(small), cell)
    assert proof.problems == ()
    assert not any("balance" in words for words in proof.proved)
    assert any("balance not provable: no amount is expected of powder" in words for words in proof.unproved)


def test_a_tag_whose_readings_never_get_stale_is_refused(cell: ProcessCell) -> None:
    slow = replace(cell.tags["SCR-002.PH"], sampling="daily")
    found = problems_of(FULL, replace(cell, tags={**cell.tags, "SCR-002.PH": slow}))
    assert found
    assert all("SCR-002.PH is sampled 'daily', for which no age makes a reading stale" in one.message for one in found)


def test_what_only_a_lot_can_tell_is_looked_at_when_the_phase_starts(cell: ProcessCell) -> None:
    text = FULL.replace("{target: $input.salt}", "{target: 1 g * $lot.salt.assay}")
    proof = prove(read_recipe(text), cell)
    assert proof.problems == ()
    assert any("$lot.salt.assay is known only when a batch runs" in words for words in proof.unproved)


def test_an_expression_that_bends_between_its_limits_is_not_claimed_to_be_proved(cell: ProcessCell) -> None:
    text = FULL.replace("{expected_mass: $size, bpr: 15}", "{expected_mass: $size * $size / 1 kg, bpr: 15}")
    proof = prove(read_recipe(text), cell)
    assert proof.problems == ()
    assert any("it may have its ends between the limits of its parts" in words for words in proof.unproved)


def test_a_report_that_could_be_beyond_a_limit_is_a_doubt_not_a_mistake(cell: ProcessCell) -> None:
    text = FULL.replace('report("UNLOAD", unloaded_mass)', '2 * report("UNLOAD", unloaded_mass)')
    proof = prove(read_recipe(text), cell)
    assert proof.problems == ()
    assert any("it can be beyond them: 12000 g" in words for words in proof.unproved)


def test_a_batch_that_waits_for_itself_is_refused_with_the_circle(cell: ProcessCell) -> None:
    text = FULL.replace(
        "              - phase: INERTISE\n",
        "              - acquire: [GB-103]\n              - acquire: [GB-101]\n              - phase: INERTISE\n              - release: [GB-101, GB-103]\n",
    )
    text = text.replace(
        "          - operation: Load\n            phases:\n",
        "          - operation: Load\n            phases:\n              - acquire: [GB-101]\n              - acquire: [GB-103]\n              - release: [GB-101, GB-103]\n",
    )
    (problem,) = problems_of(text, cell)
    assert "waits for ever for itself: FULL holds GB-10" in problem.message
    assert text.splitlines()[problem.line - 1].strip().startswith("- acquire: [GB-10")
