"""Pass the batch's last command on to its active phases, as far as their PLC allows it now."""

from __future__ import annotations

from collections.abc import Mapping

from mes.engine.draft import CommandPhase, Draft, PlantView
from mes.model.events import Alarm
from mes.model.execution import Execution
from mes.model.phase import COMMAND_NUMBER, PhaseStatus
from mes.model.procedure import PhaseStep, PromptStep, phases, walk
from mes.model.states import FINAL, Command, ProceduralState, allowed_commands, commanded, done

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
    """Give every active phase the command it needs to follow the batch."""
    if draft.state.command is None:
        return
    for element in walk(draft.state.control.procedure):
        if isinstance(element, PromptStep):
            _to_prompt(draft, element)
    for phase in phases(draft.state.control.procedure):
        execution = draft.state.executions.get(phase.path)
        if execution is not None and draft.state.state_of(phase.path) not in FINAL | {S.IDLE}:
            _to_phase(draft, view, phase, execution)


def _to_prompt(draft: Draft, step: PromptStep) -> None:
    """A prompt has no PLC behind it: it follows at once."""
    command = draft.state.command
    state = draft.state.state_of(step.path)
    if command is None or state in FINAL | {S.IDLE}:
        return
    wanted = _WANTED[command].get(state)
    if wanted is not None and wanted in allowed_commands(state):
        acting = commanded(state, wanted)
        draft.change(step.path, acting)
        draft.change(step.path, done(acting))


def _to_phase(draft: Draft, view: PlantView, phase: PhaseStep, execution: Execution) -> None:
    command = draft.state.command
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
        draft.waiting[phase.path] = f"{phase.slot} does not allow {wanted} now: {why_not(status)}"
        return
    intent = CommandPhase(
        path=phase.path,
        plc=phase.plc,
        slot=phase.slot,
        command=wanted,
        exec_id=execution.exec_id,
        number=phase.number,
    )
    draft.command_phase(intent, by=draft.state.commanded_by, because=draft.state.because)


def _answered_before(
    draft: Draft, phase: PhaseStep, execution: Execution, wanted: Command, status: PhaseStatus
) -> None:
    """The PLC has answered this very command, and yet the phase is where it was."""
    draft.waiting[phase.path] = f"{phase.slot} is {status.state} although {wanted} was given: {why_not(status)}"
    seen_since = status.ack_seq == execution.answered_seq
    if wanted in {C.RESTART, C.RESUME} and seen_since and draft.state.going:
        why = f"{phase.name} on {phase.unit} is {status.state} again after {wanted}: {why_not(status)}"
        draft.record(Alarm(path=phase.path, source=phase.slot, text=why))
        draft.hold(why)


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
