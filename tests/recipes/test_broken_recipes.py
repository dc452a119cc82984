"""Random valid recipes pass; broken in a known way, each is refused and the checker names the line that was broken."""

# ruff: noqa: E501 - a case a line reads better than a wrapped table

from __future__ import annotations

import random

import pytest

from mes.model.equipment import ProcessCell
from mes.recipes.check import prove
from mes.recipes.problem import Problem, RecipeError
from mes.recipes.reader import read_recipe
from tests.recipes.made_recipes import PIECES, Break, both, drop, first, made_recipe, put

SEEDS = 2

# kind of mistake: (the piece that is broken, how, beginning of the line that is told, offending words or the fix)
BREAKS: dict[str, tuple[str, Break, str, str]] = {
    "syntax error": ("", put("name: Weigh salt", "name: Weigh: salt"), "name: Weigh: salt", "not readable as YAML"),
    "unknown key": ("scrub", put("within:", "witin:"), "witin:", "'within'"),
    "unknown tag": ("", put("SCR-002.PH > 11 and", "SCR-002.PHH > 11 and"), "- phase: ANNEAL", "'SCR-002.PHH'; did you mean 'SCR-002.PH'?"),
    "1 min where degC belongs": ("", put("540 degC}", "1 min}"), "- phase: ANNEAL", "'1 min' does not fit: 'min' cannot be converted, 'degC' is wanted"),
    "wrong unit in a condition": ("mill", put("peak) <= 5 %", "peak) <= 5 min"), "- repeat:", "measure different things"),
    "unknown unit of measure": ("mill", put("500 rpm", "500 rmp"), "parameters: {speed", "unknown unit of measure 'rmp'; did you mean 'rpm'?"),
    "unbounded loop": ("mill", drop("at_most:"), "- repeat:", "a repeat needs 'at_most'"),
    "unit never released": ("scrub", drop("- release:"), "- acquire: [SCR-002]", "unit SCR-002 is acquired here and never released; add '- release: [SCR-002]'"),
    "unit released that is not held": ("scrub", drop("- acquire:"), "- release: [SCR-002]", "releases SCR-002, which is not held here"),
    "unit acquired that is held": ("scrub", put("- acquire: [SCR-002]", "- acquire: [GB-103]\n  - acquire: [SCR-002, GB-103]"), "- acquire: [SCR-002, GB-103]", "acquires GB-103, which is held since line"),
    "parameter beyond its hard limit": ("", put("tolerance: 0.5 %", "tolerance: 50 %"), "- phase: WEIGH", "tolerance: 50 % is outside what the equipment allows, 0.01 % to 5 %"),
    "expression beyond a hard limit": ("", put("0.25 * $size", "25 * $size"), "- phase: PACK", "outside what the equipment allows, 10 g to 5000 g"),
    "default beyond its limits": ("", put("{default: 550 degC", "{default: 590 degC"), "soak: {default", "590 degC is not between 540 degC and 580 degC"),
    "jump into a parallel branch": ("", put("    - operation: Cool\n", "    - parallel:\n          - {operation: Other, phases: [{prompt: P, text: {en: P.}}]}\n          - {operation: Cool, phases: [{prompt: Q, text: {en: Q.}}]}\n        name: Both\n      - operation: Rest\n"), "then: {jump: Cool}", "into a branch of a parallel: 'Cool' stands in 'Anneal/Both'"),
    "jump to nowhere": ("", put("{jump: Cool}", "{jump: Cold}"), "then: {jump: Cold}", "'Cold', which is nowhere; did you mean 'Cool'?"),
    "unknown formula value": ("", put("soak_temp: $soak", "soak_temp: $soke"), "parameters: {soak_temp", "there is no formula parameter 'soke'; did you mean 'soak'?"),
    "branch that is never taken": ("ask", put("- otherwise:\n", "- when: answer(\"Fines\") > 30 %\n        do:\n"), "- when: answer(\"Fines\") > 30 %", "this branch is never taken"),
    "condition that is never true": ("ask", put("answer(\"Fines\") > 20 %", "answer(\"Fines\") > 120 %"), "- when: answer", "can never be true"),
    "report taken before it is there": ("", put("{target: 0.5 * $input.sugar}", "{target: 'report(\"PACK\", packed_mass) / 2'}"), "- phase: WEIGH\n            name: Weigh sugar", "'Pack/Pack/PACK' has reported by then only on some ways or on none"),
    "deadlock with itself": ("boxes", both(put("Inertise left\n", "Inertise left\n            uses: [GB-102]\n"), put("Inertise right\n", "Inertise right\n            uses: [GB-101]\n")), "- unit_procedure:", "waits for ever for itself: GEN holds"),
    "more out than in": ("", put("per: 900 g", "per: 950 g"), "losses:", "25 g more than there is"),
    "material that goes nowhere": ("", put("losses: {per: 100 g}", "losses: {per: 10 g}"), "losses:", "45 g go nowhere (1 % may)"),
    "wait without a limit": ("scrub", put("within: 1 h", "within: 0 s"), "- wait: SCR-002.PH", "without a limit"),
    "unknown failure": ("", put("RAMP_TIMEOUT", "RAMP_TIMEOUTS"), "- exception: Ramp failed", "no phase here can fail with 'RAMP_TIMEOUTS'; did you mean 'RAMP_TIMEOUT'?"),
    "meeting without a partner": ("boxes", first("sync: both boxes", "sync: box"), "- phase: INERTISE", "'box'"),
    "unknown equipment": ("", put("unit: PK-501", "unit: PK-510"), "- unit_procedure: Pack", "'PK-510' in this process cell; did you mean 'PK-501'?"),
    "unknown phase": ("", put("phase: COOL", "phase: COLL"), "- phase: COLL", "'COLL'; did you mean 'COOL'?"),
    "unknown class of units": ("mill", put("class: MILL", "class: MILLS"), "- unit_procedure: Mill", "'MILLS'; did you mean 'MILL'?"),
    "lot not scanned": ("", drop("scan: [salt]"), "- phase: WEIGH", "add 'scan: [salt]'"),
    "two parallel branches on one unit": ("boxes", put("unit: GB-102", "unit: GB-101"), "- parallel:", "the unit GB-101 is wanted by two parallel branches"),
}  # fmt: skip


def problems_of(text: str, cell: ProcessCell) -> tuple[Problem, ...]:
    """What is wrong with a text, found by reading it or by the proof."""
    try:
        return prove(read_recipe(text, "gen.yaml"), cell).problems
    except RecipeError as error:
        return error.problems


@pytest.mark.parametrize("piece", PIECES)
def test_a_recipe_made_at_random_raises_no_alarm(piece: str, cell: ProcessCell) -> None:
    for seed in range(SEEDS):
        text = made_recipe(random.Random(f"{piece} {seed}"), piece)
        assert problems_of(text, cell) == (), text


@pytest.mark.parametrize("kind", BREAKS)
def test_the_checker_names_the_line_that_was_broken(kind: str, cell: ProcessCell) -> None:
    piece, broken, at, words = BREAKS[kind]
    for seed in range(SEEDS):
        text = broken(made_recipe(random.Random(f"{kind} {seed}"), piece))
        lines = {
            number for number, line in enumerate(text.splitlines(), 1) if line.strip().startswith(at.split("\n")[0])
        }
        found = problems_of(text, cell)
        hit = [one for one in found if words in one.message and one.line in lines]
        assert hit, "\n".join([f"line {sorted(lines)}: {words}", *map(str, found), text])
        assert str(hit[0]).startswith(f"gen.yaml:{hit[0].line}: ")
