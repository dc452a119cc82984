"""Choices, loops, waits, exceptions, gates and allocation: what they become, and how wrong ones are told."""

# ruff: noqa: E501 - a case a line reads better than a wrapped table

from __future__ import annotations

from decimal import Decimal

import pytest

from mes.model.procedure import Choose, Element, Group, Level, Order, Then, UnitWanted, index
from mes.model.steps import (
    AnswerKind,
    GateStep,
    HoldingStep,
    OnFail,
    PhaseStep,
    PromptStep,
    ResultSpec,
    Source,
    WaitStep,
)
from mes.recipes.problem import RecipeError
from mes.recipes.reader import read_recipe
from tests.recipes.everything import EVERYTHING

MASTER = read_recipe(EVERYTHING)
RUN = "Mill until clean/Mill/Run"


def element(path: str) -> Element:
    return index(MASTER.procedure)[path]


def group(path: str) -> Group:
    found = element(path)
    assert isinstance(found, Group)
    return found


def test_a_choice_has_a_branch_for_each_condition_and_the_last_one_needs_none() -> None:
    choice = group(f"{RUN}/choose 1")
    assert (choice.level, choice.order) == (Level.BLOCK, Order.CHOICE)
    branches = [child for child in choice.children if isinstance(child, Group)]
    assert [(branch.name, branch.when, branch.level) for branch in branches] == [
        ("Short", 'answer("Which route") == 1', Level.BLOCK),
        ("branch 2", "$mill_time > 12 h", Level.BLOCK),
        ("otherwise", "", Level.BLOCK),
    ]


def test_a_repetition_has_its_end_and_its_bound() -> None:
    loop = group("Mill until clean")
    assert loop.is_repeated
    assert (loop.until, loop.at_most, loop.order) == ('result("QC", peak) <= 5 %', 3, Order.SEQUENCE)


def test_a_wait_is_for_a_condition_with_a_limit_or_for_a_time() -> None:
    plain, waiting = element(f"{RUN}/choose 1/Short/wait 1"), element(f"{RUN}/choose 1/branch 2/wait 1")
    unsaid = element("Mill until clean/Mill/Too hot/Let it cool/wait 1")
    assert isinstance(plain, WaitStep)
    assert isinstance(waiting, WaitStep)
    assert isinstance(unsaid, WaitStep)
    assert (plain.until, plain.duration_s, plain.within_s) == ("", 600, 0)
    assert (waiting.until, waiting.duration_s, waiting.within_s) == ("BM-201.T_JAR < 40 degC", 0, 7200)
    assert unsaid.within_s == 4 * 3600


def test_units_are_acquired_released_used_and_chosen_by_class() -> None:
    take, give = element("Take the furnace"), element("release 1")
    assert isinstance(take, HoldingStep)
    assert isinstance(give, HoldingStep)
    assert (take.units, take.release, give.units, give.release) == (("FU-301",), False, ("FU-301",), True)
    mill = group("Mill until clean/Mill")
    assert mill.unit == ""
    assert mill.wanted == UnitWanted(
        unit_class="MILL", choose=Choose.LONGEST_IDLE, prefer=("BM-202",), where="jar_volume >= 2 L"
    )
    assert (group("Weigh").uses, group(RUN).uses) == (("SCR-002",), ("SCR-002",))
    load = element(f"{RUN}/LOAD")
    assert isinstance(load, PhaseStep)
    assert load.unit == ""


def test_an_exception_block_knows_its_guard_its_steps_and_how_it_goes_on() -> None:
    (hot,) = group("Mill until clean/Mill").exceptions
    assert (hot.path, hot.when, hot.then) == (
        "Mill until clean/Mill/Too hot",
        "BM-201.T_JAR > 70 degC for 10 s",
        Then.JUMP,
    )
    assert (hot.target, hot.at_most) == (RUN, 2)
    assert (hot.steps.path, hot.steps.level, hot.steps.order) == (hot.path, Level.BLOCK, Order.SEQUENCE)
    (other,) = MASTER.procedure.exceptions
    assert (other.path, other.failure, other.when, other.then, other.at_most) == (
        "Anything else",
        "any",
        "",
        Then.END,
        3,
    )
    assert MASTER.hold_propagation is Level.UNIT_PROCEDURE


