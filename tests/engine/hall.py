"""Several batches in one plant, driven step by step with one arbitration, as the cell does it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, MutableMapping
from datetime import timedelta

from mes.engine.arbitration import Claim, Fitness, arbitrate
from mes.engine.draft import Permissive
from mes.model.condition import Truth
from mes.model.equipment import ProcessCell
from mes.model.events import Consume, Produce
from mes.model.execution import BatchState
from mes.model.fold import fold
from mes.model.recipe import ControlRecipe
from mes.model.states import FINAL, Command, CommandRefused, ProceduralState
from mes.model.steps import AnswerKind
from mes.model.verbs import Verb
from mes.store.factjson import from_text, to_text
from tests.engine.hall_plant import SHARED
from tests.engine.random_recipes import ANSWERS
from tests.engine.shift import UNKNOWN, Plant, Shift

S = ProceduralState
_BATCH_COMMANDS = tuple(one for one in Command if one not in {Command.UPDATE, Command.RESET, Command.START})


REPORTS = {"PX": {"made": 9.5}, "PY": {"made": 4.0}}


class Weather(MutableMapping[str, Permissive]):
    """How conditions stand: by chance, and all true once the weather is fair. An exception is never fair."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.fair = False

    def __getitem__(self, key: str) -> Permissive:
        exceptional = "exception" in key.rpartition("/")[2] and key.endswith("#when")
        if self.fair:
            truth = Truth.FALSE if exceptional else Truth.TRUE
        else:
            chance = self.dice.random()
            good = 0.02 if exceptional else 0.3
            truth = Truth.TRUE if chance < good else self.dice.choice([Truth.FALSE, Truth.UNKNOWN])
        return Permissive(truth=truth, why=f"the weather is {truth}")

    def __setitem__(self, key: str, value: Permissive) -> None:
        raise TypeError("nobody makes the weather")

    def __delitem__(self, key: str) -> None:
        raise TypeError("nobody makes the weather")

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class Hall:
    """The batches, their plant and the people around them, all by one seed."""

    def __init__(self, recipes: list[ControlRecipe], cell: ProcessCell, dice: random.Random) -> None:
        self.dice = dice
        self.weather = Weather(dice)
        self.plant = Plant(cell=cell, permissives=self.weather)
        for slot in self.plant.slots.values():
            slot.work = dice.randint(1, 3)
        self.users = {unit: dice.randint(1, 2) for unit in SHARED}
        self.batches = [
            Shift(control, self.plant, batch_no=f"B-{number:04}", usual=REPORTS)
            for number, control in enumerate(recipes, start=1)
        ]
        self.log: list[str] = []

    def start(self) -> None:
        """Start every batch."""
        for batch in self.batches:
            batch.command(Command.START, because="to the plan")

    def open(self) -> list[Shift]:
        """Give the batches that have not ended."""
        return [batch for batch in self.batches if not batch.state.ended]

    def tick(self) -> None:
        """One round of the plant and the engine; afterwards nothing may be wrong."""
        self.plant.at += timedelta(seconds=20)
        self.plant.scan()
        owners: dict[str, list[str]] = {}
        claims: list[Claim] = []
        for batch in self.open():
            self.deliver(batch)
            batch.collect()
        for batch in self.batches:
            claims += batch.claims() if batch.state.going else []
            for units in batch.state.holdings.values():
                for unit in units:
                    owners.setdefault(unit, []).append(batch.batch_no)
        found = arbitrate(claims, owners, {unit: Fitness(users=users) for unit, users in self.users.items()})
        for batch in self.open():
            batch.look(found)
        self.check()

    def deliver(self, batch: Shift) -> None:
        """Carry out what is on the wire; in bad weather an answer, or the command itself, may be lost."""
        under_way, batch.wire = batch.wire, []
        for command in under_way:
            luck = 1.0 if self.weather.fair else self.dice.random()
            answer = UNKNOWN if luck < 0.02 else batch.arrive(command)
            batch.settle(command, UNKNOWN if luck < 0.04 else answer)

    def restart(self, batch: Shift) -> None:
        """Let the engine end and begin anew with what the journal says; what it had not sent yet is decided again."""
        batch.state = self.recorded(batch)
        under_way, batch.wire = batch.wire, []
        for command in under_way:
            batch.settle(command, UNKNOWN, sent=False, again=True)

    def recorded(self, batch: Shift) -> BatchState:
        """Give the state that the facts of the journal say; fails where it is another one."""
        state = fold(batch.batch_no, [from_text(to_text(fact)) for fact in batch.facts])  # type: ignore[misc]
        assert state == batch.state
        return state

    def check(self) -> None:
        """Fail where a unit has more owners than it may have, or an ended batch still has one."""
        owners: dict[str, list[str]] = {}
        for batch in self.batches:
            for units in batch.state.holdings.values():
                for unit in units:
                    owners.setdefault(unit, []).append(batch.batch_no)
            if batch.state.ended:
                assert not batch.state.holdings, f"{batch.batch_no} ended with {batch.state.holdings}"
        for unit, batches in owners.items():
            assert len(batches) <= self.users.get(unit, 1), f"{unit} belongs to {batches}"

    def disturb(self) -> None:
        """Do one thing that people or the plant may do at any time."""
        batch = self.dice.choice(self.batches)
        paths = list(batch.state.tree.elements)
        path = self.dice.choice(paths)
        match self.dice.randrange(10):
            case 0:
                self.dice.choice(list(self.plant.slots.values())).fail("JAM")
            case 1:
                self.dice.choice(list(self.plant.slots.values())).panel(self.dice.choice(["hold", "stop", "abort"]))
            case 6:
                self.dice.choice(list(self.plant.slots.values())).lose_power()
            case 7:
                self.plant.blind = not self.plant.blind
            case 8:
                self.plant.lost = "" if self.plant.lost else "no route"
            case 9:
                self.restart(batch)
            case 2:
                self.refusable(batch, lambda: batch.command(self.dice.choice(_BATCH_COMMANDS), path=path, because="so"))
            case 3:
                gentle = [Command.HOLD, Command.RESTART, Command.PAUSE, Command.RESUME]
                self.refusable(batch, lambda: batch.command(self.dice.choice(gentle), because="so"))
            case 4:
                verb = self.dice.choice([verb for verb in Verb if verb not in {Verb.QUEUE, Verb.UNQUEUE, Verb.RANK}])
                value = self.dice.choice(["automatic", "semi-automatic", "manual", "40 rpm"])
                self.refusable(batch, lambda: batch.steer(verb, path, name="speed", value=value))
            case _:
                self.answer(batch)

    def refusable(self, batch: Shift, act: object) -> None:
        """Do something that the engine may refuse; then nothing has changed."""
        before, known = batch.state, len(batch.facts)
        try:
            assert callable(act)
            act()
        except CommandRefused:
            assert batch.state is before
            assert len(batch.facts) == known

    def answer(self, batch: Shift) -> None:
        """Answer every open prompt as a helpful person would."""
        for prompt in list(batch.state.prompts.values()):
            value = ANSWERS.get(prompt.answer) or self.dice.choice(prompt.choices)
            if prompt.answer is AnswerKind.CHOICE and "reject" in prompt.choices and self.weather.fair:
                value = "accept"
            self.refusable(
                batch, lambda prompt_id=prompt.prompt_id, value=value: batch.answer(prompt_id, value, because="so")
            )

    def help(self, batch: Shift) -> None:
        """Bring a batch forward as a good operator does: answer, confirm, let go on, repeat what was stopped."""
        self.answer(batch)
        if batch.state.state is S.HELD:
            self.refusable(batch, lambda: batch.command(Command.RESTART, because="all is well"))
        if batch.state.state is S.PAUSED:
            self.refusable(batch, lambda: batch.command(Command.RESUME, because="all is well"))
        for path, wait in batch.waits.items():
            if wait.kind in {"confirmation", "breakpoint"}:
                self.refusable(batch, lambda path=path: batch.steer(Verb.CONFIRM, path))
        for path in list(batch.state.local):
            for word in (Command.RESTART, Command.RESUME):
                self.refusable(batch, lambda path=path, word=word: batch.command(word, path=path, because="well"))

    def finish(self, *, ticks: int) -> None:
        """Let everybody help until every batch has ended; fails with what the open ones wait for."""
        self.weather.fair = True
        self.plant.blind, self.plant.lost = False, ""
        for _ in range(ticks):
            if not self.open():
                return
            self.clear()
            for batch in self.open():
                self.help(batch)
            self.tick()
        said = [
            f"{batch.batch_no} {batch.state.state} {batch.state.command}: {batch.waiting}"
            f" {dict(batch.state.states)} {dict(batch.state.local)} {batch.state.holdings} {batch.state.raised}"
            for batch in self.open()
        ]
        raise AssertionError("\n".join(said))

    def clear(self) -> None:
        """End at the panel what no batch knows any more: it was given up while nobody could see it."""
        known = {
            execution.exec_id
            for batch in self.open()
            for path, execution in batch.state.executions.items()
            if batch.state.state_of(path) not in FINAL or execution.pending
        }
        for slot in self.plant.slots.values():
            if slot.active not in known:
                slot.panel("abort")

    def consistent(self) -> None:
        """Fail where a state is not what its facts say, or a batch did not end."""
        for batch in self.batches:
            self.recorded(batch)
            assert batch.state.state in FINAL
            assert not batch.state.prompts
            assert set(batch.state.states.values()) <= FINAL | {S.IDLE}
            assert len(set(batch.state.made)) == len(batch.state.made)
            booked(batch)
        self.clear()
        self.plant.scan(3)
        assert {slot.state for slot in self.plant.slots.values()} <= {"idle", "complete", "stopped", "aborted"}


def booked(batch: Shift) -> None:
    """Fail where lots have more of a parent in them than was ever consumed of it."""
    taken: Counter[str] = Counter()
    inside: Counter[str] = Counter()
    for fact in batch.facts:
        if isinstance(fact, Consume):
            taken[fact.lot_no] += fact.quantity.value  # type: ignore[assignment]
        if isinstance(fact, Produce):
            for lot_no, quantity in fact.parents:
                inside[lot_no] += quantity.value  # type: ignore[assignment]
    assert all(inside[lot_no] <= taken[lot_no] for lot_no in inside), f"{batch.batch_no}: {inside} of {taken}"
