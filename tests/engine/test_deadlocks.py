"""Batches that wait for each other for ever: seen before a start where it can be, and told where it has come about."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mes.engine.arbitration import Fitness, arbitrate
from mes.engine.claims import claims_of, owners_of, rank_at
from mes.engine.deadlocks import LockWatch, lock_up
from mes.model.events import Allocation, BatchCreated, BatchFact, StateChange, StateCommand
from mes.model.execution import BatchState
from mes.model.fold import fold
from mes.model.procedure import Group
from mes.model.states import Command, CommandRefused, ProceduralState
from mes.model.steering import QueueChange, UnitRequest
from mes.model.steps import HoldingStep
from mes.plc.tagmap import process_cell
from tests.engine.yard import holding, recipe, stage, yard_map

S = ProceduralState
YARD = process_cell([yard_map()])


def state(batch_no: str, procedure: Group, *facts: BatchFact, begun: bool = True) -> BatchState:
    created = BatchCreated(control=recipe(procedure), by="ann")
    start = StateCommand(path="", command=Command.START, by="ann", because="")
    runs = StateChange(path="", before=S.STARTING, after=S.RUNNING)
    return fold(batch_no, [created, *((start, runs) if begun else ()), *facts])


def stuck(batch_no: str, has: str, wants: str) -> BatchState:
    """Give a batch that has one unit and waits for another."""
    request = UnitRequest(path="Work/Both", candidates=(), uses=(wants,), rank=Decimal(1))
    return state(batch_no, holding(has, wants), Allocation(path="Work", unit=has), request)


def alarms(watch: LockWatch, *states: BatchState, units: dict[str, Fitness] | None = None) -> list[tuple[str, str]]:
    batches = {one.batch_no: one for one in states}
    claims = [claim for one in states for claim in claims_of(one)]
    waits = arbitrate(claims, owners_of(states), units or {}).waits
    waiting = {number: {path: wait for (batch, path), wait in waits.items() if batch == number} for number in batches}
    return [(number, alarm.text) for number, alarm in watch.look(batches, waiting, units or {})]


def test_batches_that_wait_for_each_other_are_told_once_with_who_has_what() -> None:
    watch = LockWatch()
    circle = stuck("B-1", "M-1", "FU-1"), stuck("B-2", "FU-1", "M-1")
    told = alarms(watch, *circle)
    assert [number for number, _ in told] == ["B-1", "B-2"]
    assert "B-1 waits for FU-1 of B-2, B-2 waits for M-1 of B-1" in told[0][1]
    assert alarms(watch, *circle) == []


def test_nobody_is_stuck_while_one_of_them_can_still_go_on() -> None:
    line = stuck("B-1", "M-1", "FU-1"), state("B-2", stage("FU-1"), Allocation(path="Work", unit="FU-1"))
    assert alarms(LockWatch(), *line) == []
    room = {"M-1": Fitness(users=2)}
    assert alarms(LockWatch(), stuck("B-1", "M-1", "FU-1"), stuck("B-2", "FU-1", "M-1"), units=room) == []
    broken = {"FU-1": Fitness(in_service=False)}
    waiting = state("B-3", stage("FU-1"), UnitRequest(path="Work", candidates=("FU-1",), uses=(), rank=Decimal(1)))
    assert alarms(LockWatch(), waiting, units=broken) == []


def test_a_start_is_looked_at_together_with_what_has_begun_and_not_with_what_only_waits() -> None:
    first, second = holding("M-1", "FU-1"), holding("FU-1", "M-1")
    starting = state("B-2", second, begun=False)
    assert lock_up(starting, [state("B-1", first)], YARD) == (
        "B-1 holds M-1 and wants FU-1, B-2 holds FU-1 and wants M-1"
    )
    assert lock_up(starting, [state("B-1", first, begun=False)], YARD) == ""
    # Who has both already wants nothing any more.
    has_both = Allocation(path="Work", unit="M-1"), Allocation(path="Work/Both", unit="FU-1")
    assert lock_up(starting, [state("B-1", first, *has_both)], YARD) == ""


def test_a_unit_that_was_acquired_for_longer_is_not_waited_for_again() -> None:
    keep = HoldingStep(path="Work/Op/Keep", name="Keep", units=("FU-1",))
    free = HoldingStep(path="Work/Op/Free", name="Free", units=("FU-1",), release=True)
    procedure = stage("M-1", "Work", keep, free)
    assert lock_up(state("B-1", procedure, begun=False), [], YARD) == ""


def test_no_rank_lifts_a_request_over_a_higher_priority() -> None:
    def asks(batch_no: str, rank: str, priority: int) -> BatchState:
        queue = QueueChange(queued=True, by="ann", because="", priority=priority)
        request = UnitRequest(path="Work", candidates=("M-1",), uses=(), rank=Decimal(rank))
        return state(batch_no, stage("M-1"), queue, request)

    batches = [asks("B-1", "1", 5), asks("B-2", "2", 0), asks("B-3", "3", 0)]
    assert rank_at(batches, batches[2], "Work", "M-1", 2) == 1
    assert rank_at(batches, batches[1], "Work", "", 3) == 4
    with pytest.raises(CommandRefused, match="batch B-1 has priority 5, batch B-3 0"):
        rank_at(batches, batches[2], "Work", "M-1", 1)
    with pytest.raises(CommandRefused, match="'Op' of batch B-3 waits for no unit; waiting elements: 'Work'"):
        rank_at(batches, batches[2], "Op", "M-1", 1)