def test_a_gate_a_choice_and_a_scan_ask_people() -> None:
    gate, choice, scan = element(f"{RUN}/QC"), element("Who mills"), element("Look at the lot")
    assert isinstance(gate, GateStep)
    spec = ResultSpec(
        name="peak", uom="%", minimum=Decimal(0), maximum=Decimal(100), spec_low=Decimal(0), spec_high=Decimal(5)
    )
    assert (gate.results, gate.on_fail, gate.sample) == ((spec,), OnFail.CONTINUE, "powder")
    assert isinstance(choice, PromptStep)
    assert (choice.answer, choice.choices) == (AnswerKind.CHOICE, ("early", "late"))
    assert isinstance(scan, PromptStep)
    assert (scan.answer, scan.input) == (AnswerKind.LOT, "salt")


def test_phases_start_together_and_get_new_parameters_while_they_run() -> None:
    box, mill = element("parallel 1/Box/Inertise/INERTISE"), element(f"{RUN}/choose 1/otherwise/MILL")
    assert isinstance(box, PhaseStep)
    assert (box.sync, box.transfer) == ("Both boxes", False)
    moved = read_recipe(EVERYTHING.replace("sync: Both boxes", "transfer: Both boxes"))
    again = index(moved.procedure)["parallel 1/Box/Inertise/INERTISE"]
    assert isinstance(again, PhaseStep)
    assert (again.sync, again.transfer) == ("Both boxes", True)
    assert isinstance(mill, PhaseStep)
    (update,) = mill.updates
    assert update.when == "BM-201.T_JAR > 50 degC"
    assert [(one.source, one.reference) for one in update.parameters] == [(Source.EXPRESSION, "$mill_speed - 50 rpm")]


def test_what_is_no_amount_and_no_reference_is_an_expression() -> None:
    load = element(f"{RUN}/LOAD")
    assert isinstance(load, PhaseStep)
    assert [(one.name, one.source, one.reference) for one in load.parameters] == [
        ("expected_mass", Source.EXPRESSION, "0.9 * $size"),
        ("bpr", Source.FORMULA, "ratio"),
    ]


def test_blocks_may_have_names_and_share_no_numbers_with_those_that_have_none() -> None:
    text = EVERYTHING.replace(
        "  - release: [FU-301]\n",
        "  - {wait: 1 min}\n  - {wait: 2 min, name: Rest}\n  - {wait: 3 min}\n  - release: [FU-301]\n",
    )
    paths = set(index(read_recipe(text).procedure))
    assert {"wait 1", "Rest", "wait 2"} <= paths


