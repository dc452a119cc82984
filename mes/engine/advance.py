"""Go forward in the procedure: allocate units, ask for lots, wait for conditions, start phases."""

from __future__ import annotations

from mes.engine.draft import ENGINE, CommandPhase, Draft, PlantView, repeat_prompt
from mes.engine.orders import why_not
from mes.model.events import Allocation, Deallocation, Prompt
from mes.model.execution import derived_state
from mes.model.phase import PhaseCommand, PhaseStatus
from mes.model.procedure import AnswerKind, Element, Group, Level, Order, PhaseStep, PromptStep, Source, phases, walk
from mes.model.quantity import Quantity
from mes.model.states import FINAL, Command, ProceduralState

S = ProceduralState

_REPEAT = "repeat"


def advance(draft: Draft, view: PlantView) -> None:
    """Enter everything whose turn it is, as long as the batch is going."""
    if draft.state.going and draft.state.state not in FINAL:
        _enter(draft, view, draft.state.control.procedure)


def release_units(draft: Draft) -> None:
    """Give back the units whose unit procedure has ended (or, when the batch has ended, has not begun again)."""
    root_ended = derived_state(draft.state, draft.state.control.procedure) in FINAL
    for element in walk(draft.state.control.procedure):
        if not isinstance(element, Group) or draft.state.units.get(element.unit) != element.path:
            continue
        in_flight = any(
            execution.pending is not None and path.startswith(element.path + "/")
            for path, execution in draft.state.executions.items()
        )
        ended = derived_state(draft.state, element) in FINAL or root_ended
        if ended and not in_flight:
            draft.record(Deallocation(path=element.path, unit=element.unit))


def _enter(draft: Draft, view: PlantView, element: Element) -> None:
    # The hold of one branch holds the others at once.
    if not draft.state.going:
        return
    match element:
        case Group():
            _enter_group(draft, view, element)
        case PhaseStep():
            _enter_phase(draft, view, element)
        case PromptStep():
            _enter_prompt(draft, element)


def _enter_group(draft: Draft, view: PlantView, group: Group) -> None:
    if group.level is Level.UNIT_PROCEDURE and group.unit and not _allocated(draft, view, group):
        return
    if group is not draft.state.control.procedure and draft.state.state_of(group.path) is S.IDLE:
        draft.change(group.path, S.STARTING)
        draft.change(group.path, S.RUNNING)
    for child in group.children:
        if derived_state(draft.state, child) is S.COMPLETE:
            continue
        _enter(draft, view, child)
        if group.order is Order.SEQUENCE and derived_state(draft.state, child) is not S.COMPLETE:
            return


def _allocated(draft: Draft, view: PlantView, group: Group) -> bool:
    if draft.state.units.get(group.unit) == group.path:
        return True
    owner = view.owners.get(group.unit)
    # What this batch has it knows better than the view, which was taken before this step.
    own = group.unit in draft.state.units
    if own or owner not in {None, draft.state.batch_no}:
        whose = "this batch" if own else f"batch {owner}"
        draft.waiting[group.path] = f"unit {group.unit} is in use by {whose}"
        return False
    draft.record(Allocation(path=group.path, unit=group.unit))
    return True


def _enter_prompt(draft: Draft, step: PromptStep) -> None:
    if draft.state.state_of(step.path) is S.IDLE:
        draft.change(step.path, S.STARTING)
        draft.change(step.path, S.RUNNING)
        draft.record(
            Prompt(
                path=step.path,
                prompt_id=step.path,
                text=step.text,
                answer=step.answer,
                uom=step.uom,
                minimum=step.minimum,
                maximum=step.maximum,
            )
        )
    if draft.state.state_of(step.path) is S.RUNNING:
        draft.waiting[step.path] = f"a person: {step.text['en']}"


def _enter_phase(draft: Draft, view: PlantView, phase: PhaseStep) -> None:
    execution = draft.state.executions.get(phase.path)
    state = draft.state.state_of(phase.path)
    if state in {S.STOPPED, S.ABORTED}:
        if not _to_be_repeated(draft, phase, 0 if execution is None else execution.exec_id):
            return
    elif state is not S.IDLE:
        return
    if _slot_taken(draft, phase):
        return
    if _lots_bound(draft, phase) and _permitted(draft, view, phase) and _slot_ready(draft, view, phase):
        _start(draft, view, phase)


def _slot_taken(draft: Draft, phase: PhaseStep) -> bool:
    """Say whether this batch has something in the slot that comes first: a command in flight, or another phase."""
    for other in phases(draft.state.control.procedure):
        execution = draft.state.executions.get(other.path)
        if other.slot != phase.slot or execution is None:
            continue
        if execution.pending is not None:
            draft.waiting[phase.path] = f"{phase.slot} to answer {execution.pending}"
            return True
        if draft.state.state_of(other.path) not in FINAL | {S.IDLE}:
            draft.waiting[phase.path] = f"{other.name} to end, which has {phase.slot}"
            return True
    return False


