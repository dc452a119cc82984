"""What elements wait for, as people read it and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mes.batches import Waiting
from mes.cli.written import plain
from mes.model.waiting import ConditionPart, Wait, WaitKind

MET = {"true": "met", "false": "not met", "unknown": "unknown"}
"""How a part of a condition is said to stand, by its truth."""


def waits_document(waiting: Sequence[Waiting]) -> list[dict[str, Any]]:
    """Give what elements wait for as JSON."""
    return [{"path": one.path, "name": one.name, **plain(one.wait)} for one in waiting]


def waits_text(batch_no: str, waiting: Sequence[Waiting]) -> str:
    """Give what elements wait for as lines."""
    if not waiting:
        return f"batch {batch_no} waits for nothing"
    lines = [f"Batch {batch_no} waits"]
    for one in waiting:
        lines.append(f"  {one.path or batch_no}")
        lines += [f"    {line}" for line in wait_lines(one.wait)]
    return "\n".join(lines)


def wait_lines(wait: Wait) -> Iterator[str]:
    """Give one wait as lines: its kind and words, then each part, unit or interlock that it is about."""
    yield f"{wait.kind}  {wait.text}"
    for part in wait.parts:
        yield f"  {_part(part)}"
    if wait.units and wait.kind is WaitKind.UNIT:
        place = f", place {wait.position} in the queue" if wait.position else ""
        owners = f", in use by {' and '.join(wait.owners)}" if wait.owners else ""
        yield f"  wants {' and '.join(wait.units)}{owners}{place}"
    if wait.names:
        yield f"  interlock {', '.join(wait.names)}"
    if wait.prompt_id:
        yield f"  prompt {wait.prompt_id}"


def _part(part: ConditionPart) -> str:
    needs = f", needs {part.needs}" if part.needs else ""
    return f"{MET.get(part.truth, part.truth)}: {part.text}, is {part.value or 'not known'}{needs}"
