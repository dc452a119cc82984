"""One PLC as the engine sees it: a link that is kept up, an image that is never older than it says, and commands."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from mes.model.equipment import EquipmentPhase
from mes.model.phase import Acknowledgement, PhaseCommand, PhaseRequest, PhaseStatus
from mes.model.reading import Reading
from mes.plc.connection import Connection
from mes.plc.drivers import open_port
from mes.plc.flights import Flights, check_parameters
from mes.plc.handshake import carry_out
from mes.plc.image import HEART_LIMIT_S, PlcImage
from mes.plc.pace import heed_cancellation
from mes.plc.port import LinkStatus, PlcError, PlcPort
from mes.plc.reports import read_reports
from mes.plc.tagmap import Slot, TagMap
from mes.plc.tomltable import nearest

MES_TIMEOUT_S = 10
BACKOFF_S = (0.2, 5.0)
LINK_LIMIT_S = 3.0
"""Wall seconds that a command waits for a lost link to come back."""

WATCHDOG_S = 0.1
TO_SAFETY = frozenset({PhaseCommand.HOLD, PhaseCommand.STOP, PhaseCommand.ABORT})


class SupervisedPlc:
    """The link to one PLC (`PlcLink`).

    `open_port` makes a new driver for each connection to `url` (by default the map's own);
    `mes_timeout_s` goes to MesTmo, the silence after which the PLC acts for itself (0: never); `monotonic` gives wall
    seconds and is that of the drivers. `changed` may be replaced before `supervise`: several links can share one.
    """

    def __init__(
        self,
        tag_map: TagMap,
        *,
        url: str = "",
        open_port: Callable[[TagMap, str], PlcPort] = open_port,
        mes_timeout_s: int = MES_TIMEOUT_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = tag_map.name
        self.changed = asyncio.Event()
        self._map = tag_map
        self._url = url or tag_map.url
        self._open_port = open_port
        self._mes_timeout_s = mes_timeout_s
        self._monotonic = monotonic
        self._image = PlcImage(tag_map)
        self._connection: Connection | None = None
        self._source = self._url
        self._why = "not connected yet"
        self._losses = 0
        self._epoch = 0
        self._flights = Flights()

    # Reading

    def status(self) -> LinkStatus:
        """Tell how the link is."""
        connection = self._connection
        why = self._not_usable()
        return LinkStatus(
            plc=self.name,
            source=self._source,
            connected=connection is not None,
            fresh=not self._not_fresh(),
            usable=not why,
            why=why or (connection.complaint or connection.port.notice if connection else ""),
            boot_id=self._image.header("BootId"),
            program_id=self._image.header("ProgramId"),
            mes_alive_seen=connection is not None and connection.mes_alive_seen,
            losses=self._losses,
            protection=connection.port.protection if connection else "",
        )

    def reading(self, tag: str) -> Reading:
        """Give the last reading of a unit tag, stale when it is too old for its sampling class."""
        return self._image.reading(tag, now_s=self._monotonic(), not_fresh=self._not_fresh())

    def phase(self, slot: str) -> PhaseStatus:
        """Give the last status of a phase slot; raises `PlcError` for a slot that the map does not have."""
        status = self._phase(self._slot(slot))
        if status.fresh and (answered := self._flights.overtook(slot, status, now_s=self._monotonic())):
            return replace(
                status, fresh=False, why=f"the status of {slot} is older than the answer to command {answered}"
            )
        return status

    def _phase(self, slot: Slot) -> PhaseStatus:
        not_fresh = self._not_fresh() or self._wrong_interface()
        return self._image.phase(slot, now_s=self._monotonic(), not_fresh=not_fresh)

    async def reports(self, phase: EquipmentPhase) -> Mapping[str, float]:
        """Read the reports of a phase without a tear; raises `PlcError` that names a report that cannot be used."""
        return await read_reports(await self._port(), self._slot(phase.slot), phase)

    # Commanding

    def take_over(self, epoch: int) -> None:
        """Set the epoch of the commands composed from now on; raises `PlcError` when the interface cannot carry it."""
        if not 0 < epoch <= 0xFFFF_FFFF:
            raise PlcError(f"{self.name}: epoch {epoch} must be within 1..4294967295")
        self._epoch = epoch

    def compose(
        self, slot: str, command: PhaseCommand, *, exec_id: int, phase_number: int, parameters: Sequence[float] = ()
    ) -> PhaseRequest:
        """Fix number, boot id and epoch of a command; nothing is written.

        Raises `PlcError` when it cannot be given now.
        A PLC with another program than the map's takes no command but hold, stop and abort.
        """
        place = self._slot(slot)
        why = self._not_fresh() or self._wrong_interface()
        if not why and command not in TO_SAFETY:
            why = self._wrong_program()
        status = self._phase(place)
        why = why or status.why
        if why:
            raise PlcError(f"{self.name}: no command to {slot} now: {why}")
        if not self._epoch:
            raise PlcError(f"{self.name}: no command to {slot} before this engine has taken over (no epoch is set)")
        now_s = self._monotonic()
        self._flights.refuse_second(slot, now_s=now_s)
        check_parameters(place, phase_number, command, parameters)
        boot_id = self._image.header("BootId")
        request = PhaseRequest(
            plc=self.name,
            slot=slot,
            command=command,
            exec_id=exec_id,
            phase_number=phase_number,
            seq=self._flights.next_seq(slot, boot_id, status.ack_seq),
            boot_id=boot_id,
            epoch=self._epoch,
            parameters=tuple(parameters),
        )
        self._flights.compose(request, now_s=now_s)
        return request

    async def execute(self, request: PhaseRequest) -> Acknowledgement:
        """Carry out a durable request; one that this object did not compose just now is judged by the status first."""
        try:
            tried = self._flights.take_off(request, now_s=self._monotonic())
        except PlcError as error:
            return Acknowledgement(seq=request.seq, result=None, why=str(error))
        answer = None
        try:
            answer = await carry_out(self._map, request, port=self._port, tried=tried)
            return answer
        finally:
            self._flights.land(request, answer, now_s=self._monotonic())

    # Keeping the link up

    async def supervise(self) -> None:
        """Keep the link up until cancelled: a new driver after every loss, each time a little later."""
        wait_s = BACKOFF_S[0]
        while True:
            began_s = self._monotonic()
            try:
                # A task of its own: in Python 3.11 a TaskGroup that fails leaves its task marked as cancelled.
                await asyncio.create_task(self._serve())
            except* PlcError as errors:
                self._why = str(_first(errors))
            heed_cancellation()
            self._image.forget_link()
            self.changed.set()
            if self._monotonic() - began_s > BACKOFF_S[1]:
                wait_s = BACKOFF_S[0]
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, BACKOFF_S[1])

    async def _serve(self) -> None:
        port = self._open_port(self._map, self._url)
        self._source = port.source
        try:
            await port.connect()
            self._image.forget_link()
            connection = Connection(self._map, port, self._image, self.changed, mes_timeout_s=self._mes_timeout_s)
            await connection.greet()
            self._connection = connection
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(connection.watch())
                tasks.create_task(connection.beat())
                tasks.create_task(connection.end())
                tasks.create_task(self._tell_staleness())
        finally:
            if self._connection is not None:
                self._connection = None
                self._losses += 1
            await port.close()

    async def _tell_staleness(self) -> None:
        # Becoming stale is a change that no message brings.
        before = ""
        while True:
            why = self._not_usable()
            if bool(why) != bool(before):
                self.changed.set()
            before = why
            await asyncio.sleep(WATCHDOG_S)

    async def _port(self) -> PlcPort:
        """Give the port of a link that is fresh, waiting a little for one that was lost; raises `PlcError`."""
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + LINK_LIMIT_S
        while self._connection is None or self._not_fresh():
            if loop.time() > deadline_s:
                raise PlcError(self._not_fresh() or self._why)
            await asyncio.sleep(0.02)
        return self._connection.port

    # Why not

    def _not_usable(self) -> str:
        return self._not_fresh() or self._wrong_interface() or self._wrong_program()

    def _not_fresh(self) -> str:
        if self._connection is None:
            return f"no link to {self.name}: {self._why}"
        if self._connection.is_lost:
            return f"no link to {self.name}: {self._connection.port.why}"
        silence_s = self._image.silence_s(self._monotonic())
        if silence_s is None:
            return f"{self.name} is connected, but its heart (PlcHb) has not been seen beating yet"
        if silence_s > HEART_LIMIT_S:
            return f"the heart of {self.name} (PlcHb) has not beaten for {silence_s:.1f} s"
        return ""

    def _wrong_interface(self) -> str:
        shown = self._image.header("IfVersion")
        if shown == self._map.interface:
            return ""
        return f"{self.name} speaks MES-Phase version {shown}, the tag map {self._map.path} says {self._map.interface}"

    def _wrong_program(self) -> str:
        shown = self._image.header("ProgramId")
        if shown == self._map.program_id:
            return ""
        return (
            f"{self.name} runs the program {shown}, the tag map {self._map.path} belongs to {self._map.program_id}; "
            "load the map that belongs to the program"
        )

    def _slot(self, name: str) -> Slot:
        slot = self._map.slots.get(name)
        if slot is None:
            raise PlcError(f"{self.name} has no phase slot {name!r}{nearest(name, self._map.slots)}")
        return slot


def _first(errors: BaseExceptionGroup[PlcError]) -> BaseException:
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