def _to_be_repeated(draft: Draft, phase: PhaseStep, exec_id: int) -> bool:
    prompt_id = repeat_prompt(phase.path, exec_id)
    if draft.state.answers.get(prompt_id) == _REPEAT and prompt_id not in draft.state.prompts:
        draft.change(phase.path, S.IDLE, "to be repeated")
        return True
    draft.waiting[phase.path] = f"a person: {phase.name} on {phase.unit} did not end; repeat it, or stop the batch"
    if prompt_id not in draft.state.prompts:
        text = {
            "en": f"{phase.name} on {phase.unit} did not end. Check the unit; repeat it, or stop or abort the batch.",
            "zh": f"{phase.unit} 上的“{phase.name}”未完成。请检查设备；重复该阶段，或停止/中止批次。",
        }
        draft.record(
            Prompt(path=phase.path, prompt_id=prompt_id, text=text, answer=AnswerKind.CHOICE, choices=(_REPEAT,))
        )
    return False


def _lots_bound(draft: Draft, phase: PhaseStep) -> bool:
    for name in phase.scan:
        if name in draft.state.lots:
            continue
        needed = draft.state.control.inputs[name]
        amount = "" if needed.amount is None else f" ({needed.amount})"
        draft.waiting[phase.path] = f"a person: scan a lot of {needed.material}{amount}"
        prompt_id = f"scan:{name}"
        if prompt_id not in draft.state.prompts:
            text = {
                "en": f"Scan the lot of {needed.material} for {phase.name}{amount}",
                "zh": f"请扫描用于“{phase.name}”的 {needed.material} 批号{amount}",
            }
            proposed = draft.state.proposed_lots.get(name, "")
            draft.record(
                Prompt(
                    path=phase.path,
                    prompt_id=prompt_id,
                    text=text,
                    answer=AnswerKind.LOT,
                    input=name,
                    proposed=proposed,
                )
            )
        return False
    return True


def _permitted(draft: Draft, view: PlantView, phase: PhaseStep) -> bool:
    if not phase.requires:
        return True
    permissive = view.permissives.get(phase.path)
    if permissive is None:
        draft.waiting[phase.path] = f"the condition {phase.requires} to be evaluated"
        return False
    if permissive.is_true:
        return True
    draft.waiting[phase.path] = permissive.why
    if permissive.since_s > phase.requires_within_s:
        minutes = phase.requires_within_s / 60
        draft.hold(f"{phase.name} has waited more than {minutes:.0f} min for {phase.requires}: {permissive.why}")
    return False


def _slot_ready(draft: Draft, view: PlantView, phase: PhaseStep) -> bool:
    status = view.status_of(phase.slot)
    if not status.fresh:
        draft.waiting[phase.path] = f"no fresh status of {phase.slot}: {status.why}"
        if phase.plc in view.lost:
            draft.hold(f"{phase.name} cannot start: {phase.plc} cannot be reached ({view.lost[phase.plc]})")
        return False
    if status.state in FINAL and PhaseCommand.RESET in status.commands_enabled:
        _clear_slot(draft, phase, status)
        return False
    if status.state is not S.IDLE:
        draft.waiting[phase.path] = f"{phase.slot} is {status.state} with execution {status.active_exec}"
        return False
    if PhaseCommand.START not in status.commands_enabled:
        draft.waiting[phase.path] = f"{phase.slot} does not allow start: {why_not(status)}"
        return False
    return True


def _clear_slot(draft: Draft, phase: PhaseStep, status: PhaseStatus) -> None:
    """An earlier execution has ended in this slot and nobody has reset it; the unit is ours now."""
    draft.waiting[phase.path] = f"{phase.slot} to be reset from {status.state}"
    execution = draft.state.executions.get(phase.path)
    if execution is not None and execution.answered is Command.RESET:
        return
    intent = CommandPhase(
        path=phase.path,
        plc=phase.plc,
        slot=phase.slot,
        command=Command.RESET,
        exec_id=status.last_exec or status.active_exec,
        number=phase.number,
    )
    draft.command_phase(intent, by=ENGINE, because=f"{phase.slot} was left {status.state} by an earlier execution")


def _start(draft: Draft, view: PlantView, phase: PhaseStep) -> None:
    parameters = _parameters(draft, phase)
    if parameters is None:
        return
    started = sum(1 for intent in draft.commands if intent.command is Command.START)
    intent = CommandPhase(
        path=phase.path,
        plc=phase.plc,
        slot=phase.slot,
        command=Command.START,
        exec_id=view.next_exec + started,
        number=phase.number,
        parameters=parameters,
    )
    draft.command_phase(intent, by=ENGINE, because="its turn in the recipe")


def _parameters(draft: Draft, phase: PhaseStep) -> dict[str, Quantity] | None:
    """Give the values of a phase, those of scanned inputs included; None (and a hold) when one has no value."""
    values = {}
    for parameter in phase.parameters:
        value = parameter.value
        if parameter.source is Source.INPUT:
            bound = draft.state.lots.get(parameter.reference)
            value = draft.state.control.inputs[parameter.reference].amount if bound is None else bound.quantity
        if value is None:
            draft.hold(
                f"{phase.name}: parameter {parameter.name} has no value, for no lot of {parameter.reference} is known"
            )
            return None
        values[parameter.name] = value
    return values