UNTIL = '    until: result("QC", peak) <= 5 %\n'
WRONG = [
    # loops and choices
    ("    at_most: 3\n  - release", "  - release", "  - repeat:", "a repeat needs 'at_most'; write how often at most, such as 'at_most: 3'"),
    ("    at_most: 3\n  - release", "    at_most: 0\n  - release", "    at_most: 0", "'at_most' is 0, but must be 1 to 1000"),
    ("    at_most: 3\n  - release", "    at_most: 1001\n  - release", "    at_most: 1001", "'at_most' is 1001, but must be 1 to 1000"),
    ("    at_most: 3\n  - release", "    at_most: often\n  - release", "    at_most: often", "'at_most' must be a whole number, not the text 'often'"),
    (UNTIL, "", "  - repeat:", "key 'until' is missing"),
    (UNTIL, "    until: result(QC, peak) <= 5 %\n", "    until: result(QC", "until: column 8 of the condition"),
    ("                  - when: $mill_time > 12 h\n                    do:\n", "                  - otherwise:\n", "- otherwise:", "no branch after 'otherwise' is ever taken; put 'otherwise' last, and only once"),
    ("                  - when: $mill_time > 12 h\n", "                  - wen: $mill_time > 12 h\n", "- wen:", "unknown key 'wen'; did you mean 'when'?"),
    ("name: Short", "name: branch 2", "- when: $mill_time", "'branch 2' is here twice"),
    # waits
    ("- wait: 10 min", "- wait: 10 degC", "- wait: 10 degC", "'degC' cannot be converted, 's' is wanted"),
    ("- wait: 10 min", "- wait: 0 min", "- wait: 0 min", "a wait of 0 min is none"),
    ("- wait: 10 min", "- {wait: 10 min, within: 1 h}", "- {wait: 10 min", "a time ends by itself and needs no 'within'"),
    ("T_JAR < 40 degC", "T_JAR << 40 degC", "- wait: BM-201", "wait: column 15 of the condition"),
    # exceptions
    ("            then: {jump: Run}\n", "            then: {jump: Rum}\n", "then: {jump: Rum}", "jump to 'Rum', which is nowhere; did you mean 'Run'?; the items of its sequence are 'Run'"),
    ("            then: {jump: Run}\n", "            then: {jump: UNLOAD}\n", "then: {jump", f"jump into another level: 'UNLOAD' stands in '{RUN}'; the items of its sequence are 'Run'"),
    ("            then: {jump: Run}\n", "            then: {jump: Weigh}\n", "then: {jump", "jump out of its sequence: 'Weigh' stands in 'the procedure'"),
    ("    then: end\n", "    then: {jump: Box}\n", "then: {jump: Box}", "jump into a branch of a parallel: 'Box' stands in 'parallel 1'; the items of its sequence are 'Who mills',"),
    ("    then: end\n", "    then: {jump: Short}\n", "then: {jump: Short}", f"jump into a branch of a choose: 'Short' stands in '{RUN}/choose 1'"),
    ("    then: end\n", "    then: stop\n", "then: stop", "'stop' is not possible for 'then'; write 'return' or 'end'"),
    ("    failure: any\n", "", "- exception: Anything", "exception 'Anything else' needs either 'when' or 'failure', not both or none"),
    ("exception: Anything else", "exception: Weigh", "- exception: Weigh", "'Weigh' is here twice (first in line 29)"),
    ("exception: Anything else", "excepton: Anything else", "- excepton:", "unknown key 'excepton'; did you mean 'exception'?"),
    # units
    ("uses: [SCR-002]\n    operations", "uses: [scr-002]\n    operations", "uses: [scr", "'scr-002' is not a unit such as BM-201"),
    ("- acquire: [FU-301]", "- acquire: [FU-301, FU-301]", "- acquire", "FU-301 is here twice; write it once"),
    ("choose: longest idle", "choose: idlest", "unit: {class", "'idlest' is not possible for 'choose'; write 'preferred', 'longest idle' or 'operator'"),
    ("prefer: [BM-202]", "prefers: [BM-202]", "unit: {class", "unknown key 'prefers'; did you mean 'prefer'?"),
    ("where: jar_volume >= 2 L", "where: jar_volume => 2 L", "unit: {class", "where: column 12 of the condition"),
    # references
    ("answer(\"Which route\")", "answer(\"Which rout\")", "- when: answer", "there is no prompt 'Which rout'; did you mean 'Which route'?"),
    ("answer(\"Which route\")", "answer(\"Who mills\")", "- when: answer", "the answer of 'Who mills' is no number but a choice"),
    ('result("QC", peak)', 'result("QC", peek)', "until: result", "the gate 'QC' asks for no result 'peek'; did you mean 'peak'?"),
    ('result("QC", peak)', 'result("UNLOAD", peak)', "until: result", "there is no gate 'UNLOAD'; known are QC"),
    ('report("Weigh salt", net_weight)', 'report("INERTISE", net_weight)', "target: report", "'INERTISE' can mean 'parallel 1/Box/Inertise/INERTISE', 'parallel 1/Other box/Inertise/INERTISE'; write more of the path"),
    ("$lot.salt.assay", "$lot.sald.assay", "target: report", "there is no input 'sald' whose lot could be meant; did you mean 'salt'?"),
    ("0.9 * $size", "0.9 * $sice", "parameters: {expected_mass", "there is no formula parameter 'sice'"),
    ("0.9 * $size", "0.9 ** $size", "parameters: {expected_mass", "expected_mass: column 6 of the expression '0.9 ** $size'"),
    ("$mill_time > 12 h", "$mill_tim > 12 h", "- when: $mill_tim", "there is no formula parameter 'mill_tim'; did you mean 'mill_time'?"),
    ("$mill_speed - 50 rpm", "$mil_speed - 50 rpm", "parameters: {speed: $mil_speed", "there is no formula parameter 'mil_speed'; did you mean 'mill_speed'?"),
    # people
    ("spec: [0, 5]", "spec: [5, 0]", "peak:", "spec: 5 is above 0; swap them"),
    ("spec: [0, 5]", "spec: [0, 500]", "peak:", "spec: 0 to 500 is not within what can be typed, 0 to 100"),
    ("spec: [0, 5]", "spec: [5]", "peak:", "'spec' needs at least 2 item(s), has 1"),
    ("sample: powder", "sample: powdr", "sample:", "sample: there is no output 'powdr'; did you mean 'powder'?"),
    ("on_fail: continue", "on_fail: contine", "on_fail:", "'contine' is not possible for 'on_fail'; write 'ask' or 'continue'"),
    ("choice: [early, late]", "choice: [early, early]", "answer: {choice", "a choice is offered twice"),
    ("answer: {scan: salt}", "answer: {scan: sald}", "answer: {scan", "scan: there is no input 'sald'; did you mean 'salt'?"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "where", "message"), WRONG)
