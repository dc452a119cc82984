"""The two seams of the PLC side: the narrow port every driver passes, and what the engine sees of one PLC."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from mes.model.equipment import EquipmentPhase
from mes.model.phase import Acknowledgement, PhaseCommand, PhaseRequest, PhaseStatus
from mes.model.reading import Reading


class PlcError(Exception):
    """A PLC could not be reached, refused a request or answered nonsense; the message names the PLC and what to do."""


class PlcRefused(PlcError):
    """The PLC answered, and the answer was no: the link is well, the request is not."""


class PlcPort(Protocol):
    """A driver: tags by the names of the tag map in, readings out. One object lives for one connection.

    `source` tells where values come from (`modbus://127.0.0.1:5511`, `opc.tcp://...`, `fake+modbus://...`), so that no
    log can take one for the other. Wire time-outs are in wall time. Every method raises `PlcError`.
    """

    source: str

    async def connect(self) -> None:
        """Open the connection; a port is connected once and never again after a loss."""
        ...

    async def close(self) -> None:
        """Close the connection; harmless when it is lost already."""
        ...

    async def read(self, tags: Sequence[str]) -> Mapping[str, Reading]:
        """Read these tags now, from the device."""
        ...

    async def write(self, values: Mapping[str, float | int]) -> None:
        """Write these tags in the order given; returns only when every one was answered Good. Never retried."""
        ...

    def watch(self, tags: Sequence[str], *, period_s: float) -> AsyncGenerator[Mapping[str, Reading], None]:
        """Give changes of these tags as they come (at least a full set once per 10 periods), until the link is lost."""
        ...


@runtime_checkable
class Protected(Protocol):
    """A port whose connection can be encrypted and signed; all others are open to whoever reaches the wire."""

    @property
    def protection(self) -> str:
        """How the connection is protected, in words; "unsecured" when it is not."""
        ...

    @property
    def notice(self) -> str:
        """What will soon end it, a certificate that runs out; empty for nothing."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkStatus:
    """What is known of the link to one PLC. `fresh` means that its heart was seen beating within the last second.

    `usable` is fresh, right interface version and right program; when it is False `why` says the reason. When it is
    True `why` says what is wrong all the same, for instance a certificate that runs out soon. `protection` says how an
    OPC UA link is secured ("unsecured" when it is not); empty for protocols that know nothing of the kind.
    """

    plc: str
    source: str
    connected: bool
    fresh: bool
    usable: bool
    why: str = ""
    boot_id: int = 0
    program_id: int = 0
    mes_alive_seen: bool = False
    losses: int = 0
    protection: str = ""


class PlcLink(Protocol):
    """One supervised PLC as the engine uses it. Reading is instant and from the last image; commands take wall time."""

    name: str
    changed: asyncio.Event
    """Set whenever the image changed; the engine's scan clears it."""

    def status(self) -> LinkStatus:
        """Tell how the link is."""
        ...

    def reading(self, tag: str) -> Reading:
        """Give the last reading of a unit tag, its quality made stale when it is older than its class allows."""
        ...

    def phase(self, slot: str) -> PhaseStatus:
        """Give the last status of a phase slot; `fresh` is False when nothing may be decided on it."""
        ...

    def compose(
        self, slot: str, command: PhaseCommand, *, exec_id: int, phase_number: int, parameters: Sequence[float] = ()
    ) -> PhaseRequest:
        """Fix sequence number, boot id and epoch of a command, so that it can be made durable. Nothing is written yet.

        Raises `PlcError` when the link is not usable or a command of this slot is still in flight.
        """
        ...

    async def execute(self, request: PhaseRequest) -> Acknowledgement:
        """Carry out a durable request by the rules of MES-Phase v1 and give the PLC's answer. Does not raise PlcError:
        what is not known comes back as an acknowledgement without result."""
        ...

    async def reports(self, phase: EquipmentPhase) -> Mapping[str, float]:
        """Read the reports of a phase from the PLC without a tear, by name; each finite and within its range.

        Raises `PlcError` that names the report and its value.
        """
        ...

    def take_over(self, epoch: int) -> None:
        """Set the epoch under which commands are composed from now on."""
        ...

    async def supervise(self) -> None:
        """Keep the link up until cancelled: connect, watch, beat the heart, and a new driver after every loss."""
        ...
