"""Hold, restart, pause, resume, stop and abort in the middle of a phase, on both lines, as a person gives them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

from mes import records
from mes.model.quantity import Quantity
from mes.model.states import Command, CommandRefused, ProceduralState
from tests.system import eye
from tests.system.floor import OPERATOR, LivePlant, exec_of, live_plant, path_of, phase_state
from tests.system.plcs import MODBUS, OPC_UA, PlcProcess, started_plcs, urls_of
from tests.system.waiting import until

S = ProceduralState
SPEED = 8000.0

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One of the two lines: a recipe, and a long phase in the middle of it."""

    recipe: str
    size: Quantity | None
    phase: str
    unit: str
    plc: str

    @property
    def slot(self) -> str:
        return f"{self.unit}.PH"


SYNTHESIS = Line(recipe="R1", size=None, phase="MILL", unit="BM-201", plc="SY")
FILM = Line(recipe="R3", size=Quantity(Decimal(20), "m"), phase="DISSOLVE", unit="MX-601", plc="FM")
LINES = (SYNTHESIS, FILM)
BATCH_TO_SLOT = {S.HELD: eye.HELD, S.PAUSED: eye.PAUSED, S.RUNNING: eye.RUNNING}


@dataclass(slots=True, kw_only=True)
class Works:
    """The plant with both lines, and its PLCs."""

    floor: LivePlant
    plcs: dict[str, PlcProcess]

    async def see(self, line: Line) -> eye.Seen:
        return await eye.look(self.plcs[line.plc], line.slot)

    async def in_phase(self, line: Line) -> str:
        """Start a batch on a line and wait until it is in the middle of its long phase."""
        batch_no = await self.floor.started(line.recipe, size=line.size)
        await self.floor.until_phase(batch_no, line.phase, S.RUNNING)
        await self.until_slot(line, eye.RUNNING)
        return batch_no

    async def until_slot(self, line: Line, state: int) -> eye.Seen:
        """Wait until the PLC itself shows a state."""
        return await until(lambda: self.see(line), lambda seen: seen.state == state, f"{line.slot} in state {state}")

    async def record(self, batch_no: str) -> dict[str, Any]:
        return await asyncio.to_thread(records.record, self.floor.database, batch_no)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def works(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Works]:
    folder = tmp_path_factory.mktemp("verbs")
    async with (
        started_plcs(folder, {"SY": MODBUS, "UT": MODBUS, "FM": OPC_UA}, speed=SPEED) as plcs,
        live_plant(folder, urls_of(plcs), speed=SPEED) as floor,
    ):
        await floor.receive_deliveries()
        await floor.receive("Li6PS5Cl powder", "5000", "g")
        yield Works(floor=floor, plcs=dict(plcs))


def commands_in(record: dict[str, Any], path: str) -> list[tuple[str, str, str]]:
    """The commands to an element in the record: what, by whom, why; resets of the slot left out."""
    return [
        (event["payload"]["command"], event["by"], event["because"])
        for event in record["events"]
        if event["event"] == "StateCommand" and event["path"] == path and event["payload"]["command"] != "reset"
    ]


async def ended_mid_phase(works: Works, line: Line, command: Command, ended: ProceduralState) -> None:
    floor, why = works.floor, f"{command} is tried in {line.phase}"
    batch_no = await works.in_phase(line)
    await floor.batches.command(batch_no, command, by=OPERATOR, because=why)
    state = await floor.until_state(batch_no, ended)

    assert phase_state(state, line.phase) is ended
    assert (await works.see(line)).last_exec == exec_of(state, line.phase)
    assert not state.units
    record = await works.record(batch_no)
    assert record["state"] == ended
    assert commands_in(record, "")[-1] == (command.value, OPERATOR, why)
    assert commands_in(record, path_of(state, line.phase))[-1] == (command.value, OPERATOR, why)
    given_back = [event["payload"]["unit"] for event in record["events"] if event["event"] == "Deallocation"]
    assert line.unit in given_back
    with pytest.raises(CommandRefused, match="possible now: none, the batch has ended"):
        await floor.batches.restart(batch_no, by=OPERATOR, because="too late")


async def test_a_stop_mid_phase_ends_the_batch_and_gives_the_units_back_on_both_lines(works: Works) -> None:
    await asyncio.gather(*(ended_mid_phase(works, line, Command.STOP, S.STOPPED) for line in LINES))


