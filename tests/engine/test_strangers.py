"""An execution that runs for nobody here is told once, and only while it runs."""

from __future__ import annotations

from mes.engine.strangers import StrangerWatch
from mes.model.events import Alarm
from mes.model.phase import PhaseStatus
from mes.model.states import ProceduralState as S
from mes.plc.tagmap import process_cell
from tests.engine.recipe import line_map

CELL = process_cell([line_map()])
SLOT = next(iter(CELL.phases.values())).slot


def looks(watch: StrangerWatch, *, state: S, active: int, fresh: bool = True) -> tuple[Alarm, ...]:
    def status(_: str, slot: str) -> PhaseStatus:
        here = slot == SLOT
        return PhaseStatus(state=state if here else S.IDLE, active_exec=active if here else 0, fresh=fresh)

    return watch.look(CELL, {}, status)


def test_an_unknown_execution_is_told_once_with_its_slot_and_number() -> None:
    watch = StrangerWatch()
    (alarm,) = looks(watch, state=S.RUNNING, active=77)
    assert alarm.source == SLOT
    assert "execution 77" in alarm.text
    assert looks(watch, state=S.RUNNING, active=77) == ()
    assert len(looks(watch, state=S.HELD, active=78)) == 1


def test_what_is_at_rest_or_not_fresh_is_no_stranger() -> None:
    watch = StrangerWatch()
    for state in (S.IDLE, S.COMPLETE, S.STOPPED, S.ABORTED, S.RESETTING):
        assert looks(watch, state=state, active=5) == ()
    assert looks(watch, state=S.RUNNING, active=5, fresh=False) == ()
    assert looks(watch, state=S.RUNNING, active=0) == ()
