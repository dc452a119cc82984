"""Conducting the whole check: is it safe to begin, every slot at once, then what belongs to the PLC, and a safe end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from mes.plc.conform.catalogue import CHECKS, chosen_checks
from mes.plc.conform.contract import PlcState
from mes.plc.conform.ending import leave_safe
from mes.plc.conform.programme import Scene, scenes_for
from mes.plc.conform.scenes import epochs, header, power, silence
from mes.plc.conform.scenes.choosing import choose
from mes.plc.conform.sheet import Outcome, Sheet, Verdict
from mes.plc.conform.station import Station
from mes.plc.conform.trial import NotReached, PlcOnTrial, at_once
from mes.plc.conform.ways import bring
from mes.plc.conform.wishes import Wishes, phases_of, refuse_when_in_use, slots_of
from mes.plc.drivers import open_port
from mes.plc.port import PlcError, PlcPort
from mes.plc.status import good_number
from mes.plc.tagmap import TagMap

PLC_CHECKS = ("LNK", "HDR", "TMO-03", "PWR-01", "EPO-07")
EPOCHS = ("EPO-03", "EPO-04", "EPO-05", "EPO-06")
HINT_EVERY_S = 1.0
POWER = ("PWR-02", "PWR-03", "PWR-04", "PWR-05")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConformanceReport:
    """What the check of one PLC has shown; `notes` are for who ran it, `phases` what each slot was tried with."""

    plc: str
    source: str
    duration_s: float
    phases: dict[str, str]
    outcomes: tuple[Outcome, ...]
    notes: tuple[str, ...]

    def count(self, verdict: Verdict) -> int:
        """Give how many outcomes have this verdict."""
        return sum(outcome.verdict is verdict for outcome in self.outcomes)


async def conform(
    tag_map: TagMap,
    url: str,
    wishes: Wishes,
    *,
    open_port: Callable[[TagMap, str], PlcPort] = open_port,
    tell: Callable[[str], None] = lambda _: None,
    restart: power.Restart | None = None,
) -> ConformanceReport:
    """Check a live PLC; phases of it really run.

    Raises `PlcError` when the PLC cannot be reached or is in use, `ValueError` for a wish that it cannot meet.
    """
    conductor = _Conductor(tag_map, url, wishes, open_port, tell, restart)
    return await conductor.conduct()


class _Conductor:
    def __init__(
        self,
        tag_map: TagMap,
        url: str,
        wishes: Wishes,
        open_port: Callable[[TagMap, str], PlcPort],
        tell: Callable[[str], None],
        restart: power.Restart | None,
    ) -> None:
        self._map, self._url, self._wishes, self._restart = tag_map, url, wishes, restart
        self._open_port = open_port
        self._began_s = time.monotonic()
        self._teller = tell
        self._hinted_s = float("-inf")
        self._wanted = chosen_checks(wishes.checks)
        slots = slots_of(tag_map, wishes)
        self._phases = {slot.name: phases_of(slot, wishes.phase) for slot in slots}
        self._notes: list[str] = []
        of_plc = {
            check: text for check, text in CHECKS.items() if check in self._wanted and check.startswith(PLC_CHECKS)
        }
        of_slot = {check: text for check, text in CHECKS.items() if check in self._wanted and check not in of_plc}
        self._plc = PlcOnTrial(tag_map, open_port(tag_map, url), Sheet(tag_map.name, of_plc), wishes.limits)
        self._stations = [Station(self._plc, slot, Sheet(slot.name, dict(of_slot))) for slot in slots]

    async def conduct(self) -> ConformanceReport:
        plc = self._plc
        source = plc.port.source
        try:
            await plc.port.connect()
            mes_tmo = await self._begin()
            heart = asyncio.create_task(plc.beat())
            try:
                await self._play()
                plc.sheet.expect("LNK-01", True, seen="", contract="")
            except PlcError as error:
                plc.sheet.expect("LNK-01", False, seen=str(error), contract="every request is answered")
            finally:
                heart.cancel()
                await asyncio.gather(heart, return_exceptions=True)
                self._tell("bringing every slot to idle")
                # In a task of its own: in one that was cancelled, drivers refuse to go on.
                leaving = asyncio.create_task(leave_safe(plc, self._stations, mes_tmo, self._connect))
                self._notes += await asyncio.shield(leaving)
                for note in self._notes:
                    self._tell(note)
        finally:
            await plc.port.close()
        self._notes.append(
            f"the PLC has seen epoch {plc.epoch} now: it takes no command of an engine with a smaller one"
        )
        return ConformanceReport(
            plc=self._map.name,
            source=source,
            duration_s=time.monotonic() - self._began_s,
            phases={one.slot.name: one.choice.phase.phase_class if one.runs else "" for one in self._stations},
            outcomes=tuple(outcome for sheet in self._sheets() for outcome in sheet.outcomes()),
            notes=tuple(self._notes),
        )

    def _hint(self, text: str) -> None:
        """Tell of the progress, at most once a second: several slots go through many scenes."""
        if time.monotonic() - self._hinted_s >= HINT_EVERY_S:
            self._hinted_s = time.monotonic()
            self._tell(text)

    def _tell(self, text: str) -> None:
        self._teller(f"{time.monotonic() - self._began_s:5.0f} s  {text}")

    def _sheets(self) -> Iterable[Sheet]:
        return [self._plc.sheet, *(station.sheet for station in self._stations)]

    async def _connect(self) -> PlcPort:
        port = self._open_port(self._map, self._url)
        await port.connect()
        return port

    async def _begin(self) -> int:
        """See that nobody uses the PLC; nothing is written before. Gives MesTmo as it was found."""
        plc = self._plc
        self._tell("listening whether somebody else drives this PLC")
        beats = await header.listen(plc)
        found = await plc.header("BootId", "MesHb", "MesTmo")
        looks = {}
        for slot in self._map.slots.values():
            tags = [slot.tag(field) for field in ("State", "LastExec", "CmdEpoch", "CmdSeq", "AckSeq")]
            readings = await plc.read(tags)
            looks[slot.name] = [good_number(readings, tag) for tag in tags]
        if not self._wishes.although_controlled:
            refuse_when_in_use(self._map, beats, {name: look[0] for name, look in looks.items()})
        plc.take_identity(found["BootId"], found["MesHb"], [look[1] for look in looks.values()])
        plc.epoch = max(look[2] for look in looks.values())
        for station in self._stations:
            _, _, _, seq, ack_seq = looks[station.slot.name]
            says = "AckSeq is the CmdSeq of the last command evaluated; at power-up the one found"
            held = seq in (0, ack_seq)
            station.sheet.expect("SEQ-05", held, seen=f"CmdSeq {seq}, AckSeq {ack_seq}", contract=says)
        return found["MesTmo"]

    async def _play(self) -> None:
        plc, stations = self._plc, self._stations
        await header.both_hearts(plc)
        self._tell("looking for an epoch that the PLC takes")
        try:
            await epochs.find_epoch(stations[0], plc.epoch)
        except NotReached as error:
            for station in stations:
                station.sheet.remark(self._wanted, f"no epoch was found that the PLC takes: {error}")
            return
        await at_once(self._one_slot(station) for station in stations)
        await header.same_boot(plc)
        idle = [station for station in stations if await self._is_idle(station)]
        running = [station for station in idle if station.runs]
        if idle:
            await self._together("epochs", EPOCHS, idle, epochs.raised(plc, idle))
            await self._far_epoch(idle[0])
        checks = (*silence.CHECKS, "TMO-03")
        await self._together(
            "silence of the MES", checks, running, silence.falls_silent(plc, running, self._wishes.tmo_s)
        )
        await self._power(idle)

    async def _one_slot(self, station: Station) -> None:
        name = station.slot.name
        scenes = [scene for scene in scenes_for(self._phases[name]) if self._wanted & {*scene.checks, *scene.feeds}]
        await self._scene(station, Scene(title="choosing a phase", checks=(), play=self._choose))
        for place, scene in enumerate(scenes, 1):
            self._hint(f"{name}: {scene.title} ({place} of {len(scenes)})")
            if not await self._scene(station, scene):
                for left in scenes[place:]:
                    station.sheet.remark(left.checks, "the slot could not be brought back to idle")
                return

    async def _choose(self, station: Station) -> None:
        phases = self._phases[station.slot.name]
        self._hint(f"{station.slot.name}: choosing one of {len(phases)} phases")
        await choose(station, phases)
        self._tell(f"{station.slot.name}: " + (station.why_not or f"tried with {station.choice.phase.phase_class}"))

    async def _scene(self, station: Station, scene: Scene) -> bool:
        """Play a scene and bring the slot back to idle; False when that cannot be done."""
        why = await self._played(station, scene)
        if why and station.runs:
            # What a phase needs may be used up by now: with another one it may still be shown.
            before = station.choice
            if await self._is_idle(station):
                await self._played(station, Scene(title="", checks=(), play=self._choose))
            if station.choice != before:
                why = await self._played(station, scene)
        if why:
            station.sheet.remark(scene.checks, why)
        return await self._is_idle(station)

    async def _played(self, station: Station, scene: Scene) -> str:
        """Play a scene; gives why it did not come to its end, or ""."""
        try:
            await scene.play(station)
        except NotReached as error:
            return str(error)
        return ""

    async def _is_idle(self, station: Station) -> bool:
        try:
            await bring(station, PlcState.IDLE)
        except NotReached as error:
            self._tell(f"{station.slot.name}: {error}")
            return False
        return True

    async def _together(
        self, title: str, checks: Sequence[str], stations: Sequence[Station], play: Awaitable[None]
    ) -> None:
        """Play what concerns the whole PLC; what could not be brought about is remarked on every slot."""
        left_out = [station for station in self._stations if station not in stations]
        for station in left_out:
            station.sheet.remark(checks, station.why_not or "the slot could not be brought back to idle")
        if not self._wanted & set(checks):
            if asyncio.iscoroutine(play):
                play.close()
            return
        self._tell(title)
        try:
            await play
        except NotReached as error:
            for sheet in self._sheets():
                sheet.remark(checks, str(error))
        for station in stations:
            await self._is_idle(station)

    async def _far_epoch(self, station: Station) -> None:
        if not self._wishes.far_epoch:
            self._plc.sheet.remark("EPO-07", "it takes the epoch over 65535; ask for it with --far-epoch")
            return
        await self._together("epochs over 65535", ("EPO-07",), [station], epochs.over_16_bits(self._plc, station))

    async def _power(self, idle: Sequence[Station]) -> None:
        checks = (*POWER, "PWR-01")
        if self._restart is None:
            for sheet in self._sheets():
                sheet.remark(checks, "it takes a restart of the PLC; give --restart-command or --restart-by-hand")
            return
        play = power.restarted(self._plc, idle, self._restart, self._connect)
        await self._together("restart of the PLC", checks, idle, play)
