"""Follow the PLC: what the status of a phase slot means for the phase of the batch that runs in it."""

from __future__ import annotations

from mes.engine.draft import ENGINE, CollectReports, Draft, PlantView, repeat_prompt
from mes.model.events import Alarm, PromptResponse
from mes.model.execution import Execution
from mes.model.phase import PhaseStatus
from mes.model.procedure import PhaseStep, phases
from mes.model.states import FINAL, Command, ProceduralState, way

S = ProceduralState

_STOPS = {S.STOPPING, S.ABORTING}
_UNASKED = {S.HOLDING, S.HELD, *_STOPS}
_PAUSES = {S.PAUSING, S.PAUSED}
_ENDS = {S.COMPLETE: S.COMPLETING, S.STOPPED: S.STOPPING, S.ABORTED: S.ABORTING}


def follow_phases(draft: Draft, view: PlantView) -> None:
    """Bring the recorded state of every active phase in line with what its PLC shows, and tell what it means."""
    for phase in phases(draft.state.control.procedure):
        execution = draft.state.executions.get(phase.path)
        if execution is None:
            continue
        status = view.status_of(phase.slot)
        if draft.state.state_of(phase.path) in FINAL | {S.IDLE}:
            _found_running(draft, phase, execution, status)
        elif not status.fresh:
            _without_link(draft, view, phase, status)
        elif status.active_exec == execution.exec_id or status.last_exec == execution.exec_id:
            _in_step(draft, view, phase, execution, status)
        elif execution.pending is not Command.START:
            _gone(draft, phase, execution, status)


def _without_link(draft: Draft, view: PlantView, phase: PhaseStep, status: PhaseStatus) -> None:
    draft.waiting[phase.path] = f"no fresh status of {phase.slot}: {status.why}"
    lost = view.lost.get(phase.plc)
    if lost is None:
        return
    if draft.state.command is Command.ABORT:
        draft.change(phase.path, S.ABORTED, f"{phase.plc} cannot be reached ({lost}); its own comm-loss action applies")
    elif draft.may_be_held:
        draft.record(Alarm(path=phase.path, source=phase.plc, text=f"link to {phase.plc} lost: {lost}"))
        draft.hold(f"link to {phase.plc} lost while {phase.name} was {draft.state.state_of(phase.path)}: {lost}")


def _in_step(draft: Draft, view: PlantView, phase: PhaseStep, execution: Execution, status: PhaseStatus) -> None:
    recorded = draft.state.state_of(phase.path)
    shown = status.state
    if shown in FINAL:
        _collect(draft, view, phase, execution, shown)
        # The end itself is recorded with the reports; until then the phase is on its way there.
        shown = _ENDS[shown]
    elif shown is S.IDLE and execution.pending is None:
        # Reset by somebody else before its reports were read: what it did is not known to the record.
        _gone(draft, phase, execution, status)
        return
    elif shown in {S.IDLE, S.RESETTING}:
        return
    if shown is recorded:
        return
    if not way(recorded, shown):
        _impossible(draft, phase, recorded, status)
        return
    draft.change(phase.path, shown, _reason(status))
    _uncommanded(draft, phase, recorded, shown, status)


def _collect(draft: Draft, view: PlantView, phase: PhaseStep, execution: Execution, shown: ProceduralState) -> None:
    equipment = view.equipment.get((phase.unit, phase.phase_class))
    if equipment is None:
        draft.waiting[phase.path] = f"the tag map to know {phase.phase_class} of {phase.unit} again: it has the reports"
        return
    draft.collect.append(CollectReports(path=phase.path, plc=phase.plc, equipment=equipment, exec_id=execution.exec_id))
    draft.waiting[phase.path] = f"{phase.slot} is {shown}; its reports are being read"


def _impossible(draft: Draft, phase: PhaseStep, recorded: ProceduralState, status: PhaseStatus) -> None:
    why = f"{phase.slot} shows {status.state} after {recorded}, which no phase may do"
    draft.waiting[phase.path] = f"{why}; check the PLC program, or stop or abort the batch"
    if draft.may_be_held:
        draft.record(Alarm(path=phase.path, source=phase.slot, text=why))
        draft.hold(f"{phase.name} on {phase.unit}: {why}")


def _reason(status: PhaseStatus) -> str:
    words = []
    if status.failure or status.fail_code:
        words.append(f"failure {status.failure or status.fail_code}")
    if status.interlocks:
        words.append("interlock " + ", ".join(status.interlocks))
    if not status.automatic or not status.source_mes:
        words.append("local operation")
    return "; ".join(words)


def _uncommanded(
    draft: Draft, phase: PhaseStep, before: ProceduralState, shown: ProceduralState, status: PhaseStatus
) -> None:
    """Hold the batch when a phase leaves running without having been asked to."""
    if not draft.may_be_held or before in _STOPS | {S.HOLDING}:
        return
    if shown in _UNASKED or (draft.state.going and shown in _PAUSES):
        why = _reason(status) or "no reason given by the PLC"
        draft.record(Alarm(path=phase.path, source=phase.slot, text=f"{phase.name} went {shown} by itself: {why}"))
        draft.hold(f"{phase.name} on {phase.unit} went {shown} by itself: {why}")


def _gone(draft: Draft, phase: PhaseStep, execution: Execution, status: PhaseStatus) -> None:
    """The PLC no longer knows the execution: it did not survive, and only a person may decide what follows."""
    why = (
        f"{phase.slot} no longer knows execution {execution.exec_id} (it is {status.state}, active "
        f"{status.active_exec}, last {status.last_exec}): the phase was interrupted and its reports are lost"
    )
    draft.record(Alarm(path=phase.path, source=phase.slot, text=why))
    draft.change(phase.path, S.ABORTED, why)
    draft.hold(f"{phase.name} on {phase.unit} was interrupted: {why}")


def _found_running(draft: Draft, phase: PhaseStep, execution: Execution, status: PhaseStatus) -> None:
    """A start whose answer was lost may reach a PLC that was stalled long after everybody has given it up."""
    given_up = draft.state.state_of(phase.path) in {S.ABORTED, S.IDLE} and not execution.reported
    # Resetting is no run: it may be another phase's execution that this one had the slot cleared of.
    at_rest = FINAL | {S.IDLE, S.RESETTING}
    running = status.fresh and status.active_exec == execution.exec_id and status.state not in at_rest
    if not (given_up and running) or execution.pending or draft.state.command in {Command.STOP, Command.ABORT}:
        return
    text = f"{phase.name} on {phase.unit} was given up, and yet {phase.slot} runs execution {execution.exec_id}"
    draft.record(Alarm(path=phase.path, source=phase.slot, text=text))
    prompt_id = repeat_prompt(phase.path, execution.exec_id)
    if prompt_id in draft.state.prompts:
        draft.record(PromptResponse(path=phase.path, prompt_id=prompt_id, value="found running", by=ENGINE))
    draft.change(phase.path, S.IDLE, text)
    draft.change(phase.path, status.state, text)
    draft.hold(text)
