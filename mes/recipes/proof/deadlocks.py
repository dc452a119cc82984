"""Whether a batch of the recipe can come to wait for itself, alone or beside a second batch of the same recipe."""

from __future__ import annotations

from dataclasses import replace

from mes.model.claims import Program, program_of
from mes.model.deadlock import Deadlock, deadlock_before_start
from mes.model.procedure import Element, Group, index
from mes.recipes.proof.case import Case

STATES = 10_000
"""States that are looked at for two batches: a tenth of a second, for every batch that is made is checked."""

_FIX = "acquire the units in the same order everywhere, or all at once with 'uses'"


def prove_no_deadlock(case: Case) -> None:
    """Find orders of events in which the recipe waits for what it holds itself; two of it at once are only doubted."""
    program = claims_of(case)
    capacity = {name: unit.users for name, unit in case.cell.units.items()}
    found = deadlock_before_start({case.master.recipe_id: program}, capacity)
    if found is not None and found.certain:
        case.tell(_element(case, found), f"waits for ever for itself: {found}; {_FIX}")
    elif found is not None:
        case.doubt(case.master.procedure, f"no deadlock with itself: {found}")
    else:
        two = deadlock_before_start({"one batch": program, "another": program}, capacity, states=STATES)
        if two is not None:
            text = (
                f"two batches at once: {two}; the second is not started while that can come about; to avoid it, {_FIX}"
            )
            case.doubt(case.master.procedure, text)


def claims_of(case: Case) -> Program:
    """Give what the recipe acquires and releases, with the candidates of the units that it wants by class."""
    procedure = _with_candidates(case, case.master.procedure)
    if not isinstance(procedure, Group):
        raise TypeError("a procedure is a group")
    return program_of(procedure)


def _with_candidates(case: Case, element: Element) -> Element:
    if not isinstance(element, Group):
        return element
    wanted = element.wanted and replace(element.wanted, candidates=case.units[element.path])
    return replace(
        element,
        wanted=wanted,
        children=tuple(_with_candidates(case, child) for child in element.children),
        exceptions=tuple(
            replace(block, steps=steps)
            for block in element.exceptions
            if isinstance(steps := _with_candidates(case, block.steps), Group)
        ),
    )


def _element(case: Case, found: Deadlock) -> Element:
    elements = index(case.master.procedure)
    paths = [link.path for link in found.waiting if link.path in elements and link.path]
    return elements[paths[0]] if paths else case.master.procedure
