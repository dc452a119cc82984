"""The numbers of MES-Phase v1 against the one-hot codes of MTP, and what an acknowledgement says."""

from __future__ import annotations

import pytest

from mes.model.phase import ACK_WORDS, COMMAND_NUMBER, PLC_STATE, Acknowledgement, AckResult, PhaseCommand
from mes.model.states import TRANSITIONS, Command

# VDI/VDE/NAMUR 2658-4, StateCur and CommandEn. MTP says execute for running, unholding for restarting.
MTP_STATES = {
    4: "stopped",
    8: "starting",
    16: "idle",
    32: "paused",
    64: "running",
    128: "stopping",
    256: "aborting",
    512: "aborted",
    1024: "holding",
    2048: "held",
    4096: "restarting",
    8192: "pausing",
    16384: "resuming",
    32768: "resetting",
    65536: "completing",
    131072: "complete",
}
MTP_COMMANDS = {
    2: "reset",
    4: "start",
    8: "stop",
    16: "hold",
    32: "restart",
    64: "pause",
    128: "resume",
    256: "abort",
}


def test_a_state_number_is_the_bit_of_the_mtp_state() -> None:
    assert {1 << number: state.value for number, state in PLC_STATE.items()} == MTP_STATES


def test_a_command_number_is_the_bit_of_the_mtp_command() -> None:
    numbers = {command: number for command, number in COMMAND_NUMBER.items() if command is not Command.UPDATE}
    assert {1 << number: command.value for command, number in numbers.items()} == MTP_COMMANDS


def test_every_command_has_a_number_and_update_is_none_of_the_life_table() -> None:
    assert set(COMMAND_NUMBER) == set(Command)
    assert set(PhaseCommand) == set(COMMAND_NUMBER.values())
    assert COMMAND_NUMBER[Command.UPDATE] == 11
    assert Command.UPDATE not in {trigger for trigger, _, _ in TRANSITIONS}


def test_every_answer_of_a_plc_has_words() -> None:
    assert set(ACK_WORDS) == set(AckResult)
    assert all(ACK_WORDS.values())


@pytest.mark.parametrize("result", [*AckResult, None])
def test_only_accepted_and_already_running_are_success(result: AckResult | None) -> None:
    assert Acknowledgement(seq=7, result=result).accepted == (result in {1, 2})
