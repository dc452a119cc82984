"""Who may begin, and what follows when something did not come to its end: breakpoints, modes, repeat or skip."""

from __future__ import annotations

from mes.engine.draft import Draft
from mes.engine.prompting import ask, response_of
from mes.engine.reentry import pass_over, reenter, under_way
from mes.model.execution import BatchState
from mes.model.procedure import Element, Group, Level
from mes.model.progress import mode_at
from mes.model.steering import Mode
from mes.model.steps import AnswerKind, HoldingStep, PhaseStep, WaitStep
from mes.model.waiting import Wait, WaitKind

REPEAT = "repeat"
SKIP = "skip"


def let_in(draft: Draft, element: Element) -> bool:
    """Say whether an element may begin as far as breakpoints and modes are concerned."""
    wait = stands_before(draft.state, element)
    if wait is not None:
        draft.waiting[element.path] = wait
    return wait is None


def stands_before(state: BatchState, element: Element) -> Wait | None:
    """Give the breakpoint or the confirmation that an element waits for, None when it may begin."""
    path = element.path
    if path in state.confirmed:
        return None
    if path in state.breakpoints:
        text = f"a person: there is a breakpoint before {element.name}; confirm to go on"
        return Wait(kind=WaitKind.BREAKPOINT, text=text)
    mode = mode_at(state, path)
    if mode is not Mode.AUTOMATIC and _is_confirmed(element):
        text = f"a person: confirm the start of {element.name} ({mode} mode)"
        return Wait(kind=WaitKind.CONFIRMATION, text=text)
    return None


def _is_confirmed(element: Element) -> bool:
    # Prompts and gates wait for a person anyway; inside a unit procedure its steps are confirmed one by one.
    if isinstance(element, Group):
        return element.level is Level.UNIT_PROCEDURE
    return isinstance(element, PhaseStep | WaitStep | HoldingStep)


def to_be_repeated(draft: Draft, element: Element, said: str) -> bool:
    """Ask a person whether what did not end is repeated or skipped; True when it is idle again and may begin."""
    wish = f"repeat:{element.path}"
    response = response_of(draft.state, wish)
    if response is not None and response.value == REPEAT:
        if under_way(draft, element.path):
            draft.wait(element.path, WaitKind.SLOT, f"{', '.join(under_way(draft, element.path))} to come to rest")
            return False
        reenter(draft, element.path, include=True, by=response.by, because="to be repeated")
        return True
    if response is not None:
        pass_over(draft, element.path, by=response.by, because=response.because or said)
        return False
    where = f" on {element.unit}" if isinstance(element, PhaseStep) else ""
    text = {
        "en": f"{element.name}{where} did not end. Check the unit; repeat it, skip it, or stop or abort the batch.",
        "zh": f"“{element.name}”{where.replace(' on ', '（')}{'）' if where else ''}未完成。"
        "请检查设备；重复、跳过，或停止/中止批次。",
    }
    choices = (REPEAT, SKIP)
    said = f"{said}; repeat it, skip it, or stop the batch"
    ask(draft, element.path, wish, text, AnswerKind.CHOICE, choices=choices, said=said)
    return False
