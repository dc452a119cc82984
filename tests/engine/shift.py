"""One batch and its plant, driven step by step: what the shell does around the pure step, with nothing concurrent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from mes.engine.answers import Answered
from mes.engine.arbitration import Arbitrated, Claim, Fitness, arbitrate
from mes.engine.draft import CollectReports, CommandPhase, Permissive, PlantView, Step
from mes.engine.gatekeeping import stands_before
from mes.engine.steering import Steered
from mes.engine.step import Commanded, Observation, Reported, ReportsLost, Settled, step
from mes.model.equipment import ProcessCell
from mes.model.events import Alarm, BatchCreated, BatchFact, StateChange, StateCommand
from mes.model.execution import BatchState
from mes.model.fold import fold
from mes.model.lots import Lot
from mes.model.phase import Acknowledgement, AckResult, PhaseStatus
from mes.model.procedure import Choose, Group, phases
from mes.model.progress import goes
from mes.model.recipe import ControlRecipe
from mes.model.states import Command, ProceduralState
from mes.model.steering import UnitChange
from mes.model.steps import AnswerKind, PhaseStep
from mes.model.verbs import Verb
from mes.model.waiting import Wait
from tests.engine.plant import Slot
from tests.engine.recipe import AT, LOT_OF, REPORTS, line_cell, usual_lots

S = ProceduralState


@dataclass(slots=True)
class Plant:
    """The slots of the line and what belongs to the cell: who has which unit, the next execution, lost links."""

    cell: ProcessCell = field(default_factory=line_cell)
    slots: dict[str, Slot] = field(default_factory=dict)
    next_exec: int = 1
    seq: int = 0
    lost: str = ""
    blind: bool = False
    permissives: MutableMapping[str, Permissive] = field(default_factory=dict)
    fitness: dict[str, Fitness] = field(default_factory=dict)
    fit_units: tuple[str, ...] = ()
    at: datetime = AT

    def __post_init__(self) -> None:
        self.slots = {phase.slot: Slot(phase.slot) for phase in self.cell.phases.values()}

    def scan(self, times: int = 1) -> None:
        for _ in range(times):
            for slot in self.slots.values():
                slot.scan()

    def statuses(self) -> dict[str, PhaseStatus]:
        why = self.lost or "no news"
        found = {name: slot.status() for name, slot in self.slots.items()}
        if not (self.blind or self.lost):
            return found
        return {name: replace(status, fresh=False, why=why) for name, status in found.items()}


def wanted_at(state: BatchState, path: str) -> Choose:
    """Give how the unit of an element is chosen."""
    group = state.tree.elements[path]
    return group.wanted.choose if isinstance(group, Group) and group.wanted else Choose.PREFERRED


@dataclass(slots=True)
class Shift:
    """A batch in a plant. `wire` has the commands on their way, `wanted` the reports to read."""

    control: ControlRecipe
    plant: Plant = field(default_factory=Plant)
    batch_no: str = "B-0001"
    lots: dict[str, Lot] = field(default_factory=usual_lots)
    owners: Callable[[], Mapping[str, str]] = dict
    facts: list[BatchFact] = field(default_factory=list)
    state: BatchState = field(init=False)
    wire: list[CommandPhase] = field(default_factory=list)
    wanted: dict[tuple[str, int], CollectReports] = field(default_factory=dict)
    waits: Mapping[str, Wait] = field(default_factory=dict)
    units: list[UnitChange] = field(default_factory=list)
    reports_fail: str = ""
    usual: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: REPORTS)

    def __post_init__(self) -> None:
        self.facts.append(BatchCreated(control=self.control, by="ann"))
        self.state = fold(self.batch_no, self.facts)

    # What comes in

    def observe(self, observation: Observation) -> Step:
        decided = step(self.state, observation)
        self.facts += decided.facts
        self.state = decided.state
        self.wire += decided.commands
        self.units += decided.units
        started = [command.exec_id for command in decided.commands if command.command is Command.START]
        self.plant.next_exec = max([self.plant.next_exec, *(exec_id + 1 for exec_id in started)])
        for item in decided.collect:
            self.wanted[item.path, item.exec_id] = item
        if decided.waiting is not None:
            self.waits = decided.waiting
        return decided

    @property
    def waiting(self) -> dict[str, str]:
        """Why elements wait, in words."""
        return {path: wait.text for path, wait in self.waits.items()}

    def look(self, found: Arbitrated | None = None) -> Step:
        plant = self.plant
        found = found or arbitrate(self.claims(), self.owned(), plant.fitness)
        view = PlantView(
            at=plant.at,
            phases=plant.statuses(),
            equipment=plant.cell.phases,
            grants={path: grant for (batch, path), grant in found.grants.items() if batch == self.batch_no},
            queue={path: wait for (batch, path), wait in found.waits.items() if batch == self.batch_no},
            rank=Decimal(len(self.facts)),
            fit_units=plant.fit_units,
            permissives=plant.permissives,
            lost={phase.plc: plant.lost for phase in plant.cell.phases.values()} if plant.lost else {},
            next_exec=plant.next_exec,
        )
        return self.observe(view)

    def claims(self) -> list[Claim]:
        """Give what the batch asks of the arbitration."""
        picked = {
            path: self.state.answers.get(self.state.asked.get(f"unit:{path}", ""), "") for path in self.state.requests
        }
        return [
            Claim(
                batch_no=self.batch_no,
                path=path,
                candidates=request.candidates,
                uses=request.uses,
                rank=request.rank,
                choose=wanted_at(self.state, path),
                holding=bool(self.state.holdings),
                picked=picked[path],
            )
            for path, request in self.state.requests.items()
            # What waits for a person first does not keep a unit from others.
            if goes(self.state, path) and stands_before(self.state, self.state.tree.elements[path]) is None
        ]

    def owned(self) -> dict[str, list[str]]:
        """Give who has each unit."""
        owned = {unit: [other] for unit, other in self.owners().items()}
        for unit in self.state.units:
            owned.setdefault(unit, []).append(self.batch_no)
        return owned

    def command(
        self, command: Command, *, path: str = "", by: str = "ann", because: str = "", shortages: tuple[str, ...] = ()
    ) -> Step:
        return self.observe(Commanded(command=command, path=path, by=by, because=because, shortages=shortages))

    def steer(self, verb: Verb, path: str = "", *, name: str = "", value: str = "", because: str = "so") -> Step:
        element = self.state.tree.elements.get(path)
        equipment, running = None, False
        if isinstance(element, PhaseStep):
            equipment = self.plant.cell.phases.get((element.unit, element.phase_class))
            running = self.plant.slots[element.slot].state == "running" if element.slot else False
        return self.observe(
            Steered(
                verb=verb,
                path=path,
                by="ann",
                because=because,
                name=name,
                value=value,
                equipment=equipment,
                running=running,
            )
        )

    def answer(self, prompt_id: str, value: str, *, because: str = "") -> Step:
        known = tuple(self.lots)
        lot = self.lots.get(value)
        return self.observe(
            Answered(prompt_id=prompt_id, value=value, by="ann", at=AT, because=because, lot=lot, known_lots=known),
        )

    # What goes out

    def arrive(self, command: CommandPhase) -> Acknowledgement:
        """Let a command reach its PLC and give the answer, which the engine does not know yet."""
        self.plant.seq += 1
        values = {name: float(quantity.value) for name, quantity in command.parameters.items()}
        slot = self.plant.slots[command.slot]
        result = slot.take(command.command.value, command.exec_id, self.plant.seq, values)
        return Acknowledgement(seq=self.plant.seq, result=result)

    def settle(self, command: CommandPhase, answer: Acknowledgement, *, sent: bool = True, again: bool = False) -> Step:
        return self.observe(
            Settled(
                path=command.path,
                command=command.command,
                exec_id=command.exec_id,
                acknowledgement=answer,
                sent=sent,
                again=again,
            )
        )

    def deliver(self) -> None:
        """Carry out everything on the wire and tell the answers."""
        under_way, self.wire = self.wire, []
        for command in under_way:
            self.settle(command, self.arrive(command))

    def collect(self) -> None:
        """Read the reports that are wanted."""
        wanted, self.wanted = self.wanted, {}
        for item in wanted.values():
            if self.reports_fail:
                self.observe(ReportsLost(path=item.path, exec_id=item.exec_id, why=self.reports_fail))
            else:
                self.observe(self.report(item))

    def report(self, item: CollectReports) -> Reported:
        slot = self.plant.slots[item.equipment.slot]
        usual = self.usual.get(item.equipment.phase_class, {})
        done = slot.state == "complete"
        reports = {}
        for spec in item.equipment.reports:
            value = slot.asked.get(spec.name, usual.get(spec.name, 0.0))
            reports[spec.name] = value if done else round(value / 2, 3)
        return Reported(path=item.path, exec_id=item.exec_id, equipment=item.equipment, reports=reports)

    # Together

    def tick(self) -> None:
        """One round: the plant moves, commands and reports get through, the engine looks."""
        self.plant.scan()
        self.deliver()
        self.collect()
        self.look()

    def until(self, wanted: Callable[[], bool], *, ticks: int = 200, helpful: bool = True) -> None:
        """Go on until something is so; fails with what everything waits for."""
        for _ in range(ticks):
            if wanted():
                return
            if helpful:
                self.answer_prompts()
            self.tick()
        raise AssertionError(f"{self.state.state}: {dict(self.state.states)}, waiting {dict(self.waiting)}")

    def answer_prompts(self) -> None:
        """Answer as a good operator does; a repeat is never answered here."""
        if not self.state.going:
            return
        for prompt in list(self.state.prompts.values()):
            match prompt.answer:
                case AnswerKind.LOT:
                    self.answer(prompt.prompt_id, LOT_OF[prompt.input])
                case AnswerKind.NUMBER:
                    self.answer(prompt.prompt_id, "7.1")
                case AnswerKind.CONFIRM:
                    self.answer(prompt.prompt_id, "yes")
                case _:
                    pass

    def run_to(self, path: str, state: ProceduralState = S.RUNNING) -> None:
        """Start the batch if it is idle and go on until an element is in a state."""
        if self.state.state is S.IDLE:
            self.command(Command.START, because="to the plan")
        self.until(lambda: self.state.state_of(path) is state)

    def held(self) -> str:
        """Go on until the batch is held, and give the reason."""
        self.until(lambda: self.state.state is S.HELD)
        return self.state.because

    def finish(self) -> None:
        self.until(lambda: self.state.ended)

    # What was recorded

    def slot(self, path: str) -> Slot:
        """Give the slot that a phase of the recipe runs in."""
        return next(self.plant.slots[phase.slot] for phase in phases(self.control.procedure) if phase.path == path)

    def alarms(self) -> list[str]:
        return [fact.text for fact in self.facts if isinstance(fact, Alarm)]

    def path_of(self, path: str) -> list[ProceduralState]:
        """Give the recorded states of an element in order."""
        return [fact.after for fact in self.facts if isinstance(fact, StateChange) and fact.path == path]

    def given(self, path: str) -> list[Command]:
        """Give the commands recorded for an element in order."""
        return [fact.command for fact in self.facts if isinstance(fact, StateCommand) and fact.path == path]

    def updates(self) -> list[StateCommand]:
        return [fact for fact in self.facts if isinstance(fact, StateCommand) and fact.command is Command.UPDATE]

    def starts(self) -> list[StateCommand]:
        return [
            fact
            for fact in self.facts
            if isinstance(fact, StateCommand) and fact.path and fact.command is Command.START
        ]


UNKNOWN = Acknowledgement(seq=0, result=None, why="no answer within 2 s")
REFUSED = Acknowledgement(seq=0, result=AckResult.NOT_ALLOWED)
