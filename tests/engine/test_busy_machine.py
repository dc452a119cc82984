"""What only a machine under load brings: looks that come late, and an engine that stands still itself."""

from __future__ import annotations

import time

from mes.engine.cell import Cell
from mes.model.events import Alarm
from mes.model.states import Command, ProceduralState
from tests.engine.recipe import SALT
from tests.engine.shift import Shift
from tests.engine.works import Works, until

S = ProceduralState
STALL_S = 4.0
"""Longer than a link may be down before its batches are held."""


def test_a_slot_seen_while_it_is_cleared_for_a_phase_raises_no_alarm(shift: Shift) -> None:
    slot = shift.slot(SALT)
    slot.state, slot.active, slot.last = "stopped", 977, 977
    shift.command(Command.START)
    shift.until(lambda: slot.state == "resetting")
    shift.look()
    shift.finish()
    assert shift.alarms() == []
    assert shift.state.state is S.COMPLETE


def stand_still() -> None:
    time.sleep(STALL_S)


def scans_of(cell: Cell) -> int:
    return cell.scans


async def test_an_engine_that_stood_still_does_not_take_that_for_a_lost_link(works: Works) -> None:
    works.program.running_scans = 100_000
    batch_no = works.create()
    async with works.engine():
        works.put(batch_no, "start")
        await works.shown(batch_no, lambda state: state.state_of(SALT) is S.RUNNING)
        # Everything in this process stands still, as on a machine that gives it no time; the first look at the PLC
        # after that takes as long as a wire may.
        works.plc.delay_s = 0.2
        stand_still()
        scans = scans_of(works.cell)
        await until(lambda: scans_of(works.cell) > scans + 10)
        assert works.state(batch_no).state is S.RUNNING
        assert not [fact for fact in works.facts(batch_no) if isinstance(fact, Alarm)]
