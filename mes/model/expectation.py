"""How long a batch will still take, from the durations its recipe expects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from mes.model.execution import BatchState
from mes.model.procedure import Element, Group, Order
from mes.model.states import ProceduralState
from mes.model.steps import PhaseStep


def remaining_s(state: BatchState, begun_at: Mapping[str, datetime], now: datetime) -> float:
    """Give the process seconds until the procedure ends if nothing waits and every phase takes what its recipe expects.

    `begun_at` is when each active phase left idle. A phase that takes longer than expected counts as about to end.
    """
    return _remaining(state, state.control.procedure, begun_at, now)


def _remaining(state: BatchState, element: Element, begun_at: Mapping[str, datetime], now: datetime) -> float:
    if isinstance(element, Group):
        parts = [_remaining(state, child, begun_at, now) for child in element.children]
        return max(parts, default=0.0) if element.order is Order.PARALLEL else sum(parts)
    if state.state_of(element.path) is ProceduralState.COMPLETE or not isinstance(element, PhaseStep):
        return 0.0
    begun = begun_at.get(element.path)
    elapsed = 0.0 if begun is None else (now - begun).total_seconds()
    return max(element.expected_s - elapsed, 0.0)
