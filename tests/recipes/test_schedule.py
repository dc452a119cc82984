"""When elements are expected to run, and which chain of them decides the end."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings

from mes.model.procedure import Group, Order, walk
from mes.model.steps import PhaseStep, WaitStep
from mes.recipes.schedule import critical_path, expected_schedule
from tests.recipes.procedures import block, operation, phase, procedure, procedures, unit_procedure

MIN = 60.0


def legs(group: Group) -> list[str]:
    return [leg.path.rsplit("/", 1)[-1] for leg in expected_schedule(group).critical]


def test_a_sequence_adds_up_and_a_parallel_lasts_as_long_as_its_longest_branch() -> None:
    long = unit_procedure("Long", operation("A", phase("A1", 30), phase("A2", 20)))
    short = unit_procedure("Short", operation("B", phase("B1", 45)))
    last = unit_procedure("Last", operation("C", WaitStep(path="", name="Rest", duration_s=600), phase("C1", 5)))
    whole = procedure(block("parallel 1", Order.PARALLEL, long, short), last)
    schedule = expected_schedule(whole)
    assert schedule.total_s == 65 * MIN
    assert schedule.spans["parallel 1/Long/A/A2"] == ((30 * MIN, 50 * MIN),)
    assert schedule.spans["parallel 1/Short"] == ((0, 45 * MIN),)
    assert schedule.spans["Last/C/C1"] == ((60 * MIN, 65 * MIN),)
    assert legs(whole) == ["A1", "A2", "Rest", "C1"]


def test_a_choice_is_expected_to_take_its_longest_branch() -> None:
    whole = procedure(
        block(
            "choose 1",
            Order.CHOICE,
            block("when 1", Order.SEQUENCE, operation("A", phase("A1", 10)), when="$size > 2 kg"),
            block("otherwise", Order.SEQUENCE, operation("B", phase("B1", 40))),
        ),
        unit_procedure("Last", operation("C", phase("C1", 5))),
    )
    assert expected_schedule(whole).total_s == 45 * MIN
    assert legs(whole) == ["B1", "C1"]


@pytest.mark.parametrize(("wanted", "counted"), [(1, 1), (2, 2), (9, 3), (0, 1)])
def test_a_repetition_counts_as_often_as_is_said_but_not_beyond_its_bound(wanted: int, counted: int) -> None:
    loop = block("Again", Order.SEQUENCE, operation("A", phase("A1", 10)), until="$size > 2 kg", at_most=3)
    schedule = expected_schedule(procedure(loop), {"Again": wanted})
    assert schedule.total_s == counted * 10 * MIN
    assert schedule.rounds == {"Again": (counted, 3)}
    assert len(schedule.spans["Again/A/A1"]) == counted
    assert len(schedule.spans["Again"]) == 1
    assert len(schedule.critical) == counted


def test_phases_of_one_sync_begin_when_the_last_of_them_can() -> None:
    early = unit_procedure("Early", operation("A", phase("A1", 10), phase("A2", 5, sync="powder"), phase("A3", 60)))
    late = unit_procedure("Late", operation("B", phase("B1", 30), phase("B2", 5, sync="powder")))
    whole = procedure(block("parallel 1", Order.PARALLEL, early, late))
    schedule = expected_schedule(whole)
    assert schedule.spans["parallel 1/Early/A/A2"] == ((30 * MIN, 35 * MIN),)
    assert schedule.total_s == 95 * MIN
    # What decided is in the other branch until the phases begin together.
    assert legs(whole) == ["B1", "A2", "A3"]


def test_the_actual_critical_path_follows_the_last_finisher_of_each_round() -> None:
    both = block("parallel 1", Order.PARALLEL, operation("A", phase("A1")), operation("B", phase("B1")))
    whole = procedure(block("Again", Order.SEQUENCE, both, until="$size > 2 kg", at_most=3))
    a, b = "Again/parallel 1/A/A1", "Again/parallel 1/B/B1"
    spans = {
        "Again/parallel 1": ((0.0, 50.0), (52.0, 90.0)),
        a: ((0.0, 20.0), (52.0, 90.0)),
        b: ((0.0, 50.0), (53.0, 60.0)),
    }
    found = critical_path(whole, spans)
    assert [(leg.path, leg.start_s, leg.slack_s) for leg in found] == [(b, 0.0, 0.0), (a, 52.0, 2.0)]


def test_a_phase_that_waited_for_its_unit_has_the_phase_before_it_on_that_unit_as_its_reason() -> None:
    branches = [
        unit_procedure(name, operation(name, replace(phase(f"{name} load", 1), unit="BM-201")))
        for name in ("First", "Second")
    ]
    whole = procedure(block("parallel 1", Order.PARALLEL, *branches))
    first, second = (f"parallel 1/{name}/{name}/{name} load" for name in ("First", "Second"))
    actual = {first: ((0.0, 600.0),), second: ((660.0, 900.0),)}
    assert [(leg.path, leg.slack_s) for leg in critical_path(whole, actual)] == [(first, 0.0), (second, 60.0)]
    second_elsewhere = replace(branches[1], children=(operation("Second", replace(phase("Second load", 1), unit="X")),))
    assert [
        leg.slack_s
        for leg in critical_path(
            procedure(block("p", Order.PARALLEL, branches[0], second_elsewhere)),
            {"p/First/First/First load": ((0.0, 600.0),), "p/Second/Second/Second load": ((660.0, 900.0),)},
        )
    ] == [660.0]


def test_nothing_that_takes_time_has_no_critical_path() -> None:
    schedule = expected_schedule(procedure(operation("A", replace(phase("A1"), expected_s=0))))
    assert schedule.critical == ()
    assert schedule.total_s == 0


@settings(max_examples=25)
@given(procedures())
def test_the_critical_path_is_as_long_as_the_whole(group: Group) -> None:
    schedule = expected_schedule(group)
    parts = sum(leg.end_s - leg.start_s for leg in schedule.critical)
    waited = sum(leg.slack_s for leg in schedule.critical)
    assert parts + waited == pytest.approx(schedule.total_s)
    has_syncs = any(isinstance(step, PhaseStep) and step.sync for step in walk(group))
    assert has_syncs or waited == 0
    for before, after in pairwise(schedule.critical):
        assert before.end_s <= after.start_s
