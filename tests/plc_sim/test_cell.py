"""Several PLCs on one plant: one process time, one order of ticks, and a restart in the middle of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plc_sim.cell import Cell
from plc_sim.faults.order import order_from_line
from plc_sim.scan import SimulatedPlc
from plc_sim.tagmap import TagMap
from tests.plc_sim.heater import Heater, build, heater_map


class Warmed(Heater):
    """A heater that the heater beside it warms: what one PLC does the other feels."""

    neighbour: Heater

    def tick(self) -> None:
        super().tick()
        self.temperature_degc += 0.01 * (self.neighbour.temperature_degc - self.temperature_degc)


def named(name: str, scan_s: float = 0.02) -> TagMap:
    return replace(heater_map(), name=name, scan_s=scan_s)


def new_cell(speed: float = 1.0) -> tuple[Cell, Heater, Warmed]:
    one, other = named("ONE"), named("TWO", scan_s=0.05)
    hot, beside = Heater("HE-1"), Warmed("HE-1")
    beside.neighbour = hot
    plcs = [
        SimulatedPlc(one, {**build("ONE", one.units, 1), "HE-1": hot}, boot_id=1),
        SimulatedPlc(other, {**build("TWO", other.units, 1), "HE-1": beside}, boot_id=1),
    ]
    cell = Cell(plcs, speed)
    cell.scan(0.0)
    return cell, hot, beside


def test_all_plcs_have_one_process_time() -> None:
    cell, _, _ = new_cell(speed=7.3)
    for _ in range(100):
        cell.scan(0.05)
    assert cell.ticks == pytest.approx(36.5, abs=1)
    assert {plc.ticks for plc in cell.plcs.values()} == {cell.ticks}
    assert cell.process_time_s == cell.ticks


def test_the_cell_is_scanned_at_the_pace_of_its_fastest_plc() -> None:
    assert new_cell()[0].period_s == 0.02


def test_what_one_plc_does_the_other_feels_however_the_scans_fall() -> None:
    cells = [new_cell(), new_cell()]
    for cell, hot, _ in cells:
        hot.temperature_degc = 500.0
        cell.add_fault(order_from_line("plc-stop TWO at=20s for=10s"))
    cells[0][0].advance(60)
    for _ in range(60):
        cells[1][0].advance(1)
    (_, hot, beside), (_, same_hot, same) = cells
    assert beside.temperature_degc == same.temperature_degc > 100.0
    assert hot.temperature_degc == same_hot.temperature_degc


def test_the_units_of_a_plc_without_power_live_on() -> None:
    cell, hot, beside = new_cell()
    hot.temperature_degc = 500.0
    cell.add_fault(order_from_line("power-cut TWO"))
    cell.advance(60)
    assert beside.temperature_degc > 100.0
    assert cell.plcs["TWO"].image.value("HE-1.T") == pytest.approx(20.0)


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan"), float("inf")])
def test_a_speed_that_is_none_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        new_cell(speed=speed)


def test_a_cell_is_no_place_for_a_unit_that_two_plcs_have_when_a_fault_is_meant_for_it() -> None:
    cell, _, _ = new_cell()
    with pytest.raises(ValueError, match=r"heater-failure: HE-1 is on several PLCs \(ONE, TWO\); serve them apart"):
        cell.add_fault(order_from_line("heater-failure HE-1"))
