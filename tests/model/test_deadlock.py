"""Batches that would wait for each other for ever are found before they start, and only those."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pytest

from mes.model.claims import program_of
from mes.model.deadlock import deadlock_before_start, find_deadlock
from mes.model.procedure import Element, ExceptionBlock, Group, Level, Order, Then, UnitWanted, walk
from mes.model.steps import HoldingStep, PhaseStep, PromptStep, WaitStep


def phase(name: str, sync: str = "") -> PhaseStep:
    return PhaseStep(path=name, name=name, unit="", phase_class="GO", sync=sync)


def unit(name: str, wanted: str, *children: Element, uses: tuple[str, ...] = ()) -> Group:
    level = Level.UNIT_PROCEDURE
    inner = children or (phase("Go"),)
    return Group(path=name, name=name, level=level, order=Order.SEQUENCE, children=inner, unit=wanted, uses=uses)


def operation(name: str, *uses: str) -> Group:
    inner = (phase("Go"),)
    return Group(path=name, name=name, level=Level.OPERATION, order=Order.SEQUENCE, children=inner, uses=uses)


def block(name: str, *children: Element, order: Order = Order.SEQUENCE) -> Group:
    return Group(path=name, name=name, level=Level.BLOCK, order=order, children=children)


def branches(name: str, *children: Element) -> Group:
    return block(name, *children, order=Order.PARALLEL)


def acquire(name: str, *units: str) -> HoldingStep:
    return HoldingStep(path=name, name=name, units=units)


def release(name: str, *units: str) -> HoldingStep:
    return HoldingStep(path=name, name=name, units=units, release=True)


def whole(*children: Element) -> Group:
    """A procedure of these, with the paths they have in it."""

    def placed(element: Element, path: str) -> Element:
        here = f"{path}/{element.name}" if path else element.name
        if isinstance(element, Group):
            children = tuple(placed(child, here) for child in element.children)
            blocks = tuple(served(block, here) for block in element.exceptions)
            return replace(element, path=here, children=children, exceptions=blocks)
        return replace(element, path=here)

    def served(caught: ExceptionBlock, path: str) -> ExceptionBlock:
        steps = placed(caught.steps, path)
        assert isinstance(steps, Group)
        return replace(caught, path=steps.path, steps=steps)

    inner = tuple(placed(child, "") for child in children)
    return Group(path="", name="T", level=Level.PROCEDURE, order=Order.SEQUENCE, children=inner)


def told(*procedures: Group, **capacity: int) -> str:
    programs = {f"B-000{number}": program_of(one) for number, one in enumerate(procedures, 1)}
    return str(deadlock_before_start(programs, capacity) or "")


MILL_THEN_SCRUBBER = whole(unit("Mill", "BM-201", operation("Vent", "SCR-002")))
SCRUBBER_THEN_MILL = whole(acquire("Take", "SCR-002"), unit("Mill", "BM-201"), release("Give", "SCR-002"))


def test_two_batches_that_take_two_units_in_opposite_order_are_told_as_a_circle() -> None:
    assert told(MILL_THEN_SCRUBBER, SCRUBBER_THEN_MILL) in {
        "B-0001 holds BM-201 and wants SCR-002, B-0002 holds SCR-002 and wants BM-201",
        "B-0002 holds SCR-002 and wants BM-201, B-0001 holds BM-201 and wants SCR-002",
    }


def test_the_link_names_the_element_that_waits() -> None:
    found = deadlock_before_start({"A": program_of(MILL_THEN_SCRUBBER), "B": program_of(SCRUBBER_THEN_MILL)})
    assert found is not None
    assert found.certain
    assert {link.batch: link.path for link in found.waiting} == {"A": "Mill/Vent", "B": "Mill"}


@pytest.mark.parametrize("count", [1, 2, 4])
def test_the_same_order_everywhere_is_free_of_deadlock(count: int) -> None:
    assert told(*[MILL_THEN_SCRUBBER] * count) == ""


def test_units_acquired_at_once_make_no_order() -> None:
    one = whole(unit("Mill", "BM-201", uses=("SCR-002",)))
    other = whole(unit("Wash", "SCR-002", uses=("BM-201",)))
    assert told(one, other, one) == ""


def test_a_second_user_of_the_scrubber_lets_both_go_on() -> None:
    assert told(MILL_THEN_SCRUBBER, SCRUBBER_THEN_MILL, **{"SCR-002": 2}) == ""
    assert "wants" in told(MILL_THEN_SCRUBBER, SCRUBBER_THEN_MILL, SCRUBBER_THEN_MILL, **{"SCR-002": 2})


def test_a_unit_around_both_orders_keeps_them_apart() -> None:
    gate = (acquire("Door", "BOX"),), (release("Out", "BOX"),)
    one = whole(*gate[0], unit("Mill", "BM-201", operation("Vent", "SCR-002")), *gate[1])
    other = whole(*gate[0], acquire("Take", "SCR-002"), unit("Mill", "BM-201"), release("Give", "SCR-002"), *gate[1])
    assert told(one, other) == ""


def test_a_recipe_stops_itself_that_acquires_what_it_holds() -> None:
    assert told(whole(acquire("Take", "FU-301"), acquire("Again", "FU-301"))) == "B-0001 holds FU-301 and wants FU-301"


def test_a_unit_procedure_does_not_ask_for_what_was_acquired_before_it() -> None:
    both = whole(
        acquire("Take", "A", "B"),
        branches("parallel 1", unit("Left", "A", operation("Vent", "B")), unit("Right", "B")),
        release("Give", "A", "B"),
    )
    assert told(both) == ""
    assert told(both, both) == ""


def test_parallel_branches_of_one_batch_can_stop_each_other() -> None:
    left = unit("Left", "A", operation("Vent", "B"))
    right = unit("Right", "B", operation("Vent", "A"))
    assert "B-0001 holds" in told(whole(branches("parallel 1", left, right)))
    assert told(whole(left, right)) == ""


def test_another_unit_of_the_class_lets_a_batch_go_on() -> None:
    def of_class(*candidates: str) -> Group:
        chosen = replace(unit("Mill", ""), wanted=UnitWanted(unit_class="MILL", candidates=candidates))
        return whole(acquire("Take", "SCR-002"), chosen, release("Give", "SCR-002"))

    assert told(MILL_THEN_SCRUBBER, of_class("BM-201")) != ""
    assert told(MILL_THEN_SCRUBBER, of_class("BM-201", "BM-202")) == ""


def test_phases_that_start_together_must_be_reached_in_one_order() -> None:
    straight = branches("p", block("a", phase("1", "x"), phase("2", "y")), block("b", phase("1", "x"), phase("2", "y")))
    crossed = branches("p", block("a", phase("1", "x"), phase("2", "y")), block("b", phase("1", "y"), phase("2", "x")))
    assert told(whole(straight)) == ""
    assert "sync 'x'" in told(whole(crossed))


def test_a_unit_held_at_a_meeting_can_keep_the_partner_from_it() -> None:
    late = branches(
        "p", unit("Coat", "CT-701", phase("1", "web")), block("b", unit("Clean", "CT-701"), phase("2", "web"))
    )
    assert "CT-701" in told(whole(late))


@pytest.mark.parametrize(("then", "expected"), [(Then.RETURN, True), (Then.JUMP, False), (Then.END, False)])
def test_an_exception_acquires_while_what_it_interrupts_is_held(then: Then, expected: bool) -> None:
    steps = replace(block("Cool", unit("Vent", "SCR-002")), path="Cool")
    caught = ExceptionBlock(path="Cool", name="Cool", steps=steps, then=then, when="x", target="Bake")
    guarded = replace(whole(unit("Bake", "FU-301")), exceptions=(caught,))
    other = whole(unit("Wash", "SCR-002", operation("Heat", "FU-301")))
    assert bool(told(guarded, other)) is expected


def test_an_exception_acquires_what_it_needs_while_a_phase_of_its_unit_is_held() -> None:
    steps = block("Vent", operation("Open", "SCR-002"))
    caught = ExceptionBlock(path="Vent", name="Vent", steps=steps, then=Then.RETURN, when="x")
    baking = whole(replace(unit("Bake", "FU-301"), exceptions=(caught,)))
    assert "FU-301" in told(baking, whole(unit("Wash", "SCR-002", operation("Heat", "FU-301"))))


def test_an_exception_that_is_being_served_gives_back_what_it_has() -> None:
    steps = replace(block("Cool", unit("Vent", "SCR-002")), path="Cool")
    steps = replace(steps, children=(replace(steps.children[0], path="Cool/Vent"),))
    caught = ExceptionBlock(path="Cool", name="Cool", steps=steps, then=Then.RETURN, when="x")
    guarded = replace(whole(unit("Bake", "FU-301")), exceptions=(caught,))
    program = program_of(guarded, None, {"Bake": ("FU-301",), "Cool/Vent": ("SCR-002",)})
    assert deadlock_before_start({"A": program, "B": program_of(whole(unit("Wash", "SCR-002")))}) is None
    both = program_of(whole(unit("Wash", "FU-301", operation("Vent", "SCR-002"))))
    assert deadlock_before_start({"A": program, "B": both}) is None, "B waits for the furnace and holds nothing"


def test_a_running_batch_wants_only_what_is_before_it() -> None:
    parts = (unit("Mill", "BM-201", operation("Vent", "SCR-002"), operation("Cool")), unit("Pack", "PK-501"))
    procedure = whole(*parts)
    waiting = program_of(SCRUBBER_THEN_MILL)
    venting = program_of(procedure, lambda path: False, {"Mill": ("BM-201",)})
    assert str(deadlock_before_start({"A": venting, "B": waiting})).count("wants") == 2
    vented = program_of(procedure, {"Mill/Vent"}.__contains__, {"Mill": ("BM-201",)})
    assert deadlock_before_start({"A": vented, "B": waiting}) is None
    packing = program_of(procedure, {"Mill"}.__contains__, {"Pack": ("PK-501",)})
    assert deadlock_before_start({"A": packing, "B": waiting}) is None


def test_a_running_batch_holds_what_its_acquire_step_took() -> None:
    holding = program_of(SCRUBBER_THEN_MILL, {"Take"}.__contains__, {"Take": ("SCR-002",)})
    milling = program_of(MILL_THEN_SCRUBBER, None, {"Mill": ("BM-201",)})
    found = deadlock_before_start({"A": holding, "B": milling})
    assert found is not None
    assert found.states < 3, "both are where nothing can be done any more"


def test_the_branch_that_was_chosen_is_the_only_one_that_counts() -> None:
    choice = block(
        "Which", unit("Mill", "BM-201", operation("Vent", "SCR-002")), unit("Dry", "VD-403"), order=Order.CHOICE
    )
    procedure = whole(choice)
    assert told(procedure, SCRUBBER_THEN_MILL) != ""
    drying = program_of(procedure, None, {"Which/Dry": ("VD-403",)})
    assert deadlock_before_start({"A": drying, "B": program_of(SCRUBBER_THEN_MILL)}) is None


def test_a_repetition_may_run_its_steps_again() -> None:
    rounds = replace(block("Again", unit("Mill", "BM-201", operation("Vent", "SCR-002"))), until="x", at_most=3)
    procedure = whole(rounds)
    program = program_of(procedure, {"Again/Mill/Vent"}.__contains__, {"Again/Mill": ("BM-201",)})
    assert deadlock_before_start({"A": program, "B": program_of(SCRUBBER_THEN_MILL)}) is not None


def test_what_cannot_be_decided_in_time_is_told_as_possible() -> None:
    procedures = {f"B-{number}": program_of(MILL_THEN_SCRUBBER) for number in range(5)}
    procedures["B-9"] = program_of(SCRUBBER_THEN_MILL)
    found = deadlock_before_start(procedures, states=3)
    assert found is not None
    assert not found.certain
    assert "not decided within 3 states" in str(found)
    assert "wants" in str(found)


# The law: the answer is that of an interpreter that tries every order in which the tree of the procedure can be walked.


@dataclass(frozen=True)
class Standing:
    """Where every batch is: paths begun and ended, by batch, and what is held by (batch, label, unit)."""

    begun: frozenset[tuple[str, str]] = frozenset()
    ended: frozenset[tuple[str, str]] = frozenset()
    held: frozenset[tuple[str, str, str]] = frozenset()


def next_ones(procedures: Mapping[str, Group], at: Standing, users: Mapping[str, int]) -> Iterator[Standing]:
    used = Counter(unit for _, _, unit in at.held)
    for batch, root in procedures.items():
        for element in startable(root, batch, at):
            yield from started(element, batch, at, used, users)
        for group in (found for found in walk(root) if isinstance(found, Group)):
            serving = any(is_served(caught, batch, at) for caught in group.exceptions)
            if (batch, group.path) in at.begun - at.ended and is_through(group, batch, at) and not serving:
                kept = frozenset(one for one in at.held if one[:2] != (batch, group.path))
                yield replace(at, ended=at.ended | {(batch, group.path)}, held=kept)


def is_served(caught: ExceptionBlock, batch: str, at: Standing) -> bool:
    return (batch, caught.steps.path) in at.begun - at.ended


def is_through(group: Group, batch: str, at: Standing) -> bool:
    ended = [(batch, child.path) in at.ended for child in group.children]
    return any(ended) if group.order is Order.CHOICE else all(ended)


def startable(element: Element, batch: str, at: Standing) -> Iterator[Element]:
    if (batch, element.path) not in at.begun:
        yield element
    elif isinstance(element, Group) and (batch, element.path) not in at.ended:
        for caught in element.exceptions:
            yield from startable(caught.steps, batch, at)
            if is_served(caught, batch, at):
                return  # everything else in the group is held
        children = element.children
        if element.order is Order.CHOICE:
            chosen = [child for child in children if (batch, child.path) in at.begun]
            children = tuple(chosen) or children
        for child in children:
            yield from startable(child, batch, at)
            if element.order is Order.SEQUENCE and (batch, child.path) not in at.ended:
                return


def started(
    element: Element, batch: str, at: Standing, used: Counter[str], users: Mapping[str, int]
) -> Iterator[Standing]:
    key = (batch, element.path)
    match element:
        case Group():
            wanted = [element.unit, *element.uses] if element.unit else list(element.uses)
            if all(used[unit] < users.get(unit, 1) for unit in wanted):
                held = at.held | {(batch, element.path, unit) for unit in wanted}
                yield replace(at, begun=at.begun | {key}, held=held)
        case HoldingStep(release=True):
            kept = frozenset(one for one in at.held if one[0] != batch or one[1] != "" or one[2] not in element.units)
            yield Standing(begun=at.begun | {key}, ended=at.ended | {key}, held=kept)
        case HoldingStep():
            if all(used[unit] < users.get(unit, 1) for unit in element.units):
                held = at.held | {(batch, "", unit) for unit in element.units}
                yield Standing(begun=at.begun | {key}, ended=at.ended | {key}, held=held)
        case PhaseStep() | PromptStep() | WaitStep():
            yield replace(at, begun=at.begun | {key}, ended=at.ended | {key})


def stops(procedures: Mapping[str, Group], users: Mapping[str, int]) -> bool:
    """Try every order; True when one of them ends with a batch that cannot go on."""
    stack, seen = [Standing()], set()
    while stack:
        at = stack.pop()
        if at in seen:
            continue
        seen.add(at)
        following = list(next_ones(procedures, at, users))
        if not following and any((batch, "") not in at.ended for batch in procedures):
            return True
        stack.extend(following)
    return False


def some_procedure(dice: random.Random) -> Group:
    names = iter(range(1000))

    def some(depth: int, free: list[str]) -> Element:
        name = f"e{next(names)}"
        kind = dice.choice(["unit", "unit", "parallel", "sequence", "choice", "acquire"]) if depth else "unit"
        if kind == "unit" or not free:
            if not free:
                return phase(name)
            own = dice.choice(free)
            rest = [one for one in free if one != own]
            inner = [operation(f"o{next(names)}", dice.choice(rest))] if rest and dice.random() < 0.6 else []
            found = unit(name, own, *inner)
            if rest and dice.random() < 0.3:
                steps = block("Serve", operation(f"o{next(names)}", dice.choice(rest)))
                caught = ExceptionBlock(path="", name="Serve", steps=steps, then=Then.RETURN, when="x")
                found = replace(found, exceptions=(caught,))
            return found
        if kind == "acquire":
            own = dice.choice(free)
            inside = some(depth - 1, [one for one in free if one != own])
            return block(name, acquire("take", own), inside, release("give", own))
        children = tuple(some(depth - 1, free) for _ in range(2))
        order = {"parallel": Order.PARALLEL, "sequence": Order.SEQUENCE, "choice": Order.CHOICE}[kind]
        if order is Order.CHOICE:
            children = (*children[:1], block(f"else{next(names)}", children[1]))
        return block(name, *children, order=order)

    return whole(some(2, ["A", "B", "C"]))


@pytest.mark.parametrize("seed", range(45))
def test_the_answer_is_that_of_trying_every_order(seed: int) -> None:
    dice = random.Random(seed)
    procedures = {f"B-{number}": some_procedure(dice) for number in range(dice.choice([1, 2, 2]))}
    users = {"C": dice.choice([1, 2])}
    programs = {batch: program_of(procedure) for batch, procedure in procedures.items()}
    expected = stops(procedures, users)
    found = deadlock_before_start(programs, users)
    assert (found is not None) is expected, str(found)
    assert (find_deadlock(programs, users) is not None) is expected
    if found is not None:
        assert found.certain
        links = found.waiting
        assert all(link.holds == before.wants for before, link in zip((links[-1], *links), links, strict=False))
