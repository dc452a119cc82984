"""Go forward in the procedure: enter what has its turn, choose, repeat, allocate; starting and asking are their own."""

from __future__ import annotations

from mes.engine.allocation import acquire, allocated, release, still_held
from mes.engine.asking import ask_start_values, enter_gate, enter_prompt, enter_wait
from mes.engine.choosing import choose_units
from mes.engine.draft import ENGINE, Draft, PlantView, condition_key
from mes.engine.exceptions import proceed
from mes.engine.gatekeeping import let_in, to_be_repeated
from mes.engine.prompting import ask, response_of, settle
from mes.engine.reentry import reenter
from mes.engine.starting import enter_phase, start_together
from mes.model.condition import Truth
from mes.model.events import PromptResponse
from mes.model.procedure import Element, Group, Order
from mes.model.progress import derived_state, goes, mode_at
from mes.model.states import FINAL, ProceduralState
from mes.model.steering import ChoiceMade, Mode
from mes.model.steps import AnswerKind, GateStep, HoldingStep, PhaseStep, PromptStep, WaitStep
from mes.model.waiting import Wait, WaitKind

S = ProceduralState

GO_ON = "go on"
AGAIN = "again"


def advance(draft: Draft, view: PlantView) -> None:
    """Enter everything whose turn it is, as far as the batch and its parts are going."""
    if not draft.state.going or draft.state.state in FINAL:
        return
    # Values and units are asked for together.
    known, chosen = ask_start_values(draft), choose_units(draft, view)
    if known and chosen:
        _enter(draft, view, draft.state.tree.root)
        start_together(draft, view)


def _enter(draft: Draft, view: PlantView, element: Element) -> None:
    if element.path in draft.state.skipped:
        return
    # The hold of one branch holds the others at once; what a person has ended alone needs a person to go on.
    if not goes(draft.state, element.path):
        _ended_alone(draft, element)
        return
    match element:
        case Group():
            _enter_group(draft, view, element)
        case PhaseStep():
            enter_phase(draft, view, element)
        case PromptStep():
            enter_prompt(draft, element)
        case GateStep():
            enter_gate(draft, element)
        case WaitStep():
            enter_wait(draft, view, element)
        case HoldingStep():
            _enter_holding(draft, view, element)


def _ended_alone(draft: Draft, element: Element) -> None:
    state = draft.state.state_of(element.path)
    if state in {S.STOPPED, S.ABORTED} and element.path in draft.state.local:
        to_be_repeated(draft, element, f"{element.name} was {state}")


def _enter_group(draft: Draft, view: PlantView, group: Group) -> None:
    if group.path != "" and not _begun(draft, view, group):
        return
    for block in group.exceptions:
        if block.path in draft.state.raised:
            if proceed(draft, block, group):
                _enter(draft, view, block.steps)
            # What it interrupts neither decides nor goes round meanwhile.
            return
    if group.order is Order.CHOICE:
        _choose(draft, view, group)
        return
    for child in group.children:
        if derived_state(draft.state, child) is S.COMPLETE:
            continue
        _enter(draft, view, child)
        if group.order is Order.SEQUENCE and derived_state(draft.state, child) is not S.COMPLETE:
            return
    if group.is_repeated and group.path not in draft.state.choices and goes(draft.state, group.path):
        _repeat(draft, view, group)


def _begun(draft: Draft, view: PlantView, group: Group) -> bool:
    """Begin a group that is idle; say whether it may go on."""
    state = draft.state.state_of(group.path)
    if state in {S.STOPPED, S.ABORTED}:
        to_be_repeated(draft, group, f"{group.name} was {state}")
        return False
    if state is S.IDLE:
        if not let_in(draft, group) or not allocated(draft, view, group):
            return False
        draft.change(group.path, S.STARTING)
        draft.change(group.path, S.RUNNING)
    return True


def _enter_holding(draft: Draft, view: PlantView, step: HoldingStep) -> None:
    if draft.state.state_of(step.path) is not S.IDLE or not let_in(draft, step):
        return
    if step.release:
        release(draft, step)
    elif not acquire(draft, view, step):
        return
    draft.change(step.path, S.COMPLETE)


def _choose(draft: Draft, view: PlantView, group: Group) -> None:
    if group.path not in draft.state.choices and not _chosen(draft, view, group):
        return
    taken = draft.state.choices[group.path]
    for branch in group.children:
        if branch.path == taken and derived_state(draft.state, branch) is not S.COMPLETE:
            _enter(draft, view, branch)


