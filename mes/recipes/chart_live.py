"""The chart of a batch: its procedure with the states of its elements as they are now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mes.model.execution import BatchState
from mes.model.progress import derived_state
from mes.model.states import ProceduralState
from mes.recipes.chart import chart_svg
from mes.recipes.chart_sight import Depth


def batch_states(state: BatchState) -> Mapping[str, ProceduralState]:
    """Give the state of every element of a batch by path, steps and groups alike."""
    return {path: derived_state(state, element) for path, element in state.tree.elements.items()}


def batch_chart(
    state: BatchState,
    *,
    waits: Mapping[str, str] | None = None,
    language: str = "en",
    level: Depth = Depth.OPERATION,
    night: bool = False,
    heading: Sequence[str] = (),
) -> str:
    """Draw the procedure of a batch as an SVG document; `waits` say by path what an element waits for."""
    return chart_svg(
        state.tree.root,
        states=batch_states(state),
        waits=waits,
        rounds=state.rounds,
        language=language,
        level=level,
        night=night,
        heading=heading,
    )
