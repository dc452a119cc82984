"""Follow the PLC: what the status of a phase slot means for the phase of the batch that runs in it."""

from __future__ import annotations

from mes.engine.draft import CollectReports, Draft, PlantView
from mes.engine.exceptions import raise_for_failure
from mes.engine.prompting import settle
from mes.model.events import Alarm
from mes.model.execution import Execution, is_below
from mes.model.phase import PhaseStatus
from mes.model.progress import command_at, goes, phase_at
from mes.model.states import FINAL, Command, ProceduralState, way
from mes.model.steps import PhaseStep
from mes.model.waiting import WaitKind

S = ProceduralState

_STOPS = {S.STOPPING, S.ABORTING}
_UNASKED = {S.HOLDING, S.HELD, *_STOPS}
_PAUSES = {S.PAUSING, S.PAUSED}
_ENDS = {S.COMPLETE: S.COMPLETING, S.STOPPED: S.STOPPING, S.ABORTED: S.ABORTING}


def follow_phases(draft: Draft, view: PlantView) -> None:
    """Bring the recorded state of every active phase in line with what its PLC shows, and tell what it means."""
    for path, execution in draft.state.executions.items():
        phase = phase_at(draft.state, path)
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
    draft.wait(phase.path, WaitKind.PLC, f"no fresh status of {phase.slot}: {status.why}")
    lost = view.lost.get(phase.plc)
    if lost is None:
        return
    if command_at(draft.state, phase.path) is Command.ABORT:
        draft.change(phase.path, S.ABORTED, f"{phase.plc} cannot be reached ({lost}); its own comm-loss action applies")
        return
    # What an exception holds already cannot come to rest without its PLC, so that the steps of the block never begin.
    guarded = (group for group, _ in (draft.state.tree.blocks[raised] for raised in draft.state.raised))
    held_with = (path for path in (phase.path, *guarded) if is_below(phase.path, path) and draft.may_be_held(path))
    if (top := next(held_with, None)) is not None:
        draft.record(Alarm(path=phase.path, source=phase.plc, text=f"link to {phase.plc} lost: {lost}"))
        draft.hold(f"link to {phase.plc} lost while {phase.name} was {draft.state.state_of(phase.path)}: {lost}", top)


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
        text = f"the tag map to know {phase.phase_class} of {phase.unit} again: it has the reports"
        draft.wait(phase.path, WaitKind.PLC, text)
        return
    draft.collect.append(CollectReports(path=phase.path, plc=phase.plc, equipment=equipment, exec_id=execution.exec_id))
    draft.wait(phase.path, WaitKind.PLC, f"{phase.slot} is {shown}; its reports are being read")


def _impossible(draft: Draft, phase: PhaseStep, recorded: ProceduralState, status: PhaseStatus) -> None:
    why = f"{phase.slot} shows {status.state} after {recorded}, which no phase may do"
    draft.wait(phase.path, WaitKind.PLC, f"{why}; check the PLC program, or stop or abort the batch")
    if draft.may_be_held(phase.path):
        draft.record(Alarm(path=phase.path, source=phase.slot, text=why))
        draft.hold(f"{phase.name} on {phase.unit}: {why}", phase.path)


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
    """Raise an exception of the recipe, or else hold, when a phase leaves running without having been asked to."""
    if not draft.may_be_held(phase.path) or before in _STOPS | {S.HOLDING}:
        return
    if shown in _UNASKED or (goes(draft.state, phase.path) and shown in _PAUSES):
        why = _reason(status) or "no reason given by the PLC"
        draft.record(Alarm(path=phase.path, source=phase.slot, text=f"{phase.name} went {shown} by itself: {why}"))
        said = f"{phase.name} on {phase.unit} went {shown} by itself: {why}"
        # Without failure and interlock somebody at the panel has done it: then only a person lets it go on.
        failed = bool(status.failure or status.fail_code or status.interlocks)
        if not (failed and raise_for_failure(draft, phase, status.failure, said)):
            draft.hold(said, phase.path)


def _gone(draft: Draft, phase: PhaseStep, execution: Execution, status: PhaseStatus) -> None:
    """The PLC no longer knows the execution: it did not survive, and only a person may decide what follows."""
    why = (
        f"{phase.slot} no longer knows execution {execution.exec_id} (it is {status.state}, active "
        f"{status.active_exec}, last {status.last_exec}): the phase was interrupted and its reports are lost"
    )
    draft.record(Alarm(path=phase.path, source=phase.slot, text=why))
    draft.change(phase.path, S.ABORTED, why)
    draft.hold(f"{phase.name} on {phase.unit} was interrupted: {why}", phase.path)


def _found_running(draft: Draft, phase: PhaseStep, execution: Execution, status: PhaseStatus) -> None:
    """A start whose answer was lost may reach a PLC that was stalled long after everybody has given it up."""
    given_up = draft.state.state_of(phase.path) in {S.ABORTED, S.IDLE} and not execution.reported
    # Resetting is no run: it may be another phase's execution that this one had the slot cleared of.
    at_rest = FINAL | {S.IDLE, S.RESETTING}
    running = status.fresh and status.active_exec == execution.exec_id and status.state not in at_rest
    ends = command_at(draft.state, phase.path) in {Command.STOP, Command.ABORT}
    if not (given_up and running) or execution.pending or ends:
        return
    text = f"{phase.name} on {phase.unit} was given up, and yet {phase.slot} runs execution {execution.exec_id}"
    draft.record(Alarm(path=phase.path, source=phase.slot, text=text))
    settle(draft, f"repeat:{phase.path}", "found running")
    draft.change(phase.path, S.IDLE, text)
    draft.change(phase.path, status.state, text)
    draft.hold(text, phase.path)