async def test_an_abort_mid_phase_ends_the_batch_and_gives_the_units_back_on_both_lines(works: Works) -> None:
    await asyncio.gather(*(ended_mid_phase(works, line, Command.ABORT, S.ABORTED) for line in LINES))


async def rested_and_completed(works: Works, line: Line) -> None:
    floor = works.floor
    batch_no = await works.in_phase(line)
    began = await works.see(line)

    await floor.batches.hold(batch_no, by="hana", because="sound of the drive")
    held = await floor.until_state(batch_no, S.HELD)
    at_rest = await works.until_slot(line, eye.HELD)
    assert phase_state(held, line.phase) is S.HELD
    assert at_rest.act_exec == began.act_exec == exec_of(held, line.phase)
    with pytest.raises(CommandRefused, match=r"pause .* is not possible: it is held; possible now: .*restart"):
        await floor.batches.pause(batch_no, by="hana", because="a held batch cannot be paused")
    still = await works.see(line)
    assert (still.step, still.first_report) == (at_rest.step, at_rest.first_report)

    await floor.batches.restart(batch_no, by="hana", because="it was a loose guard")
    await floor.until_state(batch_no, S.RUNNING)
    going = await works.until_slot(line, eye.RUNNING)
    assert (going.act_exec, going.last_exec) == (began.act_exec, began.act_exec)
    assert going.first_report >= at_rest.first_report >= began.first_report

    await floor.batches.pause(batch_no, by="pia", because="hands in the box")
    await floor.until_state(batch_no, S.PAUSED)
    paused = await works.until_slot(line, eye.PAUSED)
    assert paused.first_report >= going.first_report
    await floor.batches.resume(batch_no, by="pia", because="hands out of the box")
    await floor.until_state(batch_no, S.RUNNING)

    state = await floor.until_state(batch_no, S.COMPLETE)
    record = await works.record(batch_no)
    asked = [
        ("hold", "hana", "sound of the drive"),
        ("restart", "hana", "it was a loose guard"),
        ("pause", "pia", "hands in the box"),
        ("resume", "pia", "hands out of the box"),
    ]
    assert commands_in(record, "")[1:] == asked
    # The phase was started once, and everything after that is in it with who and why.
    assert [given[0] for given in commands_in(record, path_of(state, line.phase))] == ["start", *(a[0] for a in asked)]
    assert commands_in(record, path_of(state, line.phase))[1:] == asked
    assert abs(Decimal(record["mass_balance"]["closure_percent"])) <= 1


async def test_a_phase_goes_on_where_it_was_after_hold_and_pause_on_both_lines(works: Works) -> None:
    await asyncio.gather(*(rested_and_completed(works, line) for line in LINES))


async def test_milling_counts_no_time_at_rest_and_all_of_it_in_the_end(works: Works) -> None:
    batch_no = await works.in_phase(SYNTHESIS)
    await works.floor.batches.hold(batch_no, by=OPERATOR, because="to see what counts")
    await works.until_slot(SYNTHESIS, eye.HELD)
    first = await works.see(SYNTHESIS)
    await works.floor.until_state(batch_no, S.HELD)
    second = await works.see(SYNTHESIS)
    assert 0 < first.first_report == second.first_report < 10
    await works.floor.batches.restart(batch_no, by=OPERATOR, because="seen")
    state = await works.floor.until_phase(batch_no, "Unload and sieve", S.STARTING, S.RUNNING, S.COMPLETING)
    record = await works.record(batch_no)
    (milled,) = [
        event["payload"]["reports"]
        for event in record["events"]
        if event["event"] == "ProcessData" and event["path"] == path_of(state, "MILL")
    ]
    # 10 h of milling in cycles of 15 min and 5 min of rest; the time it was held is in neither.
    assert Decimal(milled["run_time"]["value"]) == pytest.approx(Decimal(10), abs=Decimal("0.01"))
    assert Decimal(milled["wall_time"]["value"]) == pytest.approx(Decimal("13.25"), abs=Decimal("0.01"))
    await works.floor.batches.abort(batch_no, by=OPERATOR, because="seen")
    await works.floor.until_state(batch_no, S.ABORTED)
