"""A QC gate asks for its results, lets what passes go on, and leaves the rest to a person or to the recipe."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from mes.model.quantity import Quantity
from mes.model.states import CommandRefused, ProceduralState
from mes.model.steering import Deviation, TestResults
from mes.model.steps import GateStep, OnFail, ResultSpec
from tests.engine.shift import Shift
from tests.engine.small import phase, ran, recipe, shift_of, unit

S = ProceduralState
GATE, AFTER = "M/gate", "M/after"
PEAK = ResultSpec(
    name="peak", uom="%", minimum=Decimal(0), maximum=Decimal(100), spec_low=Decimal(0), spec_high=Decimal(5)
)


def gated(on_fail: OnFail = OnFail.ASK, *names: str) -> Shift:
    specs = tuple(replace(PEAK, name=name) for name in names or ("peak",))
    gate = GateStep(path=GATE, name="gate", results=specs, on_fail=on_fail)
    shift = shift_of(recipe(unit("M", gate, phase(AFTER))))
    shift.until(lambda: bool(shift.state.prompts), helpful=False)
    return shift


def result(shift: Shift, value: str, name: str = "peak") -> None:
    wish = f"{GATE}#{name}"
    shift.answer(shift.state.asked[wish], value)
    shift.tick()


def verdicts(shift: Shift) -> list[bool]:
    return [fact.passed for fact in shift.facts if isinstance(fact, TestResults)]


@pytest.mark.parametrize("value", ["0", "4.2", "5 %", "0.05"])
def test_a_result_in_specification_lets_the_batch_go_on(value: str) -> None:
    shift = gated()
    result(shift, value)
    shift.finish()
    assert verdicts(shift) == [True]
    assert ran(shift) == [AFTER]


def test_every_result_is_asked_for_and_needed() -> None:
    shift = gated(OnFail.ASK, "peak", "moisture")
    assert set(shift.state.prompts) == {f"{GATE}#peak", f"{GATE}#moisture"}
    result(shift, "1", "moisture")
    assert verdicts(shift) == []
    result(shift, "2", "peak")
    shift.finish()
    (fact,) = (fact for fact in shift.facts if isinstance(fact, TestResults))
    assert fact.results == {"peak": Quantity(Decimal(2), "%"), "moisture": Quantity(Decimal(1), "%")}
    assert fact.by == "ann"


def test_what_cannot_be_is_refused() -> None:
    shift = gated()
    with pytest.raises(CommandRefused, match="101 % is outside the limits 0 to 100 %"):
        result(shift, "101")


def test_a_result_out_of_specification_is_accepted_with_a_reason() -> None:
    shift = gated()
    result(shift, "7")
    assert "peak = 7 % is outside 0 to 5 %" in shift.waiting[GATE]
    with pytest.raises(CommandRefused, match="'accept' needs a reason"):
        shift.answer(f"verdict:{GATE}", "accept")
    shift.answer(f"verdict:{GATE}", "accept", because="used for the trial only")
    shift.finish()
    (deviation,) = (fact for fact in shift.facts if isinstance(fact, Deviation))
    assert (deviation.limit, deviation.because) == ("specification", "used for the trial only")
    assert ran(shift) == [AFTER]


def test_a_test_is_done_again() -> None:
    shift = gated()
    result(shift, "7")
    shift.answer(f"verdict:{GATE}", "test again")
    shift.until(lambda: f"{GATE}#peak #2" in shift.state.prompts, helpful=False)
    result(shift, "3")
    shift.finish()
    assert verdicts(shift) == [False, True]


def test_a_rejected_result_holds_the_batch() -> None:
    shift = gated()
    result(shift, "7")
    shift.answer(f"verdict:{GATE}", "reject")
    assert shift.held() == "gate: rejected, peak = 7 % is outside 0 to 5 %"
    assert ran(shift) == []


def test_a_gate_that_continues_leaves_the_decision_to_the_recipe() -> None:
    shift = gated(OnFail.CONTINUE)
    result(shift, "7")
    shift.finish()
    assert verdicts(shift) == [False]
    assert shift.state.results[GATE]["peak"] == Quantity(Decimal(7), "%")
    assert not any(isinstance(fact, Deviation) for fact in shift.facts)
