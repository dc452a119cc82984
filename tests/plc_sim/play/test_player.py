"""Plays on a running PLC: steps in their order, lines side by side, commands at their times, and what goes wrong."""

from __future__ import annotations

from pathlib import Path

from plc_sim.faults.order import order_from_line
from plc_sim.states import PhaseState
from tests.plc_sim.play.stage import HeaterStage, Stage, whole_plant

HEAT = '{ phase = "HEAT", on = "HE-1.PH", target = 300 }'
"""Takes 280 s of heating, 1 K a second."""


def line(steps: str, rounds: int = 1, name: str = "one") -> str:
    return f'[[line]]\nname = "{name}"\nrounds = {rounds}\nsteps = [{steps}]\n'


def command(at: str, do: str, more: str = "") -> str:
    return f'[[command]]\nat = "{at}"\ndo = "{do}"\non = "HE-1.PH"\n{more}\n'


def test_phases_of_a_line_come_one_after_the_other_through_the_command_block(tmp_path: Path) -> None:
    stage = HeaterStage(tmp_path, line(f'{HEAT}, {{ phase = "COOL", on = "HE-1.PH" }}', rounds=2))
    stage.go(20)
    assert stage.shown("HE-1.PH.State") == PhaseState.RUNNING
    assert stage.shown("HE-1.PH.SpAct1") == 300.0
    assert stage.now() == "0 rounds, 0 broken off, round 1, step 1: HEAT on HE-1.PH"
    stage.go(900)
    assert stage.heaters["HE-1"].calls == [
        *("start HEAT 1", "end", "start COOL 2", "end"),
        *("start HEAT 3", "end", "start COOL 4", "end"),
    ]
    assert (stage.now(), stage.completed) == ("2 rounds, 0 broken off, over", 4)
    assert stage.shown("HE-1.PH.LastExec") == 4
    assert stage.mishaps == []


def test_lines_go_on_side_by_side_and_a_slot_takes_one_start_at_a_time(tmp_path: Path) -> None:
    other = '{ phase = "HEAT", on = "HE-2.PH" }'
    stage = HeaterStage(tmp_path, line(HEAT) + line(HEAT, name="two") + line(other, name="three"))
    stage.go(60)
    assert stage.shown("HE-1.PH.State") == stage.shown("HE-2.PH.State") == PhaseState.RUNNING
    assert stage.now(1) == "0 rounds, 0 broken off, round 1, step 1: HEAT on HE-1.PH"
    stage.go(600)
    assert [stage.now(n) for n in range(3)] == ["1 rounds, 0 broken off, over"] * 3


def test_a_wait_takes_its_time(tmp_path: Path) -> None:
    stage = HeaterStage(tmp_path, line('{ wait = "95s" }, { wait = "1h" }'))
    assert stage.go(90).now().endswith("step 1: wait 95 s")
    assert stage.go(10).now().endswith("step 2: wait 3600 s")


def test_an_ordered_hold_lasts_until_the_order_to_restart(tmp_path: Path) -> None:
    stage = HeaterStage(tmp_path, line(HEAT) + command("100s", "hold") + command("1h", "restart"))
    stage.go(3590)
    assert stage.shown("HE-1.PH.State") == PhaseState.HELD
    stage.go(600)
    assert (stage.now(), stage.completed, stage.mishaps) == ("1 rounds, 0 broken off, over", 1, [])


def test_an_update_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    stage = HeaterStage(tmp_path, line(HEAT) + command("50s", "update", "ramp = 600"))
    stage.go(70)
    assert stage.shown("HE-1.PH.SpAct1") == 300.0
    assert stage.shown("HE-1.PH.SpAct2") == 600.0
    assert stage.go(80).completed == 1


def test_a_stop_ends_the_round_and_the_next_one_begins(tmp_path: Path) -> None:
    stage = HeaterStage(tmp_path, line(f'{HEAT}, {{ wait = "1h" }}', rounds=2) + command("100s", "stop"))
    stage.go(200)
    assert stage.mishaps == ["140 s, line one, round 1, step 1: HEAT on HE-1.PH: stopped"]
    assert stage.now() == "1 rounds, 1 broken off, round 2, step 1: HEAT on HE-1.PH"


def test_a_phase_that_holds_itself_is_restarted_three_times_and_then_aborted(tmp_path: Path) -> None:
    stage = HeaterStage(tmp_path, line(HEAT))
    stage.go(50)
    stage.heaters["HE-1"].fault = 20
    stage.go(4 * 600 + 200)
    assert stage.heaters["HE-1"].calls == ["start HEAT 1", "resume", "resume", "resume", "end"]
    assert len(stage.mishaps) == 1
    assert stage.mishaps[0].endswith("HEAT on HE-1.PH: aborted after HEATER_FAULT")


def test_a_phase_that_an_interlock_holds_goes_on_once_that_lets_go(tmp_path: Path) -> None:
    text = line(HEAT) + '[[command]]\nat = "200s"\nreset = "DOOR_OPEN"\non = "HE-1"\n'
    stage = HeaterStage(tmp_path, text)
    stage.go(50)
    stage.heaters["HE-1"].latched = True
    stage.go(300)
    assert stage.shown("HE-1.PH.State") == PhaseState.HELD
    stage.go(800)
    assert (stage.completed, stage.mishaps) == (1, [])


