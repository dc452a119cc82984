"""The order of the play for one slot: which scene shows which checks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from mes.model.equipment import EquipmentPhase
from mes.plc.conform.scenes import acting, blocked, commands, endings, fences, parameters
from mes.plc.conform.station import Station

Play = Callable[[Station], Awaitable[None]]

EVERYWHERE = (
    *(f"ACK-0{place}" for place in range(1, 6)),
    *("CHG-01", "CHG-02", "TRN-01", "TRN-02", "ENA-01", "ENA-02", "NAM-01", "NAM-02", "NAM-03", "NAM-04", "MOD-01"),
)
"""Checks that every look and every answer feeds; the ways and tables show them best."""

WAYS = tuple(f"WAY-0{place}" for place in range(1, 9))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One part of the play: `checks` are those it is there for, `feeds` those it shows by the way."""

    title: str
    checks: tuple[str, ...]
    play: Play
    feeds: tuple[str, ...] = ()


def scenes_for(phases: Sequence[EquipmentPhase]) -> tuple[Scene, ...]:
    """Give the scenes for one slot that is tried with these phases."""

    async def bad_starts(station: Station) -> None:
        await parameters.bad_starts(station, phases)

    async def after_complete(station: Station) -> None:
        await endings.after_complete(station, phases)

    return (
        Scene(title="mode and interlock as found", checks=("MOD-02", "ILK-01"), play=blocked.as_found),
        Scene(title="commands in idle", checks=("CMD-01", "CMD-09"), play=commands.in_idle, feeds=EVERYWHERE),
        Scene(title="wrong boot", checks=("BOO-01", "ORD-01"), play=fences.wrong_boot),
        Scene(title="epoch words", checks=("EPO-01", "EPO-02", "ORD-02"), play=fences.older_words),
        Scene(title="repeated commit words", checks=("SEQ-01", "SEQ-02", "SEQ-03"), play=fences.commit_words),
        Scene(title="last and first commit word", checks=("SEQ-04",), play=fences.round_the_end),
        Scene(title="bad parameters at start", checks=("PAR-01", "PAR-02", "PAR-03", "PAR-04"), play=bad_starts),
        Scene(title="every way", checks=WAYS, play=commands.every_way, feeds=EVERYWHERE),
        Scene(title="commands in running", checks=("CMD-02", "CMD-09"), play=commands.in_running),
        Scene(title="order of judgement", checks=("ORD-03", "ORD-04"), play=commands.judged_in_order),
        Scene(title="commands in paused", checks=("CMD-03",), play=commands.in_paused),
        Scene(title="commands in held", checks=("CMD-04",), play=commands.in_held),
        Scene(title="commands in stopped", checks=("CMD-06",), play=commands.in_stopped),
        Scene(title="commands in aborted", checks=("CMD-07",), play=commands.in_aborted),
        Scene(
            title="executions",
            checks=("EXE-01", "EXE-02", "EXE-03", "EXE-04", "EXE-05", "EXE-06"),
            play=fences.executions,
        ),
        Scene(title="limits at start", checks=("PAR-05", "PAR-06"), play=parameters.limits_at_start),
        Scene(title="updates", checks=("UPD-01", "PAR-05", "PAR-06"), play=parameters.updates),
        Scene(title="bad updates", checks=("UPD-02",), play=parameters.bad_updates),
        Scene(title="commands in acting states", checks=("CMD-08",), play=acting.in_acting),
        Scene(title="a phase that is stopped", checks=("REP-01", "REP-02", "REP-03"), play=endings.after_stop),
        Scene(
            title="a phase that completes",
            checks=("WAY-09", "CMD-05", "REP-01", "REP-02", "REP-03", "EXE-02"),
            play=after_complete,
        ),
    )
