"""The pure step of one batch: (state, observation) -> (new state, facts to record, what to do once they are durable).

No clock, no I/O: a seed replays a year of plant in a minute. The new state is always the old one folded with the facts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mes.engine.advance import advance
from mes.engine.allocation import release_units
from mes.engine.answers import Answered, answer_prompt
from mes.engine.booking import book, ended_as
from mes.engine.draft import ENGINE, CommandPhase, Draft, PlantView, Step
from mes.engine.exceptions import raise_exceptions
from mes.engine.follow import follow_phases
from mes.engine.orders import pass_on
from mes.engine.steering import Steered, element_at, steer
from mes.engine.updates import give_updates
from mes.model.equipment import EquipmentPhase
from mes.model.events import Alarm, CommandOutcome
from mes.model.execution import RUN_COMMANDS, BatchState, batch_commands
from mes.model.phase import ACK_WORDS, Acknowledgement, AckResult
from mes.model.progress import command_at, derived_state, given_by, phase_at
from mes.model.states import FINAL, Command, CommandRefused, ProceduralState, commanded, done
from mes.model.steering import ElementCommand
from mes.model.steps import PhaseStep

S = ProceduralState


@dataclass(frozen=True, slots=True, kw_only=True)
class Commanded:
    """A person commands the batch, or the part of its procedure at `path`.

    `shortages` says which materials are missing; they refuse a start.
    """

    command: Command
    by: str
    because: str
    path: str = ""
    shortages: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The PLC has answered a phase command, or it is known that no answer will come.

    `sent` is False when nothing was written to the PLC and nothing ever will be: then nothing has happened. With
    `again` it may be decided anew (an earlier engine ended before it was sent); else the reason stands in the way.
    """

    path: str
    command: Command
    exec_id: int
    acknowledgement: Acknowledgement
    sent: bool = True
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """The reports of an ended phase were read."""

    path: str
    exec_id: int
    equipment: EquipmentPhase
    reports: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportsLost:
    """The reports of an ended phase could not be read for as long as the engine waits for them."""

    path: str
    exec_id: int
    why: str


Observation = PlantView | Commanded | Steered | Answered | Settled | Reported | ReportsLost


def step(state: BatchState, observation: Observation) -> Step:
    """Decide what follows from one observation.

    Raises `CommandRefused` for a command or an answer that is not possible now; nothing has changed then.
    """
    draft = Draft(state)
    match observation:
        case PlantView():
            follow_phases(draft, observation)
            raise_exceptions(draft, observation)
            pass_on(draft, observation)
            give_updates(draft, observation)
            advance(draft, observation)
            draft.settle_groups()
            release_units(draft)
        case Commanded(path=""):
            _command(draft, observation)
        case Commanded():
            _command_part(draft, observation)
        case Steered():
            steer(draft, observation)
        case Answered():
            answer_prompt(draft, observation)
        case Settled():
            _settle(draft, observation)
        case Reported():
            _report(draft, observation)
        case ReportsLost():
            _reports_lost(draft, observation)
    if not isinstance(observation, PlantView):
        draft.settle_groups()
    return draft.finished(looked=isinstance(observation, PlantView))


def _command(draft: Draft, wanted: Commanded) -> None:
    legal = () if draft.state.ended else batch_commands(draft.state.state)
    if wanted.command not in legal:
        allowed = ", ".join(legal) if legal else "none, the batch has ended"
        message = (
            f"{wanted.command} of batch {draft.state.batch_no} is not possible: it is {draft.state.state}; "
            f"possible now: {allowed}"
        )
        raise CommandRefused(message, legal=legal)
    if wanted.command is Command.START and wanted.shortages:
        raise CommandRefused(f"batch {draft.state.batch_no} cannot start: " + "; ".join(wanted.shortages))
    draft.command_batch(wanted.command, by=wanted.by, because=wanted.because)
    root = draft.state.state
    # The command itself moves the batch by the table; where it comes to rest follows from its children.
    draft.change("", commanded(root, wanted.command), wanted.because)
    if wanted.command is Command.START:
        draft.change("", done(S.STARTING))


