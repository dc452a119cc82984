"""The order of the batch queue: the higher priority first, then the rank, which a person may change."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from mes.engine.claims import rank_between
from mes.model.execution import BatchState
from mes.model.states import CommandRefused


def is_queued(state: BatchState) -> bool:
    """Say whether a batch waits to be started by the engine."""
    return state.queue is not None and state.queue.queued and state.command is None


def in_queue_order(states: Iterable[BatchState]) -> list[BatchState]:
    """Give the queued batches in the order in which they start."""
    return sorted((state for state in states if is_queued(state)), key=_place)


def _place(state: BatchState) -> tuple[int, Decimal, str]:
    queue = state.queue
    return (0, Decimal(0), state.batch_no) if queue is None else (-queue.priority, queue.rank, state.batch_no)


def rank_in_queue(states: Iterable[BatchState], state: BatchState, place: int | None, priority: int) -> Decimal:
    """Give the rank that brings a batch to a place in the queue (1: first), or to the end of its priority.

    Raises `CommandRefused` for a place that is not there, or that a priority does not allow.
    """
    others = [one for one in in_queue_order(states) if one.batch_no != state.batch_no]
    same = [one for one in others if one.queue is not None and one.queue.priority == priority]
    ranks = [one.queue.rank for one in same if one.queue is not None]
    if place is None:
        return rank_between(ranks[-1] if ranks else None, None)
    first = sum(1 for one in others if one.queue is not None and one.queue.priority > priority)
    if not first + 1 <= place <= first + len(same) + 1:
        raise CommandRefused(
            f"batch {state.batch_no} has priority {priority}, which has places {first + 1} to {first + len(same) + 1} "
            f"in the queue, not {place}"
        )
    at = place - 1 - first
    return rank_between(ranks[at - 1] if at > 0 else None, ranks[at] if at < len(ranks) else None)
