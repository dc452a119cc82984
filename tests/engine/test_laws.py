"""Whatever people, PLCs and links do, in whatever order: the laws of the record, of the slots and of the units."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from mes.engine.draft import CommandPhase, Step
from mes.model.events import Allocation, BatchFact, StateChange, StateCommand
from mes.model.execution import BatchState
from mes.model.fold import apply, fold
from mes.model.phase import Acknowledgement
from mes.model.states import FINAL, TRANSITIONS, Command, CommandRefused, ProceduralState
from mes.model.steps import AnswerKind
from tests.engine.recipe import LOT_OF, line_cell, whole_recipe
from tests.engine.shift import UNKNOWN, Plant, Shift

S = ProceduralState
C = Command
LEGAL = {(source, target) for _, source, target in TRANSITIONS}
CELL = line_cell()
CONTROL = whole_recipe(CELL)


def check_record(before: BatchState, facts: tuple[BatchFact, ...], after: BatchState) -> None:
    """Walk through the facts of one step and hold each against the state just before it."""
    state = before
    for fact in facts:
        match fact:
            case StateChange():
                assert fact.before is state.state_of(fact.path), fact
                assert (fact.before, fact.after) in LEGAL, fact
            case StateCommand() if fact.path:
                known = state.executions.get(fact.path)
                assert known is None or known.pending is None, f"two commands in flight: {fact}"
                if fact.command is C.START:
                    assert state.going, f"started while {state.command}: {fact}"
                    assert state.state_of(fact.path) is S.IDLE, fact
            case Allocation():
                assert fact.unit not in state.units, fact
            case _:
                pass
        state = apply(state, fact)
    assert state == after


@dataclass
class Chaos:
    """Two batches in one plant. `answers` are those the PLC has given and the engine has not been told."""

    dice: random.Random
    plant: Plant = field(default_factory=lambda: Plant(cell=CELL))
    batches: list[Shift] = field(default_factory=list)
    answers: list[tuple[Shift, CommandPhase, Acknowledgement]] = field(default_factory=list)
    started: set[int] = field(default_factory=set)
    strayed: list[tuple[Shift, CommandPhase]] = field(default_factory=list)

    def __post_init__(self) -> None:
        owners = lambda: {unit: one.batch_no for one in self.batches for unit in one.state.units}  # noqa: E731
        self.batches = [Shift(CONTROL, self.plant, batch_no=f"B-000{n}", owners=owners) for n in (1, 2)]

    def watch(self, batch: Shift, act: Callable[[], Step | None]) -> None:
        """Let a batch observe something, and check every law afterwards."""
        before, known = batch.state, len(batch.facts)
        decided = act()
        facts = tuple(batch.facts[known:])
        check_record(before, facts, batch.state)
        for fact in facts:
            if isinstance(fact, StateCommand) and fact.path and fact.command is C.START:
                assert fact.exec_id not in self.started, f"started twice: {fact}"
                self.started.add(fact.exec_id)
        units = [unit for one in self.batches for unit in one.state.units]
        assert len(units) == len(set(units)), units
        if decided is not None and decided.waiting is not None:
            self.check_look(batch)

    def check_look(self, batch: Shift) -> None:
        state = batch.state
        in_flight = any(execution.pending for execution in state.executions.values())
        if state.state in FINAL and not in_flight:
            assert state.ended, f"final, answered and not ended: {state.units}"
        paths = set(state.executions) | {path for path in state.prompts if path in state.states}
        active = any(state.state_of(path) not in FINAL | {S.IDLE} for path in paths)
        if state.going and state.state not in FINAL and not active and not in_flight:
            assert batch.waiting, f"goes, does nothing, and says nothing: {dict(state.states)}"

    def do(self, action: str) -> None:
        batch = self.dice.choice(self.batches)
        slot = self.dice.choice(list(self.plant.slots.values()))
        match action:
            case "scan":
                self.plant.scan(self.dice.randint(1, 3))
            case "look":
                self.look(batch)
            case "work":
                self.work(batch)
            case "command":
                command = self.dice.choice(list(C))
                self.person(batch, lambda: batch.command(command, because=f"because of {command}"))
            case "answer":
                self.answer(batch)
            case "arrive" | "lose answer" | "lose command":
                self.through(batch, action)
            case "told":
                self.told()
            case "late" if self.strayed:
                # A start that everybody has given up comes through after all.
                stray, command = self.strayed.pop()
                stray.arrive(command)
            case "report" | "no report":
                batch.reports_fail = "NaN" if action == "no report" else ""
                self.watch(batch, batch.collect)
            case "fail":
                slot.fail("HEATER_FAULT")
            case "panel":
                slot.panel(self.dice.choice(["hold", "restart", "pause", "resume", "stop", "abort", "reset"]))
            case "interlock":
                slot.interlock = "" if slot.interlock else "DOOR_OPEN"
            case "mode":
                slot.automatic = not slot.automatic
            case "power":
                slot.lose_power()
            case "blind":
                self.plant.blind = not self.plant.blind
            case "link":
                self.plant.lost = "" if self.plant.lost else "connection refused"

    def look(self, batch: Shift) -> None:
        # A look never follows an answer that was told and is not shown: the shell sees to that.
        if not batch.state.ended and batch.state.command is not None:
            self.watch(batch, batch.look)

    def person(self, batch: Shift, act: Callable[[], Step]) -> None:
        before = batch.state
        try:
            self.watch(batch, act)
        except CommandRefused as refusal:
            assert str(refusal)  # noqa: PT017
            assert batch.state is before

    def answer(self, batch: Shift) -> None:
        prompts = list(batch.state.prompts.values())
        if not prompts:
            return
        prompt = self.dice.choice(prompts)
        right = {
            AnswerKind.LOT: LOT_OF.get(prompt.input, ""),
            AnswerKind.NUMBER: "7",
            AnswerKind.CONFIRM: "yes",
            AnswerKind.CHOICE: "repeat",
        }[prompt.answer]
        value = right if self.dice.random() < 0.8 else self.dice.choice(["", "no", "SALT-1", "9", "SUGAR-1"])
        self.person(batch, lambda: batch.answer(prompt.prompt_id, value))

    def through(self, batch: Shift, how: str) -> None:
        """Let one command of a batch reach its PLC, or get lost on the way there or back."""
        if not batch.wire:
            return
        command = batch.wire.pop(self.dice.randrange(len(batch.wire)))
        if how == "lose command" and command.command is C.START:
            self.strayed.append((batch, command))
        answer = UNKNOWN if how == "lose command" else batch.arrive(command)
        self.answers.append((batch, command, UNKNOWN if how == "lose answer" else answer))

    def told(self) -> None:
        if self.answers:
            batch, command, answer = self.answers.pop(self.dice.randrange(len(self.answers)))
            self.watch(batch, lambda: batch.settle(command, answer))
            if self.dice.random() < 0.2:
                self.watch(batch, lambda: batch.settle(command, answer))

    def work(self, batch: Shift) -> None:
        """A good stretch: everything gets through, and a person answers."""
        for _ in range(self.dice.randint(1, 4)):
            self.quiet_round(batch)

    def quiet_round(self, batch: Shift) -> None:
        self.plant.scan()
        while batch.wire:
            self.through(batch, "arrive")
        while self.answers:
            self.told()
        batch.reports_fail = ""
        self.watch(batch, batch.collect)
        if batch.state.going:
            self.answer(batch)
        self.look(batch)

    def calm(self) -> None:
        """The plant is repaired: no link is lost, no interlock is up, nobody is at a panel."""
        self.plant.blind, self.plant.lost = False, ""
        for slot in self.plant.slots.values():
            slot.interlock, slot.automatic = "", True

    def rounds(self, count: int, wanted: Callable[[Shift], Command | None]) -> None:
        for _ in range(count):
            if all(batch.state.ended for batch in self.batches):
                return
            for batch in self.batches:
                command = wanted(batch)
                if command is not None and not batch.state.ended:
                    self.person(batch, lambda batch=batch, command=command: batch.command(command))  # type: ignore[misc]
                self.quiet_round(batch)


USUAL = [*["work"] * 5, *["look"] * 5, *["scan"] * 2, *["arrive"] * 3, *["told"] * 3, "report", "answer"]
TROUBLE = [
    "fail",
    "panel",
    "interlock",
    "mode",
    "power",
    "blind",
    "link",
    "lose answer",
    "lose command",
    "late",
    "no report",
]
SEEDS = st.integers(0, 2**32)


def chaotic(seed: int, length: int) -> Chaos:
    """Two batches that have gone some way, then `length` events: each run has a few kinds of trouble, not all."""
    dice = random.Random(seed)
    chaos = Chaos(dice)
    for slot in chaos.plant.slots.values():
        slot.work = dice.choice([1, 2, 6])
    for batch in chaos.batches:
        chaos.watch(batch, lambda batch=batch: batch.command(C.START))  # type: ignore[misc]
    chaos.rounds(dice.randint(0, 30), lambda batch: None)
    kinds = dice.sample([*TROUBLE, "command"], k=dice.randint(1, 4))
    for _ in range(length):
        chaos.do(dice.choice(kinds if dice.random() < 0.15 else USUAL))
    return chaos


@settings(max_examples=40)
@given(SEEDS, st.integers(0, 150))
def test_no_order_of_events_breaks_a_law_and_an_abort_always_ends_the_batch(seed: int, length: int) -> None:
    chaos = chaotic(seed, length)
    chaos.calm()
    chaos.rounds(12, lambda batch: C.ABORT if C.ABORT not in batch.given("")[-1:] else None)
    for batch in chaos.batches:
        assert batch.state.ended, (batch.state.state, dict(batch.state.states), dict(batch.waiting))
        assert fold(batch.batch_no, batch.facts) == batch.state


@settings(max_examples=40)
@given(SEEDS, st.integers(0, 150))
def test_after_any_trouble_a_patient_person_brings_every_batch_to_its_end(seed: int, length: int) -> None:
    chaos = chaotic(seed, length)
    chaos.calm()
    next_command = {S.HELD: C.RESTART, S.PAUSED: C.RESUME}
    chaos.rounds(300, lambda batch: next_command.get(batch.state.state))
    for batch in chaos.batches:
        assert batch.state.ended, (batch.state.state, dict(batch.state.states), dict(batch.waiting))
        ended = C.STOP in batch.given("") or C.ABORT in batch.given("")
        assert ended or batch.state.state is S.COMPLETE
