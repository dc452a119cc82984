"""Start an equipment phase: its lots are known, its condition is true, its slot is ready, its partners are too."""

from __future__ import annotations

from mes.engine.asking import have_value
from mes.engine.draft import ENGINE, CommandPhase, Draft, PlantView, condition_key
from mes.engine.gatekeeping import let_in, to_be_repeated
from mes.engine.orders import why_not
from mes.engine.prompting import ask
from mes.engine.scanning import is_scanned, scan_wish
from mes.model.expression_value import Unknown
from mes.model.operands import operand_of
from mes.model.parameter_value import parameter_value, references
from mes.model.phase import PhaseCommand, PhaseStatus
from mes.model.progress import derived_state, is_passed
from mes.model.quantity import Quantity
from mes.model.recipe import Ask
from mes.model.reference import ReferenceKind
from mes.model.states import FINAL, Command, ProceduralState
from mes.model.steering import Transfer
from mes.model.steps import AnswerKind, Parameter, PhaseStep
from mes.model.waiting import Wait, WaitKind

S = ProceduralState


def enter_phase(draft: Draft, view: PlantView, phase: PhaseStep) -> None:
    """Start a phase whose turn it is, or say what it waits for."""
    state = draft.state.state_of(phase.path)
    if state in {S.STOPPED, S.ABORTED}:
        if not to_be_repeated(draft, phase, f"{phase.name} on {phase.unit} did not end"):
            return
    elif state is not S.IDLE:
        return
    if not let_in(draft, phase) or _slot_taken(draft, phase):
        return
    if not (_lots_bound(draft, phase) and _values_there(draft, phase)):
        return
    if _permitted(draft, view, phase) and _slot_ready(draft, view, phase):
        if phase.sync:
            draft.ready.setdefault(phase.sync, []).append(phase)
        else:
            _start(draft, view, phase, values_of(draft, phase, phase.parameters))


def start_together(draft: Draft, view: PlantView) -> None:
    """Start the phases of every sync of which all are ready, at once."""
    for sync, ready in draft.ready.items():
        late = [
            one.name
            for one in draft.state.tree.phases
            if one.sync == sync and one not in ready and _will_start(draft, one)
        ]
        if late:
            for phase in ready:
                draft.wait(phase.path, WaitKind.SYNC, f"{' and '.join(late)}, which starts together with it ({sync})")
            continue
        # All or none: one without its values must not leave the others to run alone.
        values = [values_of(draft, phase, phase.parameters) for phase in ready]
        if None in values:
            continue
        for phase, parameters in zip(ready, values, strict=True):
            _start(draft, view, phase, parameters)
        source, *destinations = ready
        if source.transfer and destinations:
            units = (source.unit, destinations[0].unit)
            draft.record(Transfer(path=source.path, name=sync, source=units[0], destination=units[1]))


def _will_start(draft: Draft, phase: PhaseStep) -> bool:
    """Say whether a phase has still to start: one that runs already is not waited for by a partner that is repeated."""
    still = derived_state(draft.state, phase) in {S.IDLE, S.STOPPED, S.ABORTED}
    return still and not is_passed(draft.state, phase.path)


def _slot_taken(draft: Draft, phase: PhaseStep) -> bool:
    """Say whether this batch has something in the slot that comes first: a command in flight, or another phase."""
    for path, execution in draft.state.executions.items():
        other = draft.state.tree.elements[path]
        if not isinstance(other, PhaseStep) or other.slot != phase.slot:
            continue
        if execution.pending is not None:
            draft.wait(phase.path, WaitKind.SLOT, f"{phase.slot} to answer {execution.pending}")
            return True
        if draft.state.state_of(path) not in FINAL | {S.IDLE}:
            draft.wait(phase.path, WaitKind.SLOT, f"{other.name} to end, which has {phase.slot}")
            return True
    return False


def _lots_bound(draft: Draft, phase: PhaseStep) -> bool:
    for name in phase.scan:
        if is_scanned(draft.state, phase, name):
            continue
        needed = draft.state.control.inputs[name]
        amount = "" if needed.amount is None else f" ({needed.amount})"
        text = {
            "en": f"Scan the lot of {needed.material} for {phase.name}{amount}",
            "zh": f"请扫描用于“{phase.name}”的 {needed.material} 批号{amount}",
        }
        said = f"scan a lot of {needed.material}{amount}"
        proposed = draft.state.proposed_lots.get(name, "")
        wish = scan_wish(phase, name)
        ask(draft, phase.path, wish, text, AnswerKind.LOT, said=said, lot_input=name, proposed=proposed)
        return False
    return True


