"""How elements of a procedure are named in texts: by their name, or by the end of their path."""

from __future__ import annotations

from mes.model.procedure import Element, walk
from mes.model.reference import ReferenceKind
from mes.model.steps import GateStep, PhaseStep, PromptStep

ASKED: dict[ReferenceKind, type[PhaseStep | GateStep | PromptStep]] = {
    ReferenceKind.REPORT: PhaseStep,
    ReferenceKind.RESULT: GateStep,
    ReferenceKind.ANSWER: PromptStep,
}
"""Which kind of step a call such as `report("Weigh Li2S", net_weight)` asks."""


def named(root: Element, name: str) -> tuple[Element, ...]:
    """Give the elements below `root` that a quoted name can mean, in recipe order; exactly one is a good name."""
    return tuple(found for found in walk(root) if found.path == name or f"/{found.path}".endswith(f"/{name}"))


def asked(root: Element, kind: ReferenceKind, name: str) -> tuple[PhaseStep | GateStep | PromptStep, ...]:
    """Give the steps that a call with this quoted name can mean: phases of a report, gates of a result, prompts.

    Raises `KeyError` for a kind of reference that names no step.
    """
    wanted = ASKED[kind]
    return tuple(found for found in named(root, name) if isinstance(found, wanted))
