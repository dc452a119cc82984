"""A person's answer to a prompt: what is accepted, and what an accepted lot means for the batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from difflib import get_close_matches

from mes.engine.asking import ACCEPT, value_wish
from mes.engine.changing import set_formula
from mes.engine.draft import Draft
from mes.engine.gatekeeping import SKIP
from mes.engine.prompting import number_of
from mes.engine.scanning import charge_of
from mes.model.events import LotBound, Prompt, PromptResponse
from mes.model.fold import apply, wish_of
from mes.model.lots import Lot, LotStatus, assay_corrected
from mes.model.operands import operand_of
from mes.model.parameter_value import parameter_value
from mes.model.procedure import phases
from mes.model.progress import command_at, goes
from mes.model.quantity import Quantity, UomError, comparable, parse_quantity
from mes.model.recipe import ControlRecipe, Input
from mes.model.states import FINAL, CommandRefused, ProceduralState
from mes.model.steps import AnswerKind, PhaseStep, PromptStep

S = ProceduralState


_WITH_REASON: Mapping[str, frozenset[str]] = {"verdict": frozenset({ACCEPT}), "repeat": frozenset({SKIP})}
"""Answers that are refused without a reason, by the first word of the wish."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A person answers a prompt. For a lot prompt `lot` is the lot of that number, None when there is none;
    `known_lots` are the numbers of usable lots, to name the nearest."""

    prompt_id: str
    value: str
    by: str
    at: datetime
    because: str = ""
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
    repeats = prompt.prompt_id.startswith("repeat:")
    # What was ended alone may be repeated while the command that ended it still stands.
    governed = prompt.path.rpartition("/")[0] if repeats else prompt.path
    if not goes(draft.state, governed):
        governs = command_at(draft.state, governed)
        raise CommandRefused(f"{prompt.path} was given {governs}; its prompts wait until it goes on")
    state = draft.state.state_of(prompt.path)
    if prompt.path and state in FINAL and not repeats:
        raise CommandRefused(f"{prompt.path} is {state}; its prompts are answered when it runs again")
    if prompt.answer is AnswerKind.LOT:
        _bind_lot(draft, prompt, answer)
    else:
        _check_answer(prompt, answer)
    wish = wish_of(prompt.prompt_id, draft.state.tree.elements)
    if wish.startswith(value_wish("")):
        name = wish.removeprefix(value_wish(""))
        value = number_of(answer.value, prompt.uom)
        set_formula(draft, name, value, by=answer.by, because=answer.because)
    response = PromptResponse(
        path=prompt.path, prompt_id=prompt.prompt_id, value=answer.value, by=answer.by, because=answer.because
    )
    draft.record(response)
    if wish == prompt.path and isinstance(draft.state.tree.elements.get(prompt.path), PromptStep):
        draft.change(prompt.path, S.COMPLETING)
        draft.change(prompt.path, S.COMPLETE)


def _check_answer(prompt: Prompt, answer: Answered) -> None:
    value = answer.value
    if value in _WITH_REASON.get(prompt.prompt_id.partition(":")[0], ()) and not answer.because.strip():
        raise CommandRefused(f"{value!r} needs a reason, which the record keeps")
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
        given = number_of(value, prompt.uom)
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
    bound = LotBound(
        path=prompt.path,
        input=prompt.input,
        lot_no=lot.lot_no,
        material=lot.material,
        assay=lot.assay,
        amount=None,
        by=answer.by,
        properties=_properties(lot),
    )
    part = _part(draft, prompt, bound)
    draft.record(replace(bound, amount=refuse_lot(lot, needed, answer.at, part=part)))


def _properties(lot: Lot) -> Mapping[str, Quantity]:
    """Give those properties of a lot that are amounts; words are nothing to calculate with."""
    found = {}
    for name, text in lot.properties.items():
        try:
            found[name] = parse_quantity(text)
        except UomError:
            continue
    return found


def _part(draft: Draft, prompt: Prompt, bound: LotBound) -> Quantity | None:
    """Give what this scan takes when its phase takes a part of the need only: one of several charges."""
    phase = draft.state.tree.elements.get(prompt.path)
    charge = charge_of(phase, prompt.input) if isinstance(phase, PhaseStep) else None
    needed = draft.state.control.inputs[prompt.input].amount
    if charge is None or needed is None:
        return None
    value = parameter_value(charge, operand_of(apply(draft.state, bound)))
    # A speed or a time that follows from the need is no amount of it.
    return value if isinstance(value, Quantity) and comparable(value.uom, needed.uom) else None


def refuse_lot(lot: Lot, needed: Input, at: datetime, *, part: Quantity | None = None) -> Quantity | None:
    """Give how much of `lot` the input takes (assay-corrected), or raise `CommandRefused` that says why it may not.

    `part` is what one of several charges takes, as it is weighed.
    """
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
    amount = part
    if amount is None:
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
    """Say which inputs no single released lot can serve now, and no lots together where each charge is scanned.

    `lots` are the usable lots by material.
    """
    charged = _charged(control)
    return tuple(
        _shortage(needed, proposed, lots.get(needed.material, ()), at, charged=needed.name in charged)
        for needed in _missing(control, proposed, lots, at)
    )


def _missing(
    control: ControlRecipe, proposed: Mapping[str, str], lots: Mapping[str, Sequence[Lot]], at: datetime
) -> Iterable[Input]:
    charged = _charged(control)
    for name, needed in control.inputs.items():
        usable = lots.get(needed.material, ())
        wanted = [lot for lot in usable if proposed.get(name) in (None, "", lot.lot_no)]
        if name in charged:
            if not _together(wanted, needed):
                yield needed
        elif not any(_serves(lot, needed, at) for lot in wanted):
            yield needed


def _charged(control: ControlRecipe) -> frozenset[str]:
    """Give the inputs that are scanned several times, each time for a part of the need."""
    return frozenset(
        name for phase in phases(control.procedure) for name in phase.scan if charge_of(phase, name) is not None
    )


def _together(lots: Sequence[Lot], needed: Input) -> bool:
    amount = needed.amount
    if amount is None:
        return True
    fitting = [lot for lot in lots if comparable(lot.quantity.uom, amount.uom)]
    pure = [lot.quantity.to(amount.uom).value * (lot.assay if needed.assay_corrected else 1) for lot in fitting]
    return sum(pure, Decimal(0)) >= amount.value


def _serves(lot: Lot, needed: Input, at: datetime) -> bool:
    try:
        refuse_lot(lot, needed, at)
    except CommandRefused:
        return False
    return True


def _shortage(needed: Input, proposed: Mapping[str, str], usable: Sequence[Lot], at: datetime, *, charged: bool) -> str:
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
    if charged:
        have = ", ".join(f"{lot.lot_no} has {lot.quantity}" for lot in usable)
        return f"{needed.material}: {needed.amount} needed, which all its lots together do not hold: {have}"
    largest = max(usable, key=lambda lot: lot.quantity.value)
    return (
        f"{needed.material}: {needed.amount} needed from one lot, the largest ({largest.lot_no}) has {largest.quantity}"
    )