def _command_part(draft: Draft, wanted: Commanded) -> None:
    """Command an element of the procedure; what is above it goes on."""
    element = element_at(draft, wanted.path)
    state = derived_state(draft.state, element)
    legal = () if draft.state.ended else tuple(one for one in batch_commands(state) if one is not Command.START)
    if wanted.command not in legal:
        allowed = ", ".join(legal) or "none"
        message = f"{wanted.command} of {wanted.path} is not possible: it is {state}; possible now: {allowed}"
        raise CommandRefused(message, legal=legal)
    draft.record(ElementCommand(path=wanted.path, command=wanted.command, by=wanted.by, because=wanted.because))
    governs = command_at(draft.state, wanted.path)
    if wanted.command in {Command.RESTART, Command.RESUME} and governs not in RUN_COMMANDS:
        by, because = given_by(draft.state, wanted.path)
        above = f"what it is part of was given {governs} by {by} ({because})"
        raise CommandRefused(f"{wanted.path} cannot go on: {above}; let that go on first")


def _settle(draft: Draft, settled: Settled) -> None:
    execution = draft.state.executions.get(settled.path)
    if execution is None or execution.exec_id != settled.exec_id or execution.pending is not settled.command:
        return  # answered twice: the first answer stands
    ack = settled.acknowledgement
    why = ack.why or (ACK_WORDS[ack.result] if ack.result is not None else "no answer")
    draft.record(
        CommandOutcome(
            path=settled.path,
            command=settled.command,
            exec_id=settled.exec_id,
            accepted=ack.accepted,
            known=settled.sent and ack.result is not None,
            because=why,
            seq=ack.seq,
        )
    )
    # A planned update is decided anew like everything else; what a person wanted is not, and the person must know.
    wanted_by_person = settled.command is Command.UPDATE and execution.update == 0
    if settled.again and not wanted_by_person:
        return
    phase = phase_at(draft.state, settled.path)
    may_run = ack.accepted or ack.result in {None, AckResult.ALREADY_EXECUTED}
    if settled.command is Command.START and settled.sent and may_run:
        # Without an answer it may well be running: the status of the PLC will tell.
        draft.change(settled.path, S.STARTING, "" if ack.accepted else why)
    # A reset after the end may fail: whoever needs the slot next resets it. One before a start stands in its way.
    in_the_way = settled.command is not Command.RESET or draft.state.state_of(settled.path) is S.IDLE
    if not ack.accepted and in_the_way:
        text = f"{settled.command} of {phase.name} on {phase.unit}: {why}"
        draft.record(Alarm(path=settled.path, source=phase.slot, text=text))
        # New parameters that were refused leave a phase that runs on as before: a person is told, nothing is held.
        if settled.command is not Command.UPDATE:
            draft.hold(text, settled.path)


def _report(draft: Draft, reported: Reported) -> None:
    execution = draft.state.executions.get(reported.path)
    state = draft.state.state_of(reported.path)
    if execution is None or execution.exec_id != reported.exec_id or execution.reported or state in FINAL:
        return  # read twice: the first reading stands
    phase = phase_at(draft.state, reported.path)
    book(draft, phase, reported.equipment, reported.reports, reported.exec_id)
    draft.change(reported.path, ended_as(state))
    _reset(draft, phase, reported.exec_id, "its reports are recorded")


def _reset(draft: Draft, phase: PhaseStep, exec_id: int, because: str) -> None:
    execution = draft.state.executions[phase.path]
    if execution.pending is None:
        intent = CommandPhase(
            path=phase.path,
            plc=phase.plc,
            slot=phase.slot,
            command=Command.RESET,
            exec_id=exec_id,
            number=phase.number,
        )
        draft.command_phase(intent, by=ENGINE, because=because)


def _reports_lost(draft: Draft, lost: ReportsLost) -> None:
    """Without its reports a phase is not booked: a person is told, and only stop or abort can end it."""
    execution = draft.state.executions.get(lost.path)
    state = draft.state.state_of(lost.path)
    if execution is None or execution.exec_id != lost.exec_id or execution.reported or state in FINAL:
        return
    phase = phase_at(draft.state, lost.path)
    text = f"the reports of {phase.name} on {phase.unit} cannot be read: {lost.why}"
    if command_at(draft.state, lost.path) in {Command.STOP, Command.ABORT}:
        draft.record(Alarm(path=lost.path, source=phase.slot, text=text + "; it is ended without being booked"))
        draft.change(lost.path, S.ABORTING)
        draft.change(lost.path, S.ABORTED, text)
        _reset(draft, phase, lost.exec_id, text)
    elif draft.may_be_held(lost.path):
        draft.record(Alarm(path=lost.path, source=phase.slot, text=text))
        draft.hold(text, lost.path)
