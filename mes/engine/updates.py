"""Give running phases new parameters, as their recipe plans it or as a person wants it."""

from __future__ import annotations

from mes.engine.draft import ENGINE, Draft, PlantView, condition_key
from mes.engine.starting import intent_for, values_of
from mes.model.phase import PhaseCommand, PhaseStatus
from mes.model.progress import goes
from mes.model.quantity import Quantity
from mes.model.states import Command, ProceduralState
from mes.model.steps import ParameterUpdate, PhaseStep


def give_updates(draft: Draft, view: PlantView) -> None:
    """Give every running phase the next planned update whose condition is TRUE."""
    for phase in draft.state.tree.phases:
        execution = draft.state.executions.get(phase.path) if phase.updates else None
        if execution is None or execution.pending or execution.updates >= len(phase.updates):
            continue
        if draft.state.state_of(phase.path) is not ProceduralState.RUNNING or not goes(draft.state, phase.path):
            continue
        turn = execution.updates + 1
        stands = view.permissives.get(condition_key(phase.path, f"update {turn}"))
        status = view.status_of(phase.slot)
        if stands is not None and stands.is_true and takes_updates(status):
            _give(draft, phase, phase.updates[turn - 1], turn, stands.why)


def takes_updates(status: PhaseStatus) -> bool:
    """Say whether a slot takes new parameters now."""
    return status.fresh and PhaseCommand.UPDATE in status.commands_enabled


def _give(draft: Draft, phase: PhaseStep, planned: ParameterUpdate, turn: int, why: str) -> None:
    # What the recipe plans for this moment comes after what a person had set before it.
    new = values_of(draft, phase, planned.parameters, as_changed=False)
    if new is not None:
        update(draft, phase, new, by=ENGINE, because=f"update {turn} of the recipe: {why}", turn=turn)


def update(draft: Draft, phase: PhaseStep, new: dict[str, Quantity], *, by: str, because: str, turn: int = 0) -> None:
    """Ask the PLC to run on with these values; all others stay what they are."""
    execution = draft.state.executions[phase.path]
    intent = intent_for(phase, Command.UPDATE, execution.exec_id, {**execution.parameters, **new}, turn)
    draft.command_phase(intent, by=by, because=because)
