"""Units are asked for, given, shared, held over several steps and given back, whatever becomes of the batch."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mes.engine.arbitration import Fitness
from mes.model.condition import Truth
from mes.model.events import Allocation, Deallocation
from mes.model.procedure import Bind, Choose, Cleanliness, Order, UnitWanted
from mes.model.states import Command, CommandRefused, ProceduralState
from mes.model.steering import Transfer, UnitChange, UnitChosen
from mes.model.steps import HoldingStep, SlotBinding, WaitStep
from mes.model.verbs import Verb
from mes.model.waiting import WaitKind
from tests.engine.shift import Shift
from tests.engine.small import CONDITION, block, phase, ran, recipe, shift_of, stands, unit

S = ProceduralState
BOTH = ("A-1", "A-2")


def acquire(path: str, *units: str) -> HoldingStep:
    return HoldingStep(path=path, name=path.rsplit("/", 1)[-1], units=units)


def release(path: str, *units: str) -> HoldingStep:
    return HoldingStep(path=path, name=path.rsplit("/", 1)[-1], units=units, release=True)


def of_class(choose: Choose, *, prefer: tuple[str, ...] = BOTH, bind: Bind = Bind.FIRST_USE) -> Shift:
    bindings = tuple(SlotBinding(unit=name, plc="L", slot=f"{name}.X", number=1) for name in BOTH)
    work = replace(phase("M/work"), bindings=bindings, unit="", slot="")
    wanted = UnitWanted(unit_class="A", choose=choose, candidates=prefer, bind=bind)
    return shift_of(recipe(unit("M", work, name="", wanted=wanted)))


def moves(shift: Shift) -> list[tuple[str, str]]:
    words = {Allocation: "has", Deallocation: "left"}
    return [(words[type(fact)], fact.unit) for fact in shift.facts if isinstance(fact, Allocation | Deallocation)]


def test_a_unit_and_what_it_shares_come_and_go_together() -> None:
    shift = shift_of(recipe(unit("M", phase("M/work"), uses=("S-1",))))
    shift.finish()
    assert moves(shift) == [("has", "A-1"), ("has", "S-1"), ("left", "A-1"), ("left", "S-1")]


def test_nothing_is_taken_while_a_part_of_it_is_missing() -> None:
    shift = shift_of(recipe(unit("M", phase("M/work"), uses=("S-1",))))
    shift.owners = lambda: {"S-1": "B-0009"}
    for _ in range(4):
        shift.tick()
    assert shift.state.holdings == {}
    wait = shift.waits["M"]
    assert (wait.kind, wait.units, wait.owners) == (WaitKind.UNIT, ("S-1",), ("B-0009",))
    shift.owners = dict
    shift.finish()


def test_an_acquired_unit_is_kept_until_its_release() -> None:
    steps = (acquire("get", "S-1"), unit("M", phase("M/work")), release("give", "S-1"), unit("N", phase("N/work")))
    shift = shift_of(recipe(*steps))
    shift.run_to("N/work")
    of_shared = [move for move in moves(shift) if move[1] == "S-1"]
    assert of_shared == [("has", "S-1"), ("left", "S-1")]
    assert moves(shift).index(("has", "A-1")) < moves(shift).index(("left", "S-1"))
    shift.finish()


def test_a_unit_that_was_acquired_before_is_not_asked_for_again() -> None:
    shift = shift_of(
        recipe(acquire("get", "A-1"), unit("M", phase("M/a")), unit("N", phase("N/a")), release("give", "A-1"))
    )
    shift.finish()
    assert moves(shift) == [("has", "A-1"), ("left", "A-1")]


@pytest.mark.parametrize("command", [Command.STOP, Command.ABORT])
def test_an_acquired_unit_is_given_back_when_the_batch_is_ended(command: Command) -> None:
    shift = shift_of(recipe(acquire("get", "S-1"), unit("M", phase("M/work")), release("give", "S-1")))
    shift.run_to("M/work")
    shift.command(command, because="enough")
    shift.finish()
    assert shift.state.holdings == {}


def test_a_release_is_not_skipped_alone() -> None:
    held = block("held", acquire("held/get", "S-1"), unit("held/M", phase("held/M/work")), release("held/give", "S-1"))
    shift = shift_of(recipe(held, unit("N", phase("N/work"))))
    with pytest.raises(CommandRefused, match="held/give gives back S-1, which would stay with the batch"):
        shift.steer(Verb.SKIP, "held/give")
    shift.steer(Verb.SKIP, "held")
    shift.finish()
    assert ran(shift) == ["N/work"]


def test_a_step_past_a_release_gives_back_all_the_same() -> None:
    steps = (acquire("M/get", "S-1"), phase("M/work"), release("M/give", "S-1"), phase("M/after"))
    shift = shift_of(recipe(unit("M", *steps)))
    shift.steer(Verb.BREAK, "M/work")
    shift.until(lambda: "M/work" in shift.waits)
    shift.steer(Verb.GO_TO, "M/after")
    assert "S-1" not in shift.state.units
    shift.finish()
    assert ran(shift) == ["M/after"]


@pytest.mark.parametrize(("prefer", "first"), [(("A-1", "A-2"), "A-1"), (("A-2", "A-1"), "A-2")])
def test_of_a_class_the_preferred_unit_is_taken(prefer: tuple[str, ...], first: str) -> None:
    shift = of_class(Choose.PREFERRED, prefer=prefer)
    shift.finish()
    assert moves(shift)[0] == ("has", first)
    assert shift.plant.slots[f"{first}.X"].starts == [1]


@pytest.mark.parametrize(
    ("choose", "fit", "unit_name"),
    [
        (Choose.PREFERRED, ("A-2", "A-1"), "A-1"),
        (Choose.PREFERRED, ("A-2",), "A-2"),
        (Choose.PREFERRED, (), "A-1"),
        (Choose.LONGEST_IDLE, ("B-1", "A-2", "A-1"), "A-2"),
    ],
)
def test_a_unit_that_is_chosen_at_the_start_is_waited_for(choose: Choose, fit: tuple[str, ...], unit_name: str) -> None:
    shift = of_class(choose, bind=Bind.START)
    shift.plant.fit_units = fit
    shift.owners = lambda: {unit_name: "B-0009"}
    for _ in range(4):
        shift.tick()
    assert [(fact.path, fact.unit) for fact in shift.facts if isinstance(fact, UnitChosen)] == [("M", unit_name)]
    assert shift.waiting == {"M": f"unit {unit_name} is in use by batch B-0009"}
    shift.owners = dict
    shift.finish()
    assert moves(shift)[0] == ("has", unit_name)


def test_a_person_chooses_a_unit_at_the_start() -> None:
    shift = of_class(Choose.OPERATOR, bind=Bind.START)
    shift.until(lambda: "unit:M" in shift.state.prompts)
    assert shift.state.requests == {}
    shift.answer("unit:M", "A-2")
    shift.finish()
    assert moves(shift)[0] == ("has", "A-2")


def test_of_a_class_a_busy_unit_is_passed_by() -> None:
    shift = of_class(Choose.PREFERRED)
    shift.owners = lambda: {"A-1": "B-0009"}
    shift.finish()
    assert moves(shift)[0] == ("has", "A-2")


def test_of_a_class_a_person_chooses_where_the_recipe_says_so() -> None:
    shift = of_class(Choose.OPERATOR)
    shift.until(lambda: "unit:M" in shift.state.prompts)
    assert shift.state.prompts["unit:M"].choices == BOTH
    shift.answer("unit:M", "A-2")
    shift.finish()
    assert moves(shift)[0] == ("has", "A-2")


@pytest.mark.parametrize(
    ("fitness", "why"),
    [
        (Fitness(in_service=False, because="bearing"), "A-1 is out of service (bearing)"),
        (Fitness(clean=False, because="LGPS"), "A-1 is dirty (LGPS)"),
    ],
)
def test_a_unit_that_is_not_fit_is_waited_for(fitness: Fitness, why: str) -> None:
    shift = shift_of(recipe(unit("M", phase("M/work"))))
    shift.plant.fitness["A-1"] = fitness
    for _ in range(4):
        shift.tick()
    assert shift.waiting == {"M": why}
    del shift.plant.fitness["A-1"]
    shift.finish()


def test_a_unit_procedure_leaves_its_unit_dirty() -> None:
    shift = shift_of(recipe(unit("M", phase("M/work"), leaves=Cleanliness.DIRTY)))
    shift.finish()
    assert [(change.unit, change.clean) for change in shift.units] == [("A-1", False)]


def test_only_a_cleaning_that_came_to_its_end_has_cleaned() -> None:
    for command, cleaned in ((None, [True]), (Command.STOP, [])):
        shift = shift_of(recipe(unit("M", phase("M/work"), leaves=Cleanliness.CLEAN)))
        if command is not None:
            shift.run_to("M/work")
            shift.command(command, because="enough")
        shift.finish()
        changes: list[UnitChange] = shift.units
        assert [change.clean for change in changes] == cleaned


def transferring() -> Shift:
    source = unit("both/F", phase("both/F/fill"), phase("both/F/out", sync="powder", transfer=True))
    target = unit("both/T", phase("both/T/in", "B-1.X", sync="powder", transfer=True), name="B-1")
    return shift_of(recipe(block("both", source, target, order=Order.PARALLEL)))


def test_phases_of_a_sync_start_in_the_same_step() -> None:
    shift = transferring()
    shift.until(lambda: "both/T/in" in shift.waits)
    assert shift.waits["both/T/in"].kind is WaitKind.SYNC
    assert shift.waiting["both/T/in"] == "out, which starts together with it (powder)"
    shift.finish()
    assert ran(shift) == ["both/F/fill", "both/F/out", "both/T/in"]
    starts = [index for index, fact in enumerate(shift.facts) if fact in shift.starts()]
    assert starts[2] - starts[1] == 1


def test_a_transfer_records_from_where_to_where() -> None:
    shift = transferring()
    shift.finish()
    (made,) = (fact for fact in shift.facts if isinstance(fact, Transfer))
    assert (made.name, made.source, made.destination) == ("powder", "A-1", "B-1")


def test_a_partner_that_was_skipped_is_not_waited_for() -> None:
    shift = transferring()
    shift.steer(Verb.SKIP, "both/F")
    shift.finish()
    assert ran(shift) == ["both/T/in"]


def test_what_one_branch_has_acquired_is_not_for_the_other() -> None:
    steps = (acquire("both/L/get", "S-1"), unit("both/L/M", phase("both/L/M/a")), release("both/L/give", "S-1"))
    wait = WaitStep(path="both/R/wait", name="wait", until=CONDITION)
    other = unit("both/R/N", phase("both/R/N/a", "B-1.X"), name="B-1", uses=("S-1",))
    shift = shift_of(recipe(block("both", block("both/L", *steps), block("both/R", wait, other), order=Order.PARALLEL)))
    shift.plant.slots["B-1.X"].work = 20
    shift.run_to("both/L/M/a")
    stands(shift, "both/R/wait", "wait", Truth.TRUE)
    shift.until(lambda: shift.state.state_of("both/R/N/a") is S.RUNNING)
    assert shift.state.units["S-1"] == "both/R/N"
    assert shift.state.state_of("both/L/give") is S.COMPLETE
    shift.finish()
