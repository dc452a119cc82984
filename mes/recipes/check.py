"""The proof of a master recipe against the equipment of a process cell; nothing is started or written."""

from __future__ import annotations

from dataclasses import dataclass

from mes.model.equipment import ProcessCell
from mes.model.procedure import Group, walk
from mes.model.recipe import MasterRecipe
from mes.model.steps import HoldingStep, PhaseStep
from mes.recipes.flow import flow_problems
from mes.recipes.problem import Problem
from mes.recipes.proof.balance import prove_balance
from mes.recipes.proof.case import Case, case_of, unit_procedures
from mes.recipes.proof.conditions import prove_conditions
from mes.recipes.proof.deadlocks import prove_no_deadlock
from mes.recipes.proof.equipment import prove_equipment
from mes.recipes.proof.holding import prove_holding
from mes.recipes.proof.known import prove_known
from mes.recipes.proof.limits import prove_limits
from mes.recipes.proof.links import prove_links
from mes.recipes.proof.stated import blocks, given, stated, tags_of
from mes.recipes.proof.values import prove_values


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What was found out about a recipe: `problems` keep it from being run.

    `proved` says in words what holds for every batch of it, `unproved` what is only looked at when a batch is made or
    runs; neither means anything while there are problems.
    """

    problems: tuple[Problem, ...]
    proved: tuple[str, ...] = ()
    unproved: tuple[str, ...] = ()


def check(master: MasterRecipe, cell: ProcessCell) -> list[Problem]:
    """Give everything that keeps a recipe from being run in this process cell, in the order of the text."""
    return list(prove(master, cell).problems)


def prove(master: MasterRecipe, cell: ProcessCell) -> Proof:
    """Prove what can be proved of a recipe in this process cell before it runs.

    Units, phases, parameters, reports and tags exist (else the nearest name is told) and fit in their units of measure;
    conditions can be true and rest on readings of limited age; values at the limits of size and formula stay inside the
    limits of the equipment; material is scanned or made before it is used, and balances; what is referred to is there
    on every way; loops and waits end; what is acquired is released; and a batch never waits for itself.
    """
    case = case_of(master, cell)
    case.problems.extend(flow_problems(master))
    prove_equipment(case)
    prove_values(case)
    prove_conditions(case)
    prove_limits(case)
    prove_known(case)
    prove_links(case)
    prove_holding(case)
    balanced = prove_balance(case)
    if not case.problems:  # of a recipe that acquires wrongly the other proofs tell better what is wrong
        prove_no_deadlock(case)
    problems = tuple(sorted(set(case.problems)))
    return Proof(problems=problems, proved=_proved(case, balanced=balanced), unproved=tuple(case.unproved))


def _proved(case: Case, *, balanced: bool) -> tuple[str, ...]:
    """Say what was proved, with how much of each there is."""
    root = case.master.procedure
    elements = tuple(walk(root))
    steps = [found for found in elements if isinstance(found, PhaseStep)]
    tags = {tag for one in stated(root) for tag in tags_of(one.text)}
    loops = [found for found in elements if isinstance(found, Group) and found.is_repeated]
    acquired = sum(isinstance(found, HoldingStep) and not found.release for found in elements)
    claims = acquired + len(list(unit_procedures(root)))
    found = (
        (len(elements) - 1, "element", "elements", "reachable"),
        (sum(len(list(given(step))) for step in steps), "value", "values", "inside the limits of the equipment"),
        (len(list(stated(root))), "condition", "conditions", "can be true, of units that fit"),
        (len(tags), "tag", "tags", "in conditions of limited age"),
        (len(loops), "loop", "loops", "bounded"),
        (len(list(blocks(root))), "exception", "exceptions", "possible and bounded"),
        (claims, "acquisition", "acquisitions", "of units released on every way"),
    )
    words = [f"{count} {one if count == 1 else many} {what}" for count, one, many, what in found if count]
    return (*words, *(["material balance closed at every batch size"] if balanced else []), "no deadlock with itself")
