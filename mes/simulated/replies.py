"""What an operator answers for whom everything is as it should be."""

from __future__ import annotations

from decimal import Decimal

from mes.model.events import Prompt
from mes.model.execution import BatchState
from mes.model.fold import wish_of
from mes.model.steps import AnswerKind, GateStep, ResultSpec


def good_reply(state: BatchState, prompt: Prompt) -> str | None:
    """Give the answer to a prompt of a batch; None for a choice, and for a lot where none is proposed.

    A number is the proposed one, or the middle of the specification of a test result, of the limits of any other.
    """
    match prompt.answer:
        case AnswerKind.CONFIRM:
            return "yes"
        case AnswerKind.TEXT:
            return "as it should be"
        case AnswerKind.LOT:
            return prompt.proposed or None
        case AnswerKind.NUMBER:
            return prompt.proposed or f"{_middle(state, prompt):f}"
        case AnswerKind.CHOICE:
            return None


def _middle(state: BatchState, prompt: Prompt) -> Decimal:
    spec = _spec(state, prompt)
    low = spec.spec_low if spec else prompt.minimum
    high = spec.spec_high if spec else prompt.maximum
    if low is None or high is None:
        return next((limit for limit in (low, high) if limit is not None), Decimal(0))
    return (low + high) / 2


def _spec(state: BatchState, prompt: Prompt) -> ResultSpec | None:
    """Give the specification of the result that a prompt asks for."""
    gate = state.tree.elements.get(prompt.path)
    wish = wish_of(prompt.prompt_id, state.tree.elements)
    specs = gate.results if isinstance(gate, GateStep) else ()
    return next((spec for spec in specs if wish == f"{prompt.path}#{spec.name}"), None)
