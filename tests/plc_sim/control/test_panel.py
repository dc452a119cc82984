"""The panel: local mode, what an operator may start there, and that the MES then may not."""

from __future__ import annotations

import pytest

from plc_sim.cell import Cell
from plc_sim.control.panel import Panel
from tests.plc_sim.heater import Plant, new_plant, running

SLOT = "HE-1.PH"
RUNNING, HELD, STOPPED = 6, 11, 2


def panel_of(plant: Plant) -> Panel:
    return Panel(Cell([plant.plc]))


def started_at_the_panel(plant: Plant, **parameters: float) -> Panel:
    panel = panel_of(plant)
    panel.switch(SLOT, "local")
    panel.press(SLOT, "start", "HEAT", parameters)
    plant.scan_until(RUNNING)
    return panel


def test_a_local_operator_runs_a_phase_without_the_mes() -> None:
    plant = new_plant()
    panel = started_at_the_panel(plant, target=300.0)
    assert (plant.read("ProcAct"), plant.read("ActExec"), plant.read("LastExec")) == (2, 0, 0)
    assert (plant.read("SpAct1"), plant.read("SpAct2")) == (300.0, 60.0)
    assert plant.read("Mode") == 2
    assert plant.read("CmdEn") == 0
    panel.press(SLOT, "hold")
    plant.scan_until(HELD)
    panel.press(SLOT, "restart")
    plant.scan_until(RUNNING)
    panel.press(SLOT, "stop")
    plant.scan_until(STOPPED)


def test_a_run_at_the_panel_is_no_execution_of_the_mes() -> None:
    plant = running(new_plant(), exec_id=7)
    plant.commit(3)
    plant.scan_until(STOPPED)
    plant.commit(1)
    plant.scan_until(4)
    panel = started_at_the_panel(plant)
    assert (plant.read("ActExec"), plant.read("LastExec")) == (0, 7)
    panel.press(SLOT, "abort")
    panel.switch(SLOT, "automatic")
    plant.scan_until(9)
    assert plant.commit(1) == 1
    plant.scan_until(4)
    assert plant.commit(2, ExecId=7) == 6
    assert plant.commit(2, ExecId=8) == 1


def test_a_slot_in_local_refuses_the_mes_and_its_silence() -> None:
    plant = running(new_plant())
    panel_of(plant).switch(SLOT, "local")
    assert plant.commit(4) == 8
    plant.plc.image.write("HT.MesTmo", 1)
    for _ in range(5):
        plant.plc.scan(1.0)
    assert plant.state == RUNNING


def test_back_in_automatic_nothing_starts_again() -> None:
    plant = running(new_plant())
    panel = panel_of(plant)
    panel.switch(SLOT, "local")
    panel.press(SLOT, "hold")
    plant.scan_until(HELD)
    panel.switch(SLOT, "automatic")
    for _ in range(10):
        plant.plc.scan(1.0)
    assert (plant.state, plant.read("Mode")) == (HELD, 9)
    assert plant.commit(5) == 1
    plant.scan_until(RUNNING)


def test_parameters_are_changed_at_the_panel() -> None:
    plant = new_plant()
    panel = started_at_the_panel(plant, target=300.0)
    panel.press(SLOT, "update", parameters={"target": 400.0})
    plant.plc.scan(0.0)
    assert plant.read("SpAct1") == 400.0
    assert plant.heater.calls[-1] == "update"


def test_the_switch_stays_where_it_is_over_a_restart() -> None:
    plant = new_plant()
    panel_of(plant).switch(SLOT, "local")
    plant.plc.power_off()
    plant.plc.power_on()
    assert (plant.read("Mode"), plant.read("AckRes")) == (2, 9)


@pytest.mark.parametrize(
    ("command", "phase", "parameters", "error", "told"),
    [
        ("start", "HEAT", {"target": 666.0}, ValueError, "a parameter is out of its limits, or they make no sense"),
        ("start", "HEAT", {"target": 901.0}, ValueError, "a parameter is out of its limits"),
        ("start", "HEAT", {"target": float("nan")}, ValueError, "a parameter is out of its limits"),
        ("start", "HEAT", {"targt": 100.0}, LookupError, "phase HEAT has no parameter 'targt'; did you mean target?"),
        ("start", "HAET", {}, LookupError, r"slot HE-1\.PH has no phase 'HAET'; did you mean HEAT?"),
        ("begin", "HEAT", {}, LookupError, "there is no command 'begin'"),
        ("hold", "", {}, ValueError, r"slot HE-1\.PH does not hold: it is idle; possible now: start"),
    ],
)
def test_what_cannot_be_is_told(
    command: str, phase: str, parameters: dict[str, float], error: type[Exception], told: str
) -> None:
    plant = new_plant()
    panel = panel_of(plant)
    panel.switch(SLOT, "local")
    with pytest.raises(error, match=told):
        panel.press(SLOT, command, phase, parameters)
    assert plant.heater.calls == []


def test_an_interlock_keeps_the_panel_from_starting_too() -> None:
    plant = new_plant()
    plant.heater.door_open = True
    plant.plc.scan(1.0)
    panel = panel_of(plant)
    panel.switch(SLOT, "local")
    with pytest.raises(ValueError, match="does not start: interlock DOOR_OPEN"):
        panel.press(SLOT, "start", "HEAT")


def test_a_plc_that_does_not_run_has_a_dead_panel() -> None:
    plant = new_plant()
    plant.plc.power_off()
    with pytest.raises(ValueError, match="PLC HT does not run"):
        panel_of(plant).switch(SLOT, "local")
