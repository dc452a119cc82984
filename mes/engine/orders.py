"""Pass the commands that govern the active phases on to them, as far as their PLC allows it now."""

from __future__ import annotations

from collections.abc import Mapping

from mes.engine.draft import CommandPhase, Draft, PlantView
from mes.model.events import Alarm
from mes.model.execution import Execution
from mes.model.phase import COMMAND_NUMBER, PhaseStatus
from mes.model.progress import command_at, given_by, goes
from mes.model.states import FINAL, Command, ProceduralState, allowed_commands, commanded, done
from mes.model.steps import GateStep, PhaseStep, PromptStep, WaitStep
from mes.model.waiting import Wait, WaitKind

S = ProceduralState
C = Command

_HOLDABLE = frozenset({S.STARTING, S.RUNNING, S.PAUSING, S.PAUSED, S.RESUMING, S.RESTARTING})
_STOPPABLE = frozenset(S) - FINAL - {S.IDLE, S.RESETTING, S.STOPPING, S.ABORTING}
_WANTED: Mapping[Command, Mapping[ProceduralState, Command]] = {
    C.HOLD: dict.fromkeys(_HOLDABLE, C.HOLD),
    C.PAUSE: {S.RUNNING: C.PAUSE},
    C.STOP: dict.fromkeys(_STOPPABLE, C.STOP),
    C.ABORT: dict.fromkeys(_STOPPABLE | {S.STOPPING}, C.ABORT),
    C.START: {S.HELD: C.RESTART, S.PAUSED: C.RESUME},
    C.RESTART: {S.HELD: C.RESTART, S.PAUSED: C.RESUME},
    C.RESUME: {S.HELD: C.RESTART, S.PAUSED: C.RESUME},
}
"""Batch command -> state of the phase -> command the phase needs; nothing where no command is needed."""


def pass_on(draft: Draft, view: PlantView) -> None:
    """Give every active phase the command it needs to follow the batch, its part of the procedure, or an exception."""
    if draft.state.command is None:
        return
    for path, state in draft.state.states.items():
        step = draft.state.tree.elements.get(path)
        if isinstance(step, PromptStep | GateStep | WaitStep) and state not in FINAL | {S.IDLE}:
            _to_person(draft, step)
    for path, execution in draft.state.executions.items():
        phase = draft.state.tree.elements[path]
        if isinstance(phase, PhaseStep) and draft.state.state_of(path) not in FINAL | {S.IDLE}:
            _to_phase(draft, view, phase, execution)


def _to_person(draft: Draft, step: PromptStep | GateStep | WaitStep) -> None:
    """What waits for a person or a condition has no PLC behind it: it follows at once."""
    command = command_at(draft.state, step.path)
    state = draft.state.state_of(step.path)
    wanted = None if command is None else _WANTED[command].get(state)
    if wanted is not None and wanted in allowed_commands(state):
        acting = commanded(state, wanted)
        draft.change(step.path, acting)
        draft.change(step.path, done(acting))


def _to_phase(draft: Draft, view: PlantView, phase: PhaseStep, execution: Execution) -> None:
    command = command_at(draft.state, phase.path)
    status = view.status_of(phase.slot)
    if command is None or not status.fresh or execution.pending is not None:
        return
    if status.active_exec != execution.exec_id and status.last_exec != execution.exec_id:
        return
    wanted = _WANTED[command].get(status.state)
    if wanted is None:
        return
    if execution.answered is wanted:
        _answered_before(draft, phase, execution, wanted, status)
        return
    if COMMAND_NUMBER[wanted] not in status.commands_enabled:
        _not_allowed(draft, phase, f"{phase.slot} does not allow {wanted} now: {why_not(status)}", status)
        return
    intent = CommandPhase(
        path=phase.path,
        plc=phase.plc,
        slot=phase.slot,
        command=wanted,
        exec_id=execution.exec_id,
        number=phase.number,
    )
    by, because = given_by(draft.state, phase.path)
    draft.command_phase(intent, by=by, because=because)


def _not_allowed(draft: Draft, phase: PhaseStep, text: str, status: PhaseStatus) -> None:
    kind = WaitKind.INTERLOCK if status.interlocks else WaitKind.SLOT
    draft.waiting[phase.path] = Wait(kind=kind, text=text, names=status.interlocks)


def _answered_before(
    draft: Draft, phase: PhaseStep, execution: Execution, wanted: Command, status: PhaseStatus
) -> None:
    """The PLC has answered this very command, and yet the phase is where it was."""
    _not_allowed(draft, phase, f"{phase.slot} is {status.state} although {wanted} was given: {why_not(status)}", status)
    seen_since = status.ack_seq == execution.answered_seq
    if wanted in {C.RESTART, C.RESUME} and seen_since and goes(draft.state, phase.path):
        why = f"{phase.name} on {phase.unit} is {status.state} again after {wanted}: {why_not(status)}"
        draft.record(Alarm(path=phase.path, source=phase.slot, text=why))
        draft.hold(why, phase.path)


def why_not(status: PhaseStatus) -> str:
    """Say in words why a phase slot does not take a command now."""
    words = [f"interlock {name}" for name in status.interlocks]
    if status.failure:
        words.append(f"failure {status.failure}")
    if not status.automatic:
        words.append("it is not in automatic mode")
    if not status.source_mes:
        words.append("it is under local operation")
    return "; ".join(words) or f"it is {status.state}"
