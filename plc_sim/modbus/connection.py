"""One client of a Modbus server: its requests, its answers, and what the condition of the link does to them."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import Protocol, cast

from plc_sim.link import LinkConditions
from plc_sim.modbus.framing import FramingError, RequestCutter, framed

log = logging.getLogger(__name__)

REQUESTS_PER_TURN = 32
"""So many requests of one client are answered before the others have their turn."""
BACKLOG_MAX = 64 * 1024
"""Bytes of requests, or of answers not due yet, that are kept; the rest stays with the client."""


class Device(Protocol):
    """What answers requests."""

    def reply(self, unit_id: int, pdu: bytes) -> bytes:
        """Carry out one request and give the PDU of its answer."""
        ...


class Connection(asyncio.Protocol):
    """Answers one client in the order it asked; `connections` is the set of all, at most `most`."""

    def __init__(self, device: Device, conditions: LinkConditions, connections: set[Connection], most: int) -> None:
        self._device = device
        self._conditions = conditions
        self._connections = connections
        self._most = most
        self._cutter = RequestCutter()
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()
        self._late: deque[tuple[float, bytes]] = deque()
        self._late_bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        self._turn: asyncio.Handle | None = None
        self._full = False
        self._last_came = False
        self._reading = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        if self._conditions.down:
            self._transport.abort()
        elif len(self._connections) >= self._most:
            log.warning("closing a Modbus connection: there are %d already", self._most)
            self._transport.abort()
        else:
            self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)
        self._transport = None
        for waiting in (self._timer, self._turn):
            if waiting is not None:
                waiting.cancel()
        self._timer = self._turn = None

    def data_received(self, data: bytes) -> None:
        if not self._last_came:
            self._cutter.feed(data)
            self.notice()

    def eof_received(self) -> bool:
        """What the client asked before it closed its side is still answered."""
        self._last_came = True
        self.notice()
        return True

    def pause_writing(self) -> None:
        """The client does not fetch its answers: take no more requests from it."""
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        self.notice()

    def abort(self) -> None:
        """Close at once; what was not sent is lost."""
        if self._transport is not None:
            self._transport.abort()

    def notice(self) -> None:
        """Go on as far as the condition of the link allows."""
        if self._transport is None or self._transport.is_closing():
            return
        if self._conditions.down:
            self._transport.abort()
        elif not self._conditions.frozen:
            self._send_due()
            self._take_turn()
        self._choose_to_read()

    def _take_turn(self) -> None:
        if self._turn is not None or self._full or self._late_bytes >= BACKLOG_MAX:
            return
        answers = bytearray()
        try:
            for _ in range(REQUESTS_PER_TURN):
                request = self._cutter.take()
                if request is None:
                    break
                answers += framed(request, self._device.reply(request.unit_id, request.pdu))
            else:
                self._turn = self._loop.call_soon(self._next_turn)
        except FramingError as error:
            log.warning("closing a Modbus connection: not Modbus TCP (%s)", error)
            self._cutter = RequestCutter()
            self._last_came = True
        self._send(bytes(answers))
        if self._last_came and self._turn is None and not self._late and self._transport is not None:
            self._transport.close()

    def _next_turn(self) -> None:
        self._turn = None
        self.notice()

    def _send(self, answers: bytes) -> None:
        if not answers or self._transport is None:
            return
        if self._conditions.delay_s <= 0 and not self._late:
            self._transport.write(answers)
            return
        # They leave in this order even when the delay becomes shorter: no answer overtakes another.
        self._late.append((self._loop.time() + max(self._conditions.delay_s, 0.0), answers))
        self._late_bytes += len(answers)
        self._set_timer()

    def _send_due(self) -> None:
        while self._late and self._late[0][0] <= self._loop.time() and self._transport is not None:
            _, answers = self._late.popleft()
            self._late_bytes -= len(answers)
            self._transport.write(answers)
        self._set_timer()

    def _set_timer(self) -> None:
        if self._late and self._timer is None:
            self._timer = self._loop.call_at(self._late[0][0], self._due)

    def _due(self) -> None:
        self._timer = None
        self.notice()

    def _choose_to_read(self) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        reading = not self._full and self._cutter.waiting < BACKLOG_MAX and self._late_bytes < BACKLOG_MAX
        if reading != self._reading:
            self._reading = reading
            if reading:
                self._transport.resume_reading()
            else:
                self._transport.pause_reading()
