"""Fold the facts of a batch into its state; facts that only tell people something change nothing."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from mes.model.events import (
    Allocation,
    BatchCreated,
    BatchFact,
    CommandOutcome,
    Consume,
    Deallocation,
    LotBound,
    ProcessData,
    Produce,
    Prompt,
    PromptResponse,
    StateChange,
    StateCommand,
)
from mes.model.execution import BatchState, Execution, LotInUse, tree_of
from mes.model.fold_steering import STEERED, chosen_unit
from mes.model.quantity import Quantity
from mes.model.states import FINAL, Command

_LASTING = frozenset({Command.STOP, Command.ABORT})
"""Commands to a part of the procedure that outlast a restart of the whole."""


def _created(batch_no: str, fact: BatchCreated) -> BatchState:
    return BatchState(
        batch_no=batch_no,
        control=fact.control,
        tree=tree_of(fact.control.procedure),
        formula=dict(fact.control.formula),
        proposed_lots=fact.proposed_lots,
    )


def _with_execution(state: BatchState, path: str, execution: Execution) -> BatchState:
    return replace(state, executions={**state.executions, path: execution})


def _commanded(state: BatchState, fact: StateCommand) -> BatchState:
    if fact.path == "":
        # What a phase did not do under the last command may be asked of it again under this one.
        executions = {path: replace(execution, answered=None) for path, execution in state.executions.items()}
        goes_on = fact.command in {Command.RESTART, Command.RESUME}
        lasting = {path: given for path, given in state.local.items() if not goes_on or given.command in _LASTING}
        return replace(
            state,
            command=fact.command,
            commanded_by=fact.by,
            because=fact.because,
            executions=executions,
            local=lasting,
        )
    if fact.command is Command.START:
        begun = Execution(exec_id=fact.exec_id, pending=fact.command, parameters=fact.parameters)
        return _with_execution(state, fact.path, begun)
    known = state.executions.get(fact.path)
    if known is None or known.exec_id != fact.exec_id:
        # The slot is cleared of an execution that was not this phase's.
        known = Execution(exec_id=fact.exec_id)
    asked = replace(known, pending=fact.command, requested=fact.parameters, update=fact.update)
    return _with_execution(state, fact.path, asked)


def _settled(state: BatchState, fact: CommandOutcome) -> BatchState:
    known = state.executions.get(fact.path)
    if known is None or known.exec_id != fact.exec_id:
        return state
    if fact.command is Command.UPDATE and fact.known:
        known = replace(known, updates=max(known.updates, known.update))
    if not fact.known or not fact.accepted:
        return _with_execution(state, fact.path, replace(known, pending=None))
    if fact.command is Command.UPDATE:
        return _with_execution(state, fact.path, replace(known, pending=None, parameters=known.requested))
    settled = replace(known, pending=None, answered=fact.command, answered_seq=fact.seq)
    return _with_execution(state, fact.path, settled)


def _changed(state: BatchState, fact: StateChange) -> BatchState:
    state = replace(state, states={**state.states, fact.path: fact.after})
    if fact.path == "" and fact.after in FINAL and state.prompts:
        # Nobody needs to answer what an ended batch has asked.
        state = replace(state, prompts={}, withdrawn=state.withdrawn | state.prompts.keys())
    known = state.executions.get(fact.path)
    return _with_execution(state, fact.path, replace(known, answered=None)) if known else state


def _reported(state: BatchState, fact: ProcessData) -> BatchState:
    known = state.executions.get(fact.path, Execution(exec_id=fact.exec_id))
    state = replace(state, reports={**state.reports, fact.path: fact.reports})
    return _with_execution(state, fact.path, replace(known, reported=True))


def _prompted(state: BatchState, fact: Prompt) -> BatchState:
    asked = {**state.asked, wish_of(fact.prompt_id, state.tree.elements): fact.prompt_id}
    return replace(state, prompts={**state.prompts, fact.prompt_id: fact}, asked=asked)


def wish_of(prompt_id: str, elements: Container[str] = ()) -> str:
    """Give what a prompt asks for: its id without the number that tells the third asking from the first.

    The name of one of `elements` (paths) may itself end with such a number.
    """
    wish, mark, number = prompt_id.rpartition(" #")
    return wish if mark and number.isdigit() and not names_element(prompt_id, elements) else prompt_id


def names_element(prompt_id: str, elements: Container[str]) -> bool:
    """Say whether an id ends with the whole path of an element, such as "M/Charge #2"."""
    ends = (prompt_id, prompt_id.partition(":")[2], prompt_id.partition("@")[2])
    return any(end != "" and end in elements for end in ends)


def _answered(state: BatchState, fact: PromptResponse) -> BatchState:
    prompts = {known: prompt for known, prompt in state.prompts.items() if known != fact.prompt_id}
    return replace(state, prompts=prompts, responses={**state.responses, fact.prompt_id: fact})


def _bound(state: BatchState, fact: LotBound) -> BatchState:
    properties = {"assay": Quantity(fact.assay, "1"), **fact.properties}
    lot = LotInUse(lot_no=fact.lot_no, material=fact.material, quantity=fact.amount, properties=properties)
    return _with_lot(state, fact.input, lot)


def _with_lot(state: BatchState, name: str, lot: LotInUse) -> BatchState:
    last = state.lots.get(name)
    before = (*state.earlier.get(name, ()), *((last,) if last is not None else ()))
    # A lot that is scanned again is the same lot: nothing of it is held twice.
    still = tuple(one for one in before if one.lot_no != lot.lot_no and one.quantity and one.quantity.value > 0)
    return replace(state, lots={**state.lots, name: lot}, earlier={**state.earlier, name: still})


def _allocated(state: BatchState, fact: Allocation) -> BatchState:
    units = (*state.holdings.get(fact.path, ()), fact.unit)
    requests = {path: request for path, request in state.requests.items() if path != fact.path}
    state = replace(state, holdings={**state.holdings, fact.path: units}, requests=requests)
    return chosen_unit(state, fact.path, fact.unit)


def _deallocated(state: BatchState, fact: Deallocation) -> BatchState:
    left = tuple(unit for unit in state.holdings.get(fact.path, ()) if unit != fact.unit)
    holdings = {path: units for path, units in state.holdings.items() if path != fact.path}
    return replace(state, holdings={**holdings, fact.path: left} if left else holdings)


def _drawn(lot: LotInUse, fact: Consume) -> LotInUse:
    if lot.lot_no != fact.lot_no or lot.quantity is None:
        return lot
    left = lot.quantity - fact.quantity
    mass = None if lot.mass is None or fact.mass is None else lot.mass - fact.mass
    return replace(lot, quantity=Quantity(max(left.value, Decimal(0)), left.uom), mass=mass)


def _consumed(state: BatchState, fact: Consume) -> BatchState:
    lots, earlier = dict(state.lots), dict(state.earlier)
    before = tuple(_drawn(lot, fact) for lot in earlier.get(fact.input, ()))
    if any(lot.lot_no == fact.lot_no for lot in before):
        earlier[fact.input] = tuple(lot for lot in before if lot.quantity is None or lot.quantity.value > 0)
    elif fact.input in lots:
        lots[fact.input] = _drawn(lots[fact.input], fact)
    key = (fact.input, fact.lot_no)
    so_far = state.loose.get(key)
    loose = {**state.loose, key: fact.quantity if so_far is None else so_far + fact.quantity}
    return replace(state, lots=lots, earlier=earlier, consumed=(*state.consumed, fact), loose=loose)


def _produced(state: BatchState, fact: Produce) -> BatchState:
    if not fact.lot_no:
        return state
    lot = LotInUse(lot_no=fact.lot_no, material=fact.material, quantity=fact.quantity, mass=fact.mass)
    state = replace(state, made=(*state.made, fact.lot_no), loose=_taken(state.loose, fact))
    return _with_lot(state, fact.output, lot)


def _taken(loose: Mapping[tuple[str, str], Quantity], fact: Produce) -> Mapping[tuple[str, str], Quantity]:
    left = dict(loose)
    for parent, quantity in fact.parents:
        still = quantity
        for key, there in left.items():
            if key[1] == parent:
                part = min(there.value, still.to(there.uom).value)
                left[key] = Quantity(there.value - part, there.uom)
                still = Quantity(still.to(there.uom).value - part, there.uom)
    return left


_FOLDED: Mapping[type, Callable[[BatchState, Any], BatchState]] = {
    BatchCreated: lambda state, fact: _created(state.batch_no, fact),
    StateCommand: _commanded,
    CommandOutcome: _settled,
    StateChange: _changed,
    ProcessData: _reported,
    Prompt: _prompted,
    PromptResponse: _answered,
    LotBound: _bound,
    Allocation: _allocated,
    Deallocation: _deallocated,
    Consume: _consumed,
    Produce: _produced,
    **STEERED,
}


def apply(state: BatchState, fact: BatchFact) -> BatchState:
    """Give the state after one more fact."""
    folded = _FOLDED.get(type(fact))
    return state if folded is None else folded(state, fact)


def fold(batch_no: str, facts: Iterable[BatchFact]) -> BatchState:
    """Give the state of a batch from its facts in journal order.

    Raises `ValueError` when they do not begin with the creation of the batch.
    """
    state: BatchState | None = None
    for fact in facts:
        if state is None:
            if not isinstance(fact, BatchCreated):
                raise ValueError(f"the journal of batch {batch_no} begins with {fact.event}, not with its creation")
            state = _created(batch_no, fact)
        else:
            state = apply(state, fact)
    if state is None:
        raise ValueError(f"the journal knows no batch {batch_no}")
    return state
