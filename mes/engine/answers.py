"""A person's answer to a prompt: what is accepted, and what an accepted lot means for the batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches

from mes.engine.draft import Draft
from mes.model.events import LotBound, Prompt, PromptResponse
from mes.model.lots import Lot, LotStatus, assay_corrected
from mes.model.procedure import AnswerKind, ControlRecipe, Input, PromptStep, walk
from mes.model.quantity import Quantity, UomError, comparable, parse_quantity
from mes.model.states import CommandRefused, ProceduralState

S = ProceduralState


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A person answers a prompt. For a lot prompt `lot` is the lot of that number, None when there is none;
    `known_lots` are the numbers of usable lots, to name the nearest."""

    prompt_id: str
    value: str
    by: str
    at: datetime
    lot: Lot | None = None
    known_lots: Sequence[str] = ()


def answer_prompt(draft: Draft, answer: Answered) -> None:
    """Record an answer and what follows from it; raises `CommandRefused` that says what would be accepted."""
    prompt = draft.state.prompts.get(answer.prompt_id)
    if prompt is None:
        open_prompts = ", ".join(sorted(draft.state.prompts)) or "none"
        if answer.prompt_id in draft.state.answers:
            raise CommandRefused(f"prompt {answer.prompt_id!r} was answered already; open prompts: {open_prompts}")
        raise CommandRefused(f"no prompt {answer.prompt_id!r} is open; open prompts: {open_prompts}")
    if not draft.state.going:
        raise CommandRefused(f"batch {draft.state.batch_no} is {draft.state.state}; prompts wait until it goes on")
    if prompt.answer is AnswerKind.LOT:
        _bind_lot(draft, prompt, answer)
    else:
        _check_answer(prompt, answer.value)
    draft.record(PromptResponse(path=prompt.path, prompt_id=prompt.prompt_id, value=answer.value, by=answer.by))
    is_operator_phase = any(
        isinstance(element, PromptStep) and element.path == prompt.prompt_id
        for element in walk(draft.state.control.procedure)
    )
    if is_operator_phase:
        draft.change(prompt.path, S.COMPLETING)
        draft.change(prompt.path, S.COMPLETE)


def _check_answer(prompt: Prompt, value: str) -> None:
    match prompt.answer:
        case AnswerKind.CONFIRM if value.lower() not in {"yes", "ok", "confirm", "confirmed"}:
            raise CommandRefused(f"{prompt.prompt_id!r} wants a confirmation: answer 'yes', or hold or stop the batch")
        case AnswerKind.CHOICE if value not in prompt.choices:
            raise CommandRefused(f"{value!r} is not one of the choices: {', '.join(prompt.choices)}")
        case AnswerKind.TEXT if not value.strip():
            raise CommandRefused(f"{prompt.prompt_id!r} wants a text; the answer is empty")
        case AnswerKind.NUMBER:
            _check_number(prompt, value)


def _check_number(prompt: Prompt, value: str) -> None:
    try:
        given = Quantity(Decimal(value), prompt.uom)
    except InvalidOperation:
        try:
            given = parse_quantity(value).to(prompt.uom)
        except UomError as error:
            raise CommandRefused(f"{prompt.prompt_id!r} wants a number in {prompt.uom}: {error}") from None
    if not given.value.is_finite():
        raise CommandRefused(f"{prompt.prompt_id!r} wants a finite number in {prompt.uom}, not {value}")
    low, high = prompt.minimum, prompt.maximum
    if (low is not None and given.value < low) or (high is not None and given.value > high):
        raise CommandRefused(f"{given} is outside the limits {low} to {high} {prompt.uom}")


def _bind_lot(draft: Draft, prompt: Prompt, answer: Answered) -> None:
    needed = draft.state.control.inputs[prompt.input]
    lot = answer.lot
    if lot is None:
        near = get_close_matches(answer.value, answer.known_lots, n=3)
        usable = (
            ", ".join(near or answer.known_lots[:5]) or f"none; receive one with `mes lot receive {needed.material}`"
        )
        raise CommandRefused(f"there is no lot {answer.value!r}; usable lots of {needed.material}: {usable}")
    amount = refuse_lot(lot, needed, answer.at)
    draft.record(
        LotBound(
            path=prompt.path,
            input=prompt.input,
            lot_no=lot.lot_no,
            material=lot.material,
            assay=lot.assay,
            amount=amount,
            by=answer.by,
        )
    )


def refuse_lot(lot: Lot, needed: Input, at: datetime) -> Quantity | None:
    """Give how much of `lot` the input takes (assay-corrected), or raise `CommandRefused` that says why it may not."""
    if lot.material != needed.material:
        raise CommandRefused(f"lot {lot.lot_no} is {lot.material}; {needed.name} needs {needed.material}")
    if lot.status is not LotStatus.RELEASED:
        raise CommandRefused(f"lot {lot.lot_no} of {lot.material} is {lot.status}; only released lots may be used")
    if lot.expires_at is not None and lot.expires_at <= at:
        raise CommandRefused(f"lot {lot.lot_no} of {lot.material} expired on {lot.expires_at:%Y-%m-%d}")
    if lot.quantity.value <= 0:
        raise CommandRefused(f"lot {lot.lot_no} of {lot.material} is empty")
    if needed.amount is None:
        return None
    amount = assay_corrected(needed.amount, lot.assay) if needed.assay_corrected else needed.amount
    if not comparable(amount.uom, lot.quantity.uom):
        raise CommandRefused(f"lot {lot.lot_no} is measured in {lot.quantity.uom}, {needed.name} needs {amount}")
    if lot.quantity.to(amount.uom).value < amount.value:
        raise CommandRefused(
            f"lot {lot.lot_no} of {lot.material} has {lot.quantity} left, {needed.name} needs {amount}"
        )
    return amount


def shortages(
    control: ControlRecipe, proposed: Mapping[str, str], lots: Mapping[str, Sequence[Lot]], at: datetime
) -> tuple[str, ...]:
    """Say which inputs no single released lot can serve now. `lots` are the usable lots by material."""
    return tuple(
        _shortage(needed, proposed, lots.get(needed.material, ()), at)
        for needed in _missing(control, proposed, lots, at)
    )


def _missing(
    control: ControlRecipe, proposed: Mapping[str, str], lots: Mapping[str, Sequence[Lot]], at: datetime
) -> Iterable[Input]:
    for name, needed in control.inputs.items():
        usable = lots.get(needed.material, ())
        wanted = [lot for lot in usable if proposed.get(name) in (None, "", lot.lot_no)]
        if not any(_serves(lot, needed, at) for lot in wanted):
            yield needed


def _serves(lot: Lot, needed: Input, at: datetime) -> bool:
    try:
        refuse_lot(lot, needed, at)
    except CommandRefused:
        return False
    return True


def _shortage(needed: Input, proposed: Mapping[str, str], usable: Sequence[Lot], at: datetime) -> str:
    if proposed.get(needed.name):
        chosen = next((lot for lot in usable if lot.lot_no == proposed[needed.name]), None)
        if chosen is None:
            return f"lot {proposed[needed.name]} for {needed.name} is not a usable lot of {needed.material}"
        try:
            refuse_lot(chosen, needed, at)
        except CommandRefused as refusal:
            return str(refusal)
    if not usable:
        return f"{needed.material}: {needed.amount} needed, no released lot is there"
    largest = max(usable, key=lambda lot: lot.quantity.value)
    return (
        f"{needed.material}: {needed.amount} needed from one lot, the largest ({largest.lot_no}) has {largest.quantity}"
    )