def test_a_wrong_construct_is_told_with_its_line(old: str, new: str, where: str, message: str) -> None:
    assert EVERYTHING.count(old) == 1, f"{old!r} is {EVERYTHING.count(old)} times in the recipe"
    text = EVERYTHING.replace(old, new)
    line = text[: text.index(where)].count("\n") + 1
    with pytest.raises(RecipeError) as refused:
        read_recipe(text, "t.yaml")
    found = [str(problem) for problem in refused.value.problems]
    assert any(one.startswith(f"t.yaml:{line}: ") and message in one for one in found), found


SYNCS = [
    ("sync: Both boxes", "sync: Other", 1, "sync 'Other' is of one phase only, which would wait for nobody; other names are 'Both boxes'"),
    ("sync: Both boxes", "transfer: Both boxes", 1, "'Both boxes' is a transfer in one phase and a sync in another"),
    ("sync: Both boxes", "transfer: Both boxes\n                sync: Both boxes", 1, "a transfer is a sync already"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "times", "message"), SYNCS)
def test_phases_that_cannot_start_together_are_told(old: str, new: str, times: int, message: str) -> None:
    with pytest.raises(RecipeError) as refused:
        read_recipe(EVERYTHING.replace(old, new, times), "t.yaml")
    assert any(message in problem.message for problem in refused.value.problems), refused.value.problems


def test_a_transfer_is_between_exactly_two_units() -> None:
    text = EVERYTHING.replace("sync: Both boxes", "transfer: Both boxes")
    with pytest.raises(RecipeError, match="transfer 'Both boxes' is from GB-102 to itself; it needs two units"):
        read_recipe(text.replace("GB-103", "GB-102"))
    third = "      - unit_procedure: Third\n        unit: GB-101\n        operations:\n          - operation: I\n            phases:\n              - {phase: INERTISE, transfer: Both boxes}\n"
    with pytest.raises(RecipeError, match=r"transfer 'Both boxes' is of 3 phase\(s\), it needs exactly two"):
        read_recipe(
            text.replace("exceptions:\n  - exception: Anything", f"{third}exceptions:\n  - exception: Anything")
        )


def test_an_exception_on_branches_that_have_no_order_cannot_jump() -> None:
    block = "    exceptions:\n      - {exception: Open, when: GB-102.O2_PPM > 5 ppm, do: [{wait: 1 min}], then: {jump: Box}}\n"
    text = EVERYTHING.replace("  - parallel:\n", f"{block.replace('    exceptions', '  - exceptions')}    parallel:\n")
    with pytest.raises(
        RecipeError, match="a jump to 'Box' out of a parallel is not possible, for its items have no order"
    ):
        read_recipe(text)
    assert read_recipe(text.replace("{jump: Box}", "return")).procedure.children