def _values_there(draft: Draft, phase: PhaseStep) -> bool:
    """Ask for the formula values that a person gives when they are first needed; True when all are there."""
    # Nobody is to be called while the phase runs: what its updates need is asked for as well.
    used = (*phase.parameters, *(parameter for planned in phase.updates for parameter in planned.parameters))
    wanted = {
        reference.name
        for parameter in used
        for reference in references(parameter)
        if reference.kind is ReferenceKind.FORMULA
    }
    limits = draft.state.control.limits.items()
    asked = [parameter for name, parameter in limits if parameter.ask is Ask.RUN and name in wanted]
    given = tuple(have_value(draft, phase.path, parameter) for parameter in asked)
    return all(given)


def _permitted(draft: Draft, view: PlantView, phase: PhaseStep) -> bool:
    if not phase.requires:
        return True
    stands = view.permissives.get(condition_key(phase.path, "requires"))
    if stands is None:
        draft.wait(phase.path, WaitKind.CONDITION, f"the condition {phase.requires} to be evaluated")
        return False
    if stands.is_true:
        return True
    draft.waiting[phase.path] = Wait(kind=WaitKind.CONDITION, text=stands.why, parts=stands.parts)
    if stands.since_s > phase.requires_within_s:
        minutes = phase.requires_within_s / 60
        why = f"{phase.name} has waited more than {minutes:.0f} min for {phase.requires}: {stands.why}"
        draft.hold(why, phase.path)
    return False


def _slot_ready(draft: Draft, view: PlantView, phase: PhaseStep) -> bool:
    status = view.status_of(phase.slot)
    if not status.fresh:
        draft.wait(phase.path, WaitKind.PLC, f"no fresh status of {phase.slot}: {status.why}")
        if phase.plc in view.lost:
            why = f"{phase.name} cannot start: {phase.plc} cannot be reached ({view.lost[phase.plc]})"
            draft.hold(why, phase.path)
        return False
    if status.state in FINAL and PhaseCommand.RESET in status.commands_enabled:
        _clear_slot(draft, phase, status)
        return False
    if status.state is not S.IDLE:
        draft.wait(phase.path, WaitKind.SLOT, f"{phase.slot} is {status.state} with execution {status.active_exec}")
        return False
    if PhaseCommand.START not in status.commands_enabled:
        text = f"{phase.slot} does not allow start: {why_not(status)}"
        kind = WaitKind.INTERLOCK if status.interlocks else WaitKind.SLOT
        draft.waiting[phase.path] = Wait(kind=kind, text=text, names=status.interlocks)
        return False
    return True


def _clear_slot(draft: Draft, phase: PhaseStep, status: PhaseStatus) -> None:
    """An earlier execution has ended in this slot and nobody has reset it; the unit is ours now."""
    draft.wait(phase.path, WaitKind.SLOT, f"{phase.slot} to be reset from {status.state}")
    execution = draft.state.executions.get(phase.path)
    if execution is not None and execution.answered is Command.RESET:
        return
    exec_id = status.last_exec or status.active_exec
    because = f"{phase.slot} was left {status.state} by an earlier execution"
    draft.command_phase(intent_for(phase, Command.RESET, exec_id), by=ENGINE, because=because)


def intent_for(
    phase: PhaseStep, command: Command, exec_id: int, parameters: dict[str, Quantity] | None = None, update: int = 0
) -> CommandPhase:
    """Give the intent of a command to the slot of a phase."""
    return CommandPhase(
        path=phase.path,
        plc=phase.plc,
        slot=phase.slot,
        command=command,
        exec_id=exec_id,
        number=phase.number,
        parameters=parameters or {},
        update=update,
    )


def _start(draft: Draft, view: PlantView, phase: PhaseStep, parameters: dict[str, Quantity] | None) -> None:
    if parameters is None:
        return
    started = sum(1 for intent in draft.commands if intent.command is Command.START)
    exec_id = view.next_exec + started
    intent = intent_for(phase, Command.START, exec_id, parameters)
    draft.command_phase(intent, by=ENGINE, because="its turn in the recipe")


def values_of(
    draft: Draft, phase: PhaseStep, parameters: tuple[Parameter, ...], *, as_changed: bool = True
) -> dict[str, Quantity] | None:
    """Give the values that parameters of a phase have now; None (and a hold that says why) when one has none.

    `as_changed` is False where the recipe's own value counts, whatever a person has set.
    """
    values = {}
    look = operand_of(draft.state)
    for parameter in parameters:
        changed = draft.state.overrides.get((phase.path, parameter.name)) if as_changed else None
        value = parameter_value(parameter, look) if changed is None else changed
        if isinstance(value, Unknown):
            draft.hold(f"{phase.name}: parameter {parameter.name} has no value: {value.why}", phase.path)
            return None
        values[parameter.name] = value
    return values
