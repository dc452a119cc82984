"""What may be wrong on the way between a PLC and its clients; the protocol servers obey it, faults set it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class LinkConditions:
    """The condition of one PLC's communication module; as made, all is well.

    `down`: every connection is closed, and new ones as they come. `frozen`: half-open; connections stay and take
    requests, nothing is answered (what came meanwhile is answered when it ends, as a stalled device does). `delay_s`:
    every answer comes this much later, in wall seconds. `busy_code`: a Modbus exception code (or 0) that answers every
    request; OPC UA answers with a bad status instead. `ignore_writes`: writes are answered as good and change nothing.
    `swap_words`: 32-bit values go out, and are taken in, with their words in the wrong order (Modbus only).
    """

    down: bool = False
    frozen: bool = False
    delay_s: float = 0.0
    busy_code: int = 0
    ignore_writes: bool = False
    swap_words: bool = False
