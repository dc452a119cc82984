"""The MES falls silent: the comm-loss action of every slot when MesTmo is over, and what comes after."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from mes.model.phase import PhaseCommand
from mes.plc.conform.contract import ACCEPTED, LEADS_TO, PlcState, rest_of, state_words
from mes.plc.conform.look import Look
from mes.plc.conform.station import Station
from mes.plc.conform.trial import KEEPING_TMO_S, NotReached, PlcOnTrial, at_once
from mes.plc.conform.ways import bring

C, S = PhaseCommand, PlcState

ACTION: Mapping[str, tuple[PhaseCommand, PlcState]] = {
    "hold": (C.HOLD, S.HOLDING),
    "stop": (C.STOP, S.STOPPING),
}
"""Comm-loss action of the tag map -> the command it is like, and the state it leads to."""

SLOW_BEAT = 0.7
"""Part of MesTmo from which a gap between two beats of ours may have been a silence to the PLC."""

EARLY_S = 0.05
LATE_S = 1.0
"""Wall seconds by which a PLC may be early (its clock is not ours) and late."""

CHECKS = ("TMO-01", "TMO-02", "TMO-04", "TMO-05", "TMO-06", "TMO-07")


async def falls_silent(plc: PlcOnTrial, stations: Sequence[Station], tmo_s: int) -> None:
    """Play the silence with all slots at once; each has a phase that runs."""
    if not stations:
        raise NotReached("no phase came to run on any slot")
    for station in stations:
        if station.slot.comm_loss not in ACTION:
            station.sheet.remark(("TMO-04", "TMO-05", "TMO-06"), "its comm-loss action is to go on")
        if station.slot.comm_loss != "hold":
            station.sheet.remark("TMO-07", f"its comm-loss action is to {station.slot.comm_loss}")
    try:
        await plc.write_header(MesTmo=tmo_s)
        await _together(stations, _under_way)
        await _kept_off(plc, stations, tmo_s)
        await _acted(plc, stations, tmo_s, since="the last beat of MesHb")
        await _comm_ok_gone(plc, tmo_s)
        await _together(stations, _again)
        await _back(plc, stations, tmo_s)
        await plc.write_header(MesTmo=KEEPING_TMO_S)
        await _together(stations, _under_way)
        await _switched_off(plc, stations, tmo_s)
        await _switched_on(plc, stations, tmo_s)
    finally:
        plc.beating = True
        await plc.one_beat()
        await plc.write_header(MesTmo=KEEPING_TMO_S)


async def _together(stations: Sequence[Station], play: Callable[[Station], Awaitable[object]]) -> None:
    async def played(station: Station) -> None:
        try:
            await play(station)
        except NotReached as error:
            station.sheet.remark(CHECKS, str(error))

    await at_once(played(station) for station in stations)


async def _under_way(station: Station) -> None:
    """Running if the phase lasts, else paused: a rest that holds as long as nobody moves it."""
    await bring(station, S.RUNNING)
    if (await station.stays(for_s=station.plc.limits.watch_s)).state != S.RUNNING:
        await bring(station, S.PAUSED)
        station.sheet.remark(("TMO-01", "TMO-02", "TMO-05"), "shown in paused: the phase does not stay running")


async def _kept_off(plc: PlcOnTrial, stations: Sequence[Station], tmo_s: int) -> None:
    """While MesHb moves, nothing happens for longer than MesTmo."""
    plc.slowest_beat_s = 0.0

    async def watch(station: Station) -> None:
        await _unmoved(station, "TMO-01", tmo_s, tmo_s + 0.5, f"MesHb moves, MesTmo {tmo_s}")

    await _together(stations, watch)


async def _unmoved(station: Station, check: str, tmo_s: int, for_s: float, written: str) -> None:
    before = await station.look()
    after = await station.stays(for_s=for_s)
    acted = _acts(station, after) and not _acts(station, before) and after.fail_code == 0 and not after.interlock
    if acted and station.plc.beating and station.plc.slowest_beat_s > SLOW_BEAT * tmo_s:
        why = f"this computer was too slow to beat in time ({station.plc.slowest_beat_s:.1f} s from beat to beat)"
        station.sheet.remark(check, why)
        return
    says = f"no {station.slot.comm_loss} here"
    seen = f"{before}; {for_s:g} s later {after}"
    station.sheet.expect(check, not acted, state=state_words(before.state), written=written, seen=seen, contract=says)


def _acts(station: Station, look: Look) -> bool:
    action = ACTION.get(station.slot.comm_loss, ACTION["hold"])[1]
    return look.state in (action, rest_of(action))


@contextmanager
def _expecting_action(station: Station) -> Iterator[None]:
    action = ACTION.get(station.slot.comm_loss)
    station.continuity.silent = int(action[0]) if action else 0
    try:
        yield
    finally:
        station.continuity.silent = 0


async def _acted(plc: PlcOnTrial, stations: Sequence[Station], tmo_s: int, *, since: str) -> None:
    """Let MesHb stand, and see each slot act when MesTmo is over."""
    plc.beating = False
    under_way = [station for station in stations if not _acts(station, await station.look())]
    await plc.one_beat()
    await _due(under_way, tmo_s, began_s=plc.beat_began_s, early="TMO-01", since=since)


async def _due(stations: Sequence[Station], tmo_s: int, *, began_s: float, early: str, since: str) -> None:
    async def watch(station: Station) -> None:
        with _expecting_action(station):
            await _one_due(station, tmo_s, began_s, early, since)

    await _together(stations, watch)


def _may_act(station: Station, look: Look) -> bool:
    """True unless the state of the slot does not allow its comm-loss action."""
    action = ACTION.get(station.slot.comm_loss)
    return action is None or action[0] in LEADS_TO[PlcState(look.state)]


async def _one_due(station: Station, tmo_s: int, began_s: float, early: str, since: str) -> None:
    plc = station.plc
    before = look = await station.look()
    moved = _acts(station, look)
    end_s = began_s + tmo_s + LATE_S + 4 * plc.scan_s
    acts = station.slot.comm_loss in ACTION
    while look.at_s < end_s and not moved:
        await asyncio.sleep(plc.poll_s)
        look = await station.look()
        moved = _acts(station, look)
    got_s = plc.now_s() - began_s
    words = {"state": state_words(before.state), "written": f"MesTmo {tmo_s}, MesHb silent"}
    seen = f"{look} {got_s:.2f} s after {since}"
    if moved and acts:
        says = f"the comm-loss action comes {tmo_s} s after {since}"
        station.sheet.expect(early, got_s >= tmo_s - EARLY_S - plc.scan_s, seen=seen, contract=says, **words)
    if acts and not moved and (look.state in (S.COMPLETING, S.COMPLETE) or not _may_act(station, before)):
        why = f"the slot was {state_words(look.state)}: nothing to {station.slot.comm_loss}"
        station.sheet.remark(("TMO-02", early), why)
        return
    says = f"comm_loss = {station.slot.comm_loss!r}: " + (
        f"{ACTION[station.slot.comm_loss][1].name.lower()} {tmo_s} s after {since}" if acts else "it goes on"
    )
    station.sheet.expect("TMO-02", moved == acts, seen=seen, contract=says, **words)


async def _comm_ok_gone(plc: PlcOnTrial, tmo_s: int) -> None:
    shown = await plc.shows("CommOk", 0, plc.beat_began_s + tmo_s + LATE_S + 4 * plc.scan_s - plc.now_s())
    says = "CommOk bit 0 says that the heartbeat of the MES moves"
    plc.sheet.expect("TMO-03", not shown & 1, written="MesHb silent for MesTmo", seen=f"CommOk {shown}", contract=says)


async def _again(station: Station) -> None:
    """Restart a phase that was held, while the MES is still silent."""
    if station.slot.comm_loss != "hold":
        return
    look = await station.settles()
    if look.state != S.HELD:
        station.sheet.remark("TMO-07", f"the slot is {state_words(look.state)}, not held")
        return
    with _expecting_action(station):
        answer = await station.commit(station.block(C.RESTART))
        look = await station.stays(for_s=station.plc.limits.watch_s)
    says = "a phase restarted while the MES is still silent is held again at once"
    held = answer.result == ACCEPTED and look.state in (S.HOLDING, S.HELD)
    seen = f"{answer.seen}; {station.plc.limits.watch_s:g} s later {look}"
    station.sheet.expect("TMO-07", held, seen=seen, contract=says, **answer.situation())


async def _back(plc: PlcOnTrial, stations: Sequence[Station], tmo_s: int) -> None:
    """Let MesHb move again: nothing goes on by itself."""
    rests = {station.slot.name: await station.settles() for station in stations}
    plc.beating = True
    await plc.one_beat()

    async def watch(station: Station) -> None:
        before = rests[station.slot.name]
        after = await station.stays(for_s=station.plc.limits.watch_s)
        if station.slot.comm_loss not in ACTION or not _acts(station, before):
            return
        seen = f"{before}; MesHb moves; {station.plc.limits.watch_s:g} s later {after}"
        says = "what was held or stopped goes on by a command only"
        words = {"state": state_words(before.state), "written": "MesHb moves again"}
        station.sheet.expect("TMO-04", after.changes == before.changes, seen=seen, contract=says, **words)

    await _together(stations, watch)
    shown = (await plc.header("CommOk"))["CommOk"]
    plc.sheet.expect(
        "HDR-06",
        bool(shown & 1),
        seen=f"CommOk {shown} after {plc.limits.watch_s:g} s of beats",
        contract="it comes back",
    )


async def _switched_off(plc: PlcOnTrial, stations: Sequence[Station], tmo_s: int) -> None:
    """With MesTmo = 0 the MES may be silent for as long as it likes."""
    await plc.write_header(MesTmo=0)
    plc.beating = False

    async def watch(station: Station) -> None:
        if station.slot.comm_loss in ACTION:
            await _unmoved(station, "TMO-05", tmo_s, tmo_s + 1.0, "MesTmo 0, MesHb silent")

    await _together(stations, watch)


async def _switched_on(plc: PlcOnTrial, stations: Sequence[Station], tmo_s: int) -> None:
    """Switch the time-out on after a long silence: it counts from now."""
    still = [station for station in stations if not _acts(station, await station.look())]
    began_s = plc.now_s()
    await plc.write_header(MesTmo=tmo_s)
    await _due(still, tmo_s, began_s=began_s, early="TMO-06", since="MesTmo was switched on")
