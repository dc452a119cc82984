"""What a phase needs before it starts: the values it uses and no others, and all of its partners or none."""

from __future__ import annotations

from decimal import Decimal

from mes.model.procedure import Order
from mes.model.quantity import Quantity
from mes.model.recipe import Ask, FormulaParameter
from mes.model.states import Command, ProceduralState
from mes.model.steering import Transfer
from mes.model.steps import Parameter, ParameterUpdate, Source
from tests.engine.shift import Shift
from tests.engine.small import CONDITION, block, phase, ran, recipe, shift_of, unit

S = ProceduralState
OUT, IN = "both/F/out", "both/T/in"


def rpm(value: str) -> Quantity:
    return Quantity(Decimal(value), "rpm")


def speed(reference: str) -> tuple[Parameter, ...]:
    return (Parameter(name="speed", source=Source.EXPRESSION, reference=reference, uom="rpm"),)


def deferring(*, parameters: tuple[Parameter, ...], updates: tuple[ParameterUpdate, ...] = ()) -> Shift:
    limits = {
        name: FormulaParameter(name=name, default=rpm("10"), minimum=rpm("1"), maximum=rpm("90"), ask=Ask.RUN)
        for name in ("speed", "speed_max")
    }
    formula = {name: rpm("10") for name in limits}
    step = phase("M/a", parameters=parameters, updates=updates)
    shift = shift_of(recipe(unit("M", step), limits=limits, formula=formula))
    shift.until(lambda: bool(shift.state.prompts), helpful=False)
    return shift


def test_a_value_is_not_asked_for_because_its_name_begins_another() -> None:
    shift = deferring(parameters=speed("$speed_max / 2"))
    assert list(shift.state.prompts) == ["value:speed_max"]


def test_what_an_update_needs_is_asked_for_before_the_start() -> None:
    shift = deferring(parameters=speed("5 rpm"), updates=(ParameterUpdate(when=CONDITION, parameters=speed("$speed")),))
    assert list(shift.state.prompts) == ["value:speed"]
    assert ran(shift) == []


def together(*, parameters: tuple[Parameter, ...] = (), transfer: bool = False) -> Shift:
    source = unit("both/F", phase(OUT, sync="powder", transfer=transfer))
    step = phase(IN, "B-1.X", sync="powder", transfer=transfer, parameters=parameters)
    return shift_of(recipe(block("both", source, unit("both/T", step, name="B-1"), order=Order.PARALLEL)))


def test_a_partner_that_is_repeated_does_not_wait_for_one_that_runs() -> None:
    shift = together()
    shift.plant.slots["B-1.X"].work = 1000
    shift.run_to(IN)
    shift.command(Command.STOP, path=OUT, because="it smells")
    shift.until(lambda: f"repeat:{OUT}" in shift.state.prompts)
    shift.answer(f"repeat:{OUT}", "repeat")
    shift.until(lambda: ran(shift).count(OUT) == 2)
    assert ran(shift).count(IN) == 1


def test_no_partner_starts_when_one_has_no_values() -> None:
    shift = together(parameters=speed('report("Nothing", made)'), transfer=True)
    assert "in: parameter speed has no value" in shift.held()
    assert ran(shift) == []
    assert not [fact for fact in shift.facts if isinstance(fact, Transfer)]
