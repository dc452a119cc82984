"""What the record of a dry run tells: times, units, amounts, events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from mes.model.balance import mass_balance
from mes.model.events import Alarm, Allocation, BatchFact, Consume, Deallocation, Produce, StateChange, StateCommand
from mes.model.lots import Role
from mes.model.quantity import Quantity
from mes.model.recipe import Balance
from mes.model.states import Command, ProceduralState
from mes.model.steering import TestResults, UnitRequest
from mes.rehearsal.findings import amount_lines, events_of, spans_of, unit_uses
from mes.store.journal import Entry
from tests.rehearsal.portion import GATE, PURGE, WEIGH, bound_portion

S = ProceduralState
AT = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)


def journal(*facts: tuple[float, BatchFact]) -> list[Entry]:
    """Entries at these seconds."""
    return [
        Entry(
            cell="pilot",
            seq=number,
            at=AT + timedelta(seconds=at_s),
            batch_no="B-0001",
            word="",
            path=fact.path if not hasattr(fact, "control") else "",
            fact=fact,
            hash="",
        )
        for number, (at_s, fact) in enumerate(facts, 1)
    ]


def start(path: str, exec_id: int) -> StateCommand:
    return StateCommand(path=path, command=Command.START, by="", because="", exec_id=exec_id)


def change(path: str, before: ProceduralState, after: ProceduralState) -> StateChange:
    return StateChange(path=path, before=before, after=after)


def grams(value: str) -> Quantity:
    return Quantity(Decimal(value), "g")


def test_a_phase_begins_with_its_command_and_each_round_is_a_span_of_its_own() -> None:
    entries = journal(
        (10, start(PURGE, 1)),
        (12, change(PURGE, S.IDLE, S.STARTING)),
        (50, change(PURGE, S.COMPLETING, S.COMPLETE)),
        (60, start(PURGE, 2)),
        (61, change(PURGE, S.IDLE, S.STARTING)),
        (90, change(PURGE, S.RUNNING, S.ABORTED)),
        (95, change(GATE, S.IDLE, S.STARTING)),
        (99, change("", S.RUNNING, S.ABORTED)),
    )
    assert spans_of(entries, AT) == {PURGE: ((10, 50), (60, 90)), GATE: ((95, 99),)}


def test_a_unit_is_waited_for_from_the_request_and_held_until_it_is_given_back_or_the_record_ends() -> None:
    entries = journal(
        (0, UnitRequest(path="Weigh", candidates=("WS-111",), uses=("SCR-002",), rank=Decimal(1))),
        (30, Allocation(path="Weigh", unit="WS-111")),
        (30, Allocation(path="Weigh", unit="SCR-002", shared=True)),
        (90, Deallocation(path="Weigh", unit="WS-111")),
        (100, Allocation(path="Weigh again", unit="WS-111")),
        (150, change("", S.RUNNING, S.COMPLETE)),
    )
    told = [(use.unit, use.times, use.held_s, use.waited_s) for use in unit_uses(entries)]
    assert told == [("WS-111", 2, 110, 30), ("SCR-002", 1, 120, 30)]


def test_amounts_are_set_against_the_formula_and_losses_against_what_it_expects() -> None:
    entries = journal(
        (1, Consume(path=WEIGH, input="LiCl", lot_no="L-1", material="LiCl", quantity=Quantity(Decimal("0.2"), "kg"))),
        (1, Consume(path=WEIGH, input="LiCl", lot_no="L-1", material="LiCl", quantity=grams("1"))),
        (1, Produce(path=WEIGH, output="portion", role=Role.PRODUCT, material="x", quantity=grams("190"))),
        (1, Produce(path=WEIGH, output="Spilled", role=Role.LOSS, material="", quantity=grams("11"))),
    )
    loss = Balance(per_unit_g=Decimal("0.05"), fixed_g=Decimal(2))
    lines = amount_lines(bound_portion(), loss, entries, mass_balance(entry.fact for entry in entries))
    assert [(line.role, line.name, line.expected, line.actual) for line in lines] == [
        ("input", "LiCl", grams("200"), Quantity(Decimal("0.201"), "kg")),
        ("product", "portion", grams("200"), grams("190")),
        ("loss", "losses", grams("12"), grams("11")),
    ]


def test_alarms_and_results_that_do_not_pass_are_told_with_their_time() -> None:
    results = {"mass": grams("150")}
    entries = journal(
        (5, Alarm(path=WEIGH, source="SY", text="it is stuck")),
        (7, TestResults(path=GATE, results=results, passed=False, by="ann")),
        (9, TestResults(path=GATE, results=results, passed=True, by="ann")),
    )
    assert [(event.at_s, event.kind, event.text) for event in events_of(entries, AT)] == [
        (5, "alarm", "SY: it is stuck"),
        (7, "results", "out of specification: mass 150 g"),
    ]