def _chosen(draft: Draft, view: PlantView, group: Group) -> bool:
    if mode_at(draft.state, group.path) is Mode.MANUAL:
        return _chosen_by_person(draft, group)
    for branch in group.children:
        if not isinstance(branch, Group):
            continue
        if not branch.when:
            _take(draft, group, branch.path, ENGINE, "no condition before it is true")
            return True
        stands = view.permissives.get(condition_key(branch.path, "when"))
        if stands is None:
            draft.wait(group.path, WaitKind.CONDITION, f"the condition {branch.when} to be evaluated")
            return False
        if stands.is_true:
            _take(draft, group, branch.path, ENGINE, stands.why)
            return True
        known = draft.waiting.get(group.path)
        parts = (*(known.parts if known else ()), *stands.parts)
        text = f"{known.text} or {stands.why}" if known else stands.why
        draft.waiting[group.path] = Wait(kind=WaitKind.CONDITION, text=text, parts=parts)
        # What cannot be decided may be the right one: nothing behind it is taken.
        if stands.truth is Truth.UNKNOWN:
            return False
    return False


def _chosen_by_person(draft: Draft, group: Group) -> bool:
    wish = f"choose:{group.path}"
    names = tuple(branch.name for branch in group.children)
    response = response_of(draft.state, wish)
    if response is None:
        text = {"en": f"{group.name}: which branch?", "zh": f"{group.name}：选择哪个分支？"}
        ask(draft, group.path, wish, text, AnswerKind.CHOICE, choices=names)
        return False
    path = next(branch.path for branch in group.children if branch.name == response.value)
    _take(draft, group, path, response.by, f"{response.value} was chosen")
    return True


def _take(draft: Draft, group: Group, branch: str, by: str, because: str) -> None:
    draft.waiting.pop(group.path, None)
    for wish in (f"choose:{group.path}", f"again:{group.path}"):
        settle(draft, wish, because)
    draft.record(ChoiceMade(path=group.path, branch=branch, by=by, because=because))


def _repeat(draft: Draft, view: PlantView, group: Group) -> None:
    """Every child is complete: leave the repetition, or begin the next round."""
    if left := still_held(draft, group):
        draft.wait(group.path, WaitKind.UNIT, f"{', '.join(left)} to be given back before the next round")
        return
    turn = draft.state.rounds.get(group.path, 1)
    last = turn >= group.at_most
    if mode_at(draft.state, group.path) is Mode.MANUAL:
        said = f"{group.name}: round {turn} of at most {group.at_most} is done"
        again = _asked(draft, group, said, f"第 {turn} 轮（最多 {group.at_most} 轮）已完成", last=last)
    else:
        stands = view.permissives.get(condition_key(group.path, "until"))
        if stands is None or stands.truth is Truth.UNKNOWN:
            why = f"the condition {group.until} to be evaluated" if stands is None else stands.why
            parts = () if stands is None else stands.parts
            draft.waiting[group.path] = Wait(kind=WaitKind.CONDITION, text=why, parts=parts)
            return
        if stands.is_true:
            _take(draft, group, "", ENGINE, stands.why)
            return
        if not last:
            _next_round(draft, group, turn + 1, ENGINE)
            return
        said = f"{group.name} has run {turn} times and still {stands.why}"
        again = _asked(draft, group, said, f"已运行 {turn} 次，条件仍未满足（{stands.why}）", last=True)
    if again is not None and again.value == GO_ON:
        _take(draft, group, "", again.by, f"a person goes on after round {turn}")
    elif again is not None:
        _next_round(draft, group, turn + 1, again.by)


def _next_round(draft: Draft, group: Group, turn: int, by: str) -> None:
    because = f"round {turn} of at most {group.at_most}"
    reenter(draft, group.path, include=False, by=by, because=because, turn=turn)


def _asked(draft: Draft, group: Group, said: str, said_zh: str, *, last: bool) -> PromptResponse | None:
    wish = f"again:{group.path}"
    response = response_of(draft.state, wish)
    if response is None:
        text = {
            "en": f"{said}. Go on all the same, {'' if last else 'run it again, '}or stop the batch.",
            "zh": f"{group.name}：{said_zh}。继续{'' if last else '、再来一轮'}，或停止批次。",
        }
        choices = (GO_ON,) if last else (GO_ON, AGAIN)
        ask(draft, group.path, wish, text, AnswerKind.CHOICE, choices=choices)
    return response