def test_a_start_waits_while_the_slot_does_not_allow_it(tmp_path: Path) -> None:
    stage = HeaterStage(tmp_path, line(HEAT))
    stage.heaters["HE-1"].door_open = True
    stage.cell.advance(1)
    stage.go(600)
    assert stage.shown("HE-1.PH.State") == PhaseState.IDLE
    stage.heaters["HE-1"].door_open = False
    stage.go(400)
    assert (stage.completed, stage.mishaps) == (1, [])


def test_a_start_that_the_plc_refuses_for_its_parameters_ends_the_round(tmp_path: Path) -> None:
    stage = HeaterStage(tmp_path, line('{ phase = "HEAT", on = "HE-1.PH", target = 666 }'))
    stage.go(50)
    assert stage.mishaps == [
        "10 s, line one, round 1, step 1: HEAT on HE-1.PH: the start is refused: bad exec or parameter"
    ]


def test_a_plc_that_starts_anew_has_lost_the_phase_and_takes_the_next_one(tmp_path: Path) -> None:
    stage = HeaterStage(tmp_path, line(HEAT, rounds=2))
    stage.cell.add_fault(order_from_line("plc-stop HT at=50s for=100s"))
    stage.go(140)
    assert stage.now() == "0 rounds, 0 broken off, round 1, step 1: HEAT on HE-1.PH"
    stage.go(400)
    assert stage.mishaps == ["150 s, line one, round 1, step 1: HEAT on HE-1.PH: the PLC has lost it"]
    assert stage.completed == 1


def test_a_start_that_meets_a_restart_of_the_plc_is_given_again(tmp_path: Path) -> None:
    stage = HeaterStage(tmp_path, line(f'{{ wait = "50s" }}, {HEAT}'))
    stage.cell.add_fault(order_from_line("plc-restart HT at=50s"))
    stage.go(500)
    assert (stage.completed, stage.mishaps) == (1, [])


def test_a_slot_in_local_keeps_its_end_until_it_is_automatic_again(tmp_path: Path) -> None:
    stage = HeaterStage(tmp_path, line(HEAT))
    stage.cell.add_fault(order_from_line("local-takeover HE-1.PH at=100s for=900s"))
    stage.go(900)
    assert stage.shown("HE-1.PH.State") == PhaseState.COMPLETE
    stage.go(150)
    assert (stage.completed, stage.now()) == (1, "1 rounds, 0 broken off, over")


def test_commands_that_make_no_sense_are_told_and_do_no_harm(tmp_path: Path) -> None:
    text = line('{ phase = "COOL", on = "HE-1.PH" }')
    text += command("5min", "hold") + command("5min", "update", "target = 30") + command("6min", "restart")
    text += '[[command]]\nat = "6min"\nreset = "DOOR"\non = "HE-1"\n'
    stage = HeaterStage(tmp_path, text).go(600)
    assert stage.mishaps == [
        "310 s, hold of HE-1.PH at 300 s: refused, not in this state",
        "310 s, update of HE-1.PH at 300 s: nothing runs",
        "360 s, reset of DOOR on HE-1: no interlock DOOR to reset here; there is DOOR_OPEN",
        "370 s, restart of HE-1.PH at 360 s: refused, not in this state",
    ]


def test_steps_with_material_need_a_plant_that_follows_it(tmp_path: Path) -> None:
    stage = HeaterStage(tmp_path, line('{ receive = "L", material = "Li2S", amount = 1 }')).go(10)
    assert stage.mishaps == ["0 s, line one, round 1, step 1: receive L: this plant does not follow its material"]


POWDER = '{ receive = "PW", material = "Li6PS5Cl powder", amount = 5 }'
SIEVED = '{ bring = "PW", to = "SV-402" }, { phase = "SIEVE", on = "SV-402.PH" }, { take = "SI", from = "SV-402" }'


def material_stage(folder: Path, text: str) -> Stage:
    return Stage(folder, text, *whole_plant(1, plcs=("SY",)))


def test_a_container_is_brought_as_soon_as_another_line_has_made_it(tmp_path: Path) -> None:
    text = line('{ bring = "SI", to = "VD-403" }') + line(f"{POWDER}, {SIEVED}", name="two")
    stage = material_stage(tmp_path, text).go(60)
    assert stage.now() == "0 rounds, 0 broken off, round 1, step 1: bring SI to VD-403"
    stage.go(3 * 3600)
    assert [stage.now(n) for n in (0, 1)] == ["1 rounds, 0 broken off, over"] * 2


def test_nobody_waits_for_a_container_whose_making_was_broken_off(tmp_path: Path) -> None:
    wrong = '{ bring = "PW", to = "PK-501" }, { bring = "PW", to = "SV-402" }, { take = "SI", from = "SV-402" }'
    stage = material_stage(tmp_path, line('{ bring = "SI", to = "VD-403" }') + line(f"{POWDER}, {wrong}", name="two"))
    stage.go(20)
    assert stage.mishaps == [
        "0 s, line two, round 1, step 3: bring PW to SV-402: container PW is empty",
        "10 s, line one, round 1, step 1: bring SI to VD-403: there will be no container SI",
    ]


def test_what_was_brought_to_a_station_is_used_there(tmp_path: Path) -> None:
    weigh = '{ receive = "LS", material = "Li2S", amount = 50 }, { bring = "LS", to = "WS-111" }'
    stage = material_stage(tmp_path, line(weigh + ', { phase = "WEIGH", on = "WS-111.PH", target = 20 }'))
    stage.go(3600)
    assert stage.completed == 1
    (lot,) = stage.player.floor.material.lots() if stage.player.floor.material is not None else ()
    assert abs(float(str(lot["drawn"])) - 20.0) < 0.2
