"""When faults begin and end, what they may not do, and that they give the same plant however the scans fall."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plc_sim.cell import Cell
from plc_sim.faults.order import order_from_line
from plc_sim.scan import SimulatedPlc
from tests.plc_sim.heater import Heater, build, heater_map


def new_cell() -> tuple[Cell, Heater]:
    tag_map = heater_map()
    units = build(tag_map.name, tag_map.units, 1)
    cell = Cell([SimulatedPlc(tag_map, units, boot_id=1)])
    cell.advance(0)
    return cell, units["HE-1"]


def begin(cell: Cell, line: str) -> int:
    return cell.add_fault(order_from_line(line)).number


def noted(heater: Heater) -> list[str]:
    return [call for call in heater.calls if call.startswith(("disturb", "recover"))]


def test_a_fault_begins_and_ends_at_its_ticks() -> None:
    cell, heater = new_cell()
    begin(cell, "heater-failure HE-1 at=5s for=3s zone=3")
    cell.advance(4)
    assert noted(heater) == []
    cell.advance(1)
    assert noted(heater) == ["disturb heater-failure 3"]
    cell.advance(2)
    assert len(noted(heater)) == 1
    assert [fault.ends is not None for fault in cell.faults] == [True]
    cell.advance(1)
    assert noted(heater) == ["disturb heater-failure 3", "recover heater-failure"]
    assert cell.faults == ()


@settings(max_examples=15, deadline=None)
@given(
    steps=st.lists(st.integers(0, 40), min_size=1, max_size=12),
    start=st.integers(0, 100),
    duration=st.integers(1, 60),
)
def test_however_the_scans_fall_the_same_faults_give_the_same_plant(
    steps: list[int], start: int, duration: int
) -> None:
    cells = [new_cell(), new_cell()]
    total = sum(steps)
    for cell, heater in cells:
        heater.start("HE-1.PH", "HEAT", {"target": 900.0, "ramp": 60.0}, 1)
        cell.plcs["HT"].slots["HE-1.PH"].tick = lambda heater=heater: heater.run("HE-1.PH")  # type: ignore[method-assign]
        begin(cell, f"heater-failure HE-1 at={start}s for={duration}s")
    (one, heater), (other, same) = cells
    for step in steps:
        one.advance(step)
    for _ in range(total):
        other.advance(1)
    assert one.ticks == other.ticks == total
    assert heater.temperature_degc == same.temperature_degc
    assert noted(heater) == noted(same)


def test_a_fault_asked_for_now_is_there_now_and_stays_until_it_is_cleared() -> None:
    cell, heater = new_cell()
    cell.advance(10)
    number = begin(cell, "heater-failure HE-1")
    assert noted(heater) == ["disturb heater-failure 2"]
    cell.advance(1000)
    assert cell.faults[0].number == number
    cell.clear_fault(number)
    assert noted(heater)[-1] == "recover heater-failure"
    assert cell.faults == ()


def test_a_waiting_fault_that_is_cleared_never_begins() -> None:
    cell, heater = new_cell()
    cell.clear_fault(begin(cell, "heater-failure HE-1 at=5s"))
    cell.advance(20)
    assert noted(heater) == []


def test_the_same_fault_can_come_again_when_it_is_over() -> None:
    cell, heater = new_cell()
    begin(cell, "heater-failure HE-1 at=5s for=5s zone=1")
    begin(cell, "heater-failure HE-1 at=10s for=5s zone=2")
    cell.advance(30)
    assert noted(heater) == [
        "disturb heater-failure 1",
        "recover heater-failure",
        "disturb heater-failure 2",
        "recover heater-failure",
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("link-down HX", "link-down: no PLC named 'HX' is served; there is HT"),
        ("heater-failure HE-9", "heater-failure: no unit named 'HE-9' is served; did you mean HE-"),
        ("drift HE-1.TT", "drift: no tag named 'HE-1.TT' is served; did you mean HE-1.T?"),
        ("local-takeover HE-1", "local-takeover: no slot named 'HE-1' is served; did you mean HE-1.PH?"),
        ("argon-loss", "argon-loss: no unit named 'AR-003' is served; there is HE-1, HE-2, HE-3"),
        ("web-break HE-1", "unit HE-1 knows no fault web-break; it knows cooling-failure, heater-failure"),
        ("link-down HT at=5s", "link-down: at = 5 s is over; process time is 20 s"),
        ("heater-failure HE-2 at=30s", "heater-failure HE-2 is there already: fault 1, until it is cleared"),
        ("heater-failure HE-3 at=45s for=9h", "heater-failure HE-3 is there already: fault 2, until 50 s"),
    ],
)
def test_a_fault_that_cannot_be_is_refused(line: str, told: str) -> None:
    cell, _ = new_cell()
    cell.advance(20)
    begin(cell, "heater-failure HE-2")
    begin(cell, "heater-failure HE-3 at=40s for=10s")
    with pytest.raises(ValueError, match=re.escape(told)):
        begin(cell, line)
    assert len(cell.faults) == 2


def test_a_fault_that_is_not_there_cannot_be_cleared() -> None:
    cell, _ = new_cell()
    with pytest.raises(LookupError, match="there is no fault 3; there are none"):
        cell.clear_fault(3)
    begin(cell, "link-down HT")
    with pytest.raises(LookupError, match="there is no fault 3; there are 1"):
        cell.clear_fault(3)
