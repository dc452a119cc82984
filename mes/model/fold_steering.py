"""Fold the facts about the way through the procedure: commands to parts of it, modes, choices, rounds, exceptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from mes.model.execution import BatchState, Given, Request, is_below, tree_of
from mes.model.procedure import Element, Group
from mes.model.states import Command
from mes.model.steering import (
    BreakpointChange,
    ChoiceMade,
    Confirmation,
    ElementCommand,
    ExceptionEnded,
    ExceptionRaised,
    ModeChange,
    ParameterChange,
    QueueChange,
    RankChange,
    Reentry,
    Skip,
    TestResults,
    TimerStarted,
    UnitChosen,
    UnitRequest,
)
from mes.model.steps import PhaseStep, PromptStep

T = TypeVar("T")

_WISHES = ("repeat:", "choose:", "again:", "verdict:", "unit:")
"""What stands before the path in the wishes of a group or step that are not simply to be answered."""


def _apart(found: Mapping[str, T], top: str) -> dict[str, T]:
    return {path: value for path, value in found.items() if not is_below(path, top)}


def _commanded(state: BatchState, fact: ElementCommand) -> BatchState:
    executions = {
        path: replace(execution, answered=None) if is_below(path, fact.path) else execution
        for path, execution in state.executions.items()
    }
    state = replace(state, executions=executions)
    if fact.command in {Command.RESTART, Command.RESUME, Command.START}:
        return replace(state, local=_apart(state.local, fact.path))
    given = Given(command=fact.command, by=fact.by, because=fact.because)
    return replace(state, local={**state.local, fact.path: given})


def _reentered(state: BatchState, fact: Reentry) -> BatchState:
    """Forget what was decided and asked at and below the element; what was consumed and made stays in the record."""
    top = fact.path
    rounds = _apart(state.rounds, top)
    return replace(
        state,
        rounds={**rounds, top: fact.round} if fact.round else rounds,
        local=_apart(state.local, top),
        skipped=frozenset(path for path in state.skipped if not is_below(path, top)),
        confirmed=frozenset(path for path in state.confirmed if not is_below(path, top)),
        raised=frozenset(path for path in state.raised if not is_below(path, top)),
        choices=_apart(state.choices, top),
        requests=_apart(state.requests, top),
        timers=_apart(state.timers, top),
        results=_apart(state.results, top),
        asked={wish: prompt for wish, prompt in state.asked.items() if not _belongs(state, wish, top)},
        prompts={key: prompt for key, prompt in state.prompts.items() if not is_below(prompt.path, top)},
        withdrawn=state.withdrawn | {key for key, prompt in state.prompts.items() if is_below(prompt.path, top)},
        lots=_unscanned(state, top),
    )


def _belongs(state: BatchState, wish: str, top: str) -> bool:
    """Say whether a wish was uttered by an element at or below `top`; those of scans are named by their input, and
    those of one of several charges by its path as well."""
    if wish.startswith("scan:"):
        name, charge, path = wish.removeprefix("scan:").partition("@")
        return is_below(path, top) if charge else name in _scans(state, top)
    path = wish.partition(":")[2] if wish.startswith(_WISHES) else wish
    return is_below(path, top) or is_below(path.rpartition("#")[0], top) if path else False


def _scans(state: BatchState, top: str) -> set[str]:
    found: set[str] = set()
    for path, element in state.tree.elements.items():
        if is_below(path, top):
            if isinstance(element, PhaseStep):
                found.update(element.scan)
            elif isinstance(element, PromptStep) and element.input:
                found.add(element.input)
    return found


def _unscanned(state: BatchState, top: str) -> dict[str, Any]:
    # Another round may take another bottle, so its lot is asked for again.
    again = _scans(state, top)
    return {name: lot for name, lot in state.lots.items() if name not in again}


def chosen_unit(state: BatchState, path: str, unit: str) -> BatchState:
    """Give the state with the phases of a unit procedure bound to the unit that was chosen for it.

    An element that asks for no class, or a unit that is only shared, changes nothing.
    """
    group = state.tree.elements.get(path)
    if not isinstance(group, Group) or group.wanted is None or unit not in group.wanted.candidates:
        return state
    return replace(state, tree=tree_of(_at(state.tree.root, path, unit)))


def _at(element: Group, path: str, unit: str) -> Group:
    def one(child: Element) -> Element:
        if child.path == path and isinstance(child, Group):
            return _bound(child, unit)
        return _at(child, path, unit) if isinstance(child, Group) and is_below(path, child.path) else child

    blocks = tuple(
        replace(block, steps=_at(block.steps, path, unit)) if is_below(path, block.path) else block
        for block in element.exceptions
    )
    return replace(element, children=tuple(one(child) for child in element.children), exceptions=blocks)


def _bound(group: Group, unit: str) -> Group:
    def one(child: Element) -> Element:
        if isinstance(child, Group):
            return _bound(child, unit)
        if not isinstance(child, PhaseStep):
            return child
        binding = next(found for found in child.bindings if found.unit == unit)
        return replace(child, unit=unit, plc=binding.plc, slot=binding.slot, number=binding.number)

    return replace(
        group,
        unit=unit if group.wanted is not None else group.unit,
        children=tuple(one(child) for child in group.children),
        exceptions=tuple(replace(block, steps=_bound(block.steps, unit)) for block in group.exceptions),
    )


def _raised(state: BatchState, fact: ExceptionRaised) -> BatchState:
    times = {**state.raises, fact.path: state.raises.get(fact.path, 0) + 1}
    return replace(state, raised=state.raised | {fact.path}, raises=times)


def _requested(state: BatchState, fact: UnitRequest) -> BatchState:
    request = Request(candidates=fact.candidates, uses=fact.uses, rank=fact.rank)
    return replace(state, requests={**state.requests, fact.path: request})


def _ranked(state: BatchState, fact: RankChange) -> BatchState:
    known = state.requests.get(fact.path)
    if known is None:
        return state
    return replace(state, requests={**state.requests, fact.path: replace(known, rank=fact.rank)})


def _set(state: BatchState, fact: ParameterChange) -> BatchState:
    if fact.path == "":
        return replace(state, formula={**state.formula, fact.name: fact.value})
    return replace(state, overrides={**state.overrides, (fact.path, fact.name): fact.value})


def _breakpoint(state: BatchState, fact: BreakpointChange) -> BatchState:
    if not fact.active:
        return replace(state, breakpoints=state.breakpoints - {fact.path})
    # Who lets an element begin has not seen the breakpoint that is set after it.
    return replace(state, breakpoints=state.breakpoints | {fact.path}, confirmed=state.confirmed - {fact.path})


STEERED: Mapping[type, Callable[[BatchState, Any], BatchState]] = {
    ElementCommand: _commanded,
    ModeChange: lambda state, fact: replace(state, modes={**_apart(state.modes, fact.path), fact.path: fact.mode}),
    BreakpointChange: _breakpoint,
    Confirmation: lambda state, fact: replace(state, confirmed=state.confirmed | {fact.path}),
    Skip: lambda state, fact: replace(
        state, skipped=state.skipped | {fact.path}, requests=_apart(state.requests, fact.path)
    ),
    Reentry: _reentered,
    ChoiceMade: lambda state, fact: replace(state, choices={**state.choices, fact.path: fact.branch}),
    ExceptionRaised: _raised,
    ExceptionEnded: lambda state, fact: replace(state, raised=state.raised - {fact.path}),
    TimerStarted: lambda state, fact: replace(state, timers={**state.timers, fact.path: fact.ends_at}),
    ParameterChange: _set,
    TestResults: lambda state, fact: replace(state, results={**state.results, fact.path: fact.results}),
    UnitRequest: _requested,
    UnitChosen: lambda state, fact: chosen_unit(state, fact.path, fact.unit),
    RankChange: _ranked,
    QueueChange: lambda state, fact: replace(state, queue=fact),
}
"""How each of these facts changes the state."""
