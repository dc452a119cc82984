"""A batch as people read it, and as JSON."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from mes.batches import BatchView, NewBatch, QueuePlace
from mes.cli.batch_tree import element_document, tree_lines
from mes.cli.wait_text import wait_lines, waits_document
from mes.cli.written import bar, clean, pairs, plain, time_text
from mes.model.events import Prompt
from mes.model.progress import mode_at
from mes.model.states import FINAL, ProceduralState
from mes.model.steps import AnswerKind
from mes.store.batchrows import BatchRow
from mes.ui.values import duration_text

CELLS = ("batch", "recipe", "size", "state", "created", "doing", "waiting")
"""Headings of the list of batches."""


def cells_of(row: BatchRow) -> Sequence[str]:
    """Give a batch as a line of the list."""
    recipe = f"{row.recipe_id} {row.recipe_version}"
    return (row.batch_no, recipe, str(row.size), row.state.value, time_text(row.created_at), row.activity, row.waiting)


def created_document(new: NewBatch) -> dict[str, Any]:
    """Give a new batch as JSON."""
    control = new.control
    return {
        "batch_no": new.batch_no,
        "recipe_id": control.recipe_id,
        "recipe_version": control.version,
        "recipe_sha256": control.sha256,
        "product": control.product,
        "size": plain(control.size),
        "formula": plain(control.formula),
        "proposed_lots": plain(new.proposed_lots),
        "missing": plain(list(new.missing)),
        "deviations": plain(list(new.deviations)),
    }


def created_text(new: NewBatch, options: str) -> str:
    """Give a new batch as lines: what it is, its lots, what is missing, and how to start it."""
    control = new.control
    what = f"{control.recipe_id} {control.version}, {control.size} of {control.product}"
    lines = [f"batch {new.batch_no} created: {what}"]
    lines += [f"  {name} from lot {lot_no}" for name, lot_no in new.proposed_lots.items()]
    lines += [f"  deviation: {one.text}" for one in new.deviations]
    lines += [f"  missing: {one}" for one in new.missing]
    start = f"`mes batch start {new.batch_no}{options}`"
    lines.append(f"it can start when that is there, with {start}" if new.missing else f"start it with {start}")
    return "\n".join(lines)


def document(view: BatchView) -> dict[str, Any]:
    """Give a batch as JSON: its row, progress, what is open, and the procedure with the state of every element."""
    state = view.state
    return {
        **plain(view.row),
        # Folded from the facts; the row of the list may be a scan behind.
        "state": view.state.state.value,
        "because": view.state.because,
        "commanded_by": view.state.commanded_by,
        "steps": {"done": view.steps[0], "all": view.steps[1]},
        "remaining_s": _remaining(view),
        "now": plain(view.now),
        "ends_at": plain(None if _remaining(view) is None else view.now + timedelta(seconds=view.remaining_s)),
        "prompts": plain(view.prompts),
        "legal_commands": [command.value for command in view.legal],
        "lots": {name: lot.lot_no for name, lot in view.state.lots.items()},
        "proposed_lots": plain(view.state.proposed_lots),
        "waits": waits_document(view.waiting),
        "mode": mode_at(state, "").value,
        "modes": plain(state.modes),
        "breakpoints": sorted(state.breakpoints),
        "skipped": sorted(state.skipped),
        "commands_to_parts": plain(state.local),
        "raised": sorted(state.raised),
        "raises": plain(state.raises),
        "rounds": plain(state.rounds),
        "choices": plain(state.choices),
        "deviations": plain(view.deviations),
        "queue": plain(view.queue),
        "units": plain(state.units),
        "formula": plain(state.formula),
        "changed_parameters": [
            {"path": path, "name": name, "value": plain(value)} for (path, name), value in state.overrides.items()
        ],
        "procedure": element_document(view, state.tree.root),
    }


def _remaining(view: BatchView) -> float | None:
    """Give the process seconds that are left; None when the recipe does not say how long its phases take."""
    return view.remaining_s if view.remaining_s or view.state.state in FINAL else None


def as_text(view: BatchView, options: str) -> str:
    """Give a batch as lines; `options` name the installation in the commands that are shown."""
    row, state = view.row, view.state
    why = f" ({state.command} by {state.commanded_by}: {state.because})" if state.command else ""
    named = {
        "recipe": f"{row.recipe_id} {row.recipe_version}, {state.control.title.get('en', '')}",
        "product": f"{row.size} of {row.product}",
        "state": f"{state.state}{why}",
        "created": time_text(row.created_at),
        "started": time_text(row.started_at),
        "ended": time_text(row.ended_at),
        "progress": f"{bar(*view.steps)} steps",
        "remaining": _remaining_text(view),
        "waiting": row.waiting if not state.ended else "",
        "mode": str(state.modes.get("", "")),
        "queue": _queue_text(view.queue),
        "units": ", ".join(sorted(state.units)),
    }
    parts = [f"Batch {row.batch_no}\n{pairs(named)}", "Procedure\n" + "\n".join(tree_lines(view))]
    if view.waiting:
        parts.append("Waits\n" + "\n".join(_waits(view)))
    if view.deviations:
        told = [f"  {one.text} ({one.by}: {one.because or 'no reason given'})" for one in view.deviations]
        parts.append("Deviations\n" + "\n".join(told))
    if view.prompts:
        asked = "\n".join(line for prompt in view.prompts for line in _prompt(prompt, row.batch_no, options))
        parts.append("Prompts\n" + asked)
    legal = ", ".join(view.legal) or "none; the batch has ended"
    parts.append(f"Possible now: {legal}")
    return "\n\n".join(parts)


def _queue_text(place: QueuePlace | None) -> str:
    if place is None:
        return ""
    after = f", after {place.after}" if place.after else ""
    return f"place {place.position}, priority {place.priority}{after}"


def _waits(view: BatchView) -> Iterator[str]:
    for one in view.waiting:
        yield f"  {one.name}"
        yield from (f"    {line}" for line in wait_lines(one.wait))


def _remaining_text(view: BatchView) -> str:
    left = _remaining(view)
    if left is None or view.state.state in FINAL | {ProceduralState.IDLE}:
        return "" if not left else f"{duration_text(left)} of process time from its start"
    ends = view.now + timedelta(seconds=left)
    return f"{duration_text(left)} of process time if nothing waits, ends {time_text(ends)}"


def _prompt(prompt: Prompt, batch_no: str, options: str) -> Iterator[str]:
    yield f"  {prompt.text.get('en', prompt.prompt_id)}{_wanted(prompt)}"
    value = ANSWERS[prompt.answer] if not prompt.proposed else shlex.quote(prompt.proposed)
    identity = shlex.quote(clean(prompt.prompt_id))
    yield f"    mes batch answer {batch_no} {value} --prompt {identity}{options}"


ANSWERS: Mapping[AnswerKind, str] = {
    AnswerKind.CONFIRM: "yes",
    AnswerKind.NUMBER: "NUMBER",
    AnswerKind.TEXT: "TEXT",
    AnswerKind.LOT: "LOT",
    AnswerKind.CHOICE: "CHOICE",
}
"""What stands for the answer in the command that is shown."""


def _wanted(prompt: Prompt) -> str:
    match prompt.answer:
        case AnswerKind.NUMBER:
            low, high = prompt.minimum, prompt.maximum
            limits = f", {low} to {high}" if low is not None and high is not None else ""
            return f" [number in {prompt.uom}{limits}]"
        case AnswerKind.CHOICE:
            return f" [one of: {', '.join(prompt.choices)}]"
        case AnswerKind.LOT:
            return f" [lot for {prompt.input}]"
        case _:
            return f" [{prompt.answer}]"
