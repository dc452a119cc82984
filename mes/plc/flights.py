"""Commands under way: one in flight per slot, each with a number of its own, and answers that overtake the image."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mes.model.phase import Acknowledgement, PhaseCommand, PhaseRequest, PhaseStatus
from mes.plc.handshake import WITH_PARAMETERS
from mes.plc.port import PlcError
from mes.plc.tagmap import Slot

COMPOSED_LIMIT_S = 10.0
"""Wall seconds after which a command that was composed and never executed does not block its slot any more."""

OVERTAKING_LIMIT_S = 1.5
"""Wall seconds after which an image is surely newer than an answer: all of it is read once a second."""


@dataclass(slots=True)
class _Flight:
    request: PhaseRequest
    since_s: float
    executing: bool = False


class Flights:
    """What is known of the commands to one PLC; times are monotonic wall seconds."""

    def __init__(self) -> None:
        self._flights: dict[str, _Flight] = {}
        self._last_seq: dict[str, tuple[int, int]] = {}
        self._last_answer: dict[str, tuple[int, float]] = {}

    def refuse_second(self, slot: str, *, now_s: float) -> None:
        """Raise `PlcError` while a command of this slot is in flight."""
        flight = self._flights.get(slot)
        if flight and (flight.executing or now_s - flight.since_s < COMPOSED_LIMIT_S):
            raise PlcError(_in_flight(flight))

    def next_seq(self, slot: str, boot_id: int, ack_seq: int) -> int:
        """Give the number of the next command: never 0, never that of a lost request, never one evaluated just now."""
        last_boot_id, last_seq = self._last_seq.get(slot, (0, 0))
        seq = _following(last_seq if last_boot_id == boot_id else ack_seq)
        return _following(seq) if seq == ack_seq else seq

    def compose(self, request: PhaseRequest, *, now_s: float) -> None:
        """Note a request that was composed and is being made durable."""
        self._last_seq[request.slot] = (request.boot_id, request.seq)
        self._flights[request.slot] = _Flight(request, now_s)

    def take_off(self, request: PhaseRequest, *, now_s: float) -> bool:
        """Begin to execute a request and say whether it may have been written before.

        Raises `PlcError` while another one is being executed.
        """
        flight = self._flights.get(request.slot)
        if flight and flight.executing:
            raise PlcError(_in_flight(flight))
        self._flights[request.slot] = _Flight(request, now_s, executing=True)
        return flight is None or flight.request != request

    def land(self, request: PhaseRequest, answer: Acknowledgement | None, *, now_s: float) -> None:
        """End the execution of a request, with its answer if there is one."""
        del self._flights[request.slot]
        if answer is not None and answer.result is not None:
            self._last_answer[request.slot] = (request.seq, now_s)

    def overtook(self, slot: str, status: PhaseStatus, *, now_s: float) -> int:
        """Give the number of a command whose answer is newer than `status`, or 0.

        The answer travels faster than the image, and nothing may be decided on what was before it. Another engine may
        have given commands since, so the number alone does not tell for ever.
        """
        seq, answered_s = self._last_answer.get(slot, (0, 0.0))
        return seq if status.ack_seq != seq and now_s - answered_s < OVERTAKING_LIMIT_S else 0


def check_parameters(slot: Slot, phase_number: int, command: PhaseCommand, parameters: Sequence[float]) -> None:
    """Raise `PlcError` unless the slot has the phase and, for start and update, these are finite values for all of its
    parameters; whether they are within limits is for the PLC to say."""
    phase = slot.phases.get(phase_number)
    if phase is None:
        known = ", ".join(f"{number} {one.phase_class}" for number, one in slot.phases.items())
        raise PlcError(f"{slot.name} has no phase number {phase_number}; it has {known}")
    if command in WITH_PARAMETERS and len(parameters) != len(phase.parameters):
        raise PlcError(
            f"{slot.name} {phase.phase_class} takes {len(phase.parameters)} parameters, {len(parameters)} were given"
        )
    for spec, value in zip(phase.parameters, parameters, strict=False):
        if not math.isfinite(value):
            raise PlcError(f"{slot.name} {phase.phase_class}: parameter {spec.name} = {value} is no finite number")


def _following(seq: int) -> int:
    return seq % 0xFFFF + 1


def _in_flight(flight: _Flight) -> str:
    request = flight.request
    return f"{request.slot}: {request.command.name} number {request.seq} is still in flight"
