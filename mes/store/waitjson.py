"""Why elements wait, as JSON in the row of a batch and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from mes.model.waiting import ConditionPart, Wait, WaitKind

_LISTS = ("units", "owners", "names")


def waits_as_json(waits: Mapping[str, Wait]) -> list[dict[str, Any]]:
    """Give the waits of a batch as values of JSON, each with its path, in their order."""
    return [{"path": path, **asdict(wait)} for path, wait in waits.items()]


def waits_of_json(rows: Sequence[Mapping[str, Any]]) -> dict[str, Wait]:
    """Give the waits of a row by path; what an older program did not write has its default."""
    return {row["path"]: _wait(row) for row in rows}


def _wait(row: Mapping[str, Any]) -> Wait:
    units, owners, names = (tuple(row.get(name, ())) for name in _LISTS)
    return Wait(
        kind=WaitKind(row["kind"]),
        text=row["text"],
        parts=tuple(ConditionPart(**part) for part in row.get("parts", ())),
        units=units,
        owners=owners,
        position=row.get("position", 0),
        names=names,
        prompt_id=row.get("prompt_id", ""),
    )
