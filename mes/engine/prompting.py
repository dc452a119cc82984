"""Ask a person: one open prompt for each wish, a new number for each asking, and the answer when it has come."""

from __future__ import annotations

from decimal import Decimal

from mes.engine.draft import ENGINE, Draft
from mes.model.equipment import Title
from mes.model.events import Prompt, PromptResponse
from mes.model.execution import BatchState
from mes.model.fold import names_element
from mes.model.progress import goes
from mes.model.quantity import Quantity, parse_quantity
from mes.model.steps import AnswerKind
from mes.model.waiting import Wait, WaitKind


def response_of(state: BatchState, wish: str) -> PromptResponse | None:
    """Give the response to the present asking of a wish; None while it is open or was never asked."""
    prompt_id = state.asked.get(wish)
    return None if prompt_id is None or prompt_id in state.prompts else state.responses.get(prompt_id)


def ask(
    draft: Draft,
    path: str,
    wish: str,
    text: Title,
    answer: AnswerKind,
    *,
    said: str = "",
    choices: tuple[str, ...] = (),
    uom: str = "",
    limits: tuple[Decimal | None, Decimal | None] = (None, None),
    lot_input: str = "",
    proposed: str = "",
) -> None:
    """Let an element wait for a person, and ask unless that was done already. `said` is what lists show."""
    prompt_id = draft.state.asked.get(wish, "")
    there = draft.state.prompts.get(prompt_id)
    if there is not None and there.path != path and not goes(draft.state, there.path):
        # Who has asked may not go on, perhaps until this element has: nobody could answer.
        settle(draft, wish, f"asked anew for {path}")
    if prompt_id not in draft.state.prompts:
        prompt_id = _fresh(draft.state, wish)
        draft.record(
            Prompt(
                path=path,
                prompt_id=prompt_id,
                text=text,
                answer=answer,
                input=lot_input,
                proposed=proposed,
                uom=uom,
                minimum=limits[0],
                maximum=limits[1],
                choices=choices,
            )
        )
    words = f"a person: {said or text['en']}"
    draft.waiting[path] = Wait(kind=WaitKind.PERSON, text=words, prompt_id=prompt_id)


def settle(draft: Draft, wish: str, value: str) -> None:
    """Answer an open prompt on the engine's own account: what it asks for is decided, in words of `value`."""
    prompt = draft.state.prompts.get(draft.state.asked.get(wish, ""))
    if prompt is not None:
        draft.record(PromptResponse(path=prompt.path, prompt_id=prompt.prompt_id, value=value, by=ENGINE))


def _fresh(state: BatchState, wish: str) -> str:
    """Give an id that no prompt of this batch has had: an answer that comes late must not answer another asking."""
    number, prompt_id = 1, wish
    taken = state.responses.keys() | state.withdrawn
    while prompt_id in taken or (number > 1 and names_element(prompt_id, state.tree.elements)):
        number += 1
        prompt_id = f"{wish} #{number}"
    return prompt_id


def number_of(value: str, uom: str) -> Quantity:
    """Give the amount that an answer to a question for a number means: a bare number is in the unit asked for.

    Raises `UomError`.
    """
    given = parse_quantity(value)
    return Quantity(given.value, uom) if given.uom == "1" else given.to(uom)
