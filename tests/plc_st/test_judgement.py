"""The state table and the judgement of MES_PHASE, every case, against those of the simulated PLC."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plc_sim.judge import Ack, CommandBlock, Situation, judge
from plc_sim.states import COMMANDED, FOLLOWING, TRIPPED_BY_INTERLOCK, PhaseCommand, PhaseState, enabled
from tests.plc_st.oven import COMPILED, HEAT, LONG, TAG_MAP

next_state = COMPILED.function("MES_NEXT_STATE")
STATES = tuple(PhaseState)
NUMBERS = (*range(13), 65535)
PHASE_CLASS = TAG_MAP.slots[0].phases[HEAT]
BOOT, EPOCH, EXEC, LAST = 4711, 0x0001_FFFF, 7, 7
AT_ONCE = {PhaseState.STARTING, PhaseState.RESTARTING, PhaseState.RESUMING, PhaseState.COMPLETING, PhaseState.RESETTING}


def a_slot(state: PhaseState, **inputs: Any) -> Any:
    """An MES_PHASE in this state, past its power-up, that is never at rest and never done."""
    slot = COMPILED.block("MES_PHASE")
    values = {
        "state": int(state),
        "started": True,
        "bootid": BOOT,
        "epoch": EPOCH,
        "actexec": 0 if state is PhaseState.IDLE else EXEC,
        "lastexec": LAST,
        "procact": 0 if state is PhaseState.IDLE else HEAT,
        "spgood": True,
        "spused": 3,
        "sp": [*LONG, *[0.0] * 13],
        **inputs,
    }
    for name, value in values.items():
        setattr(slot, f"v_{name}", value)
    return slot


def state_judged(state: PhaseState, interlocked: bool) -> PhaseState:
    """The state in which a command is judged: acting states of one scan have been shown and are left first."""
    if interlocked and state in TRIPPED_BY_INTERLOCK:
        return PhaseState.HOLDING
    return FOLLOWING[state] if state in AT_ONCE else state


@pytest.mark.parametrize("state", STATES)
def test_the_table_is_that_of_the_contract(state: PhaseState) -> None:
    for number in NUMBERS:
        known = number in list(PhaseCommand)
        expected = COMMANDED[state].get(PhaseCommand(number), 0) if known else 0
        assert next_state(int(state), number) == expected, number


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("mode", [0, 1, 2])
@pytest.mark.parametrize("interlocks", [0, 2])
def test_cmd_en_and_mode_show_what_is_allowed(state: PhaseState, mode: int, interlocks: int) -> None:
    slot = a_slot(state, modesel=mode, interlocks=interlocks)
    slot.scan()
    allowed = enabled(PhaseState(slot.v_state), interlocked=interlocks != 0, mes_is_source=mode == 0)
    assert slot.v_cmden == allowed
    assert slot.v_mode == (9, 2, 4)[mode] + (16 if interlocks else 0)


@pytest.mark.parametrize("state", STATES)
def test_every_command_in_every_state_is_judged_as_the_simulated_plc_does(state: PhaseState) -> None:
    for number, interlocked, mode in itertools.product(NUMBERS, (False, True), (0, 1)):
        exec_id = 99 if number == PhaseCommand.START else EXEC
        judged = state_judged(state, interlocked)
        expected = expected_answer(judged, number, exec_id, interlocked=interlocked, mode=mode)
        slot = a_slot(state, modesel=mode, interlocks=int(interlocked), **command(number, exec_id))
        changes = int(judged is not state)
        slot.scan()
        assert slot.v_ackres == expected, (number, interlocked, mode)
        assert slot.v_ackseq == 5
        if expected is Ack.ACCEPTED:
            after = COMMANDED[judged][PhaseCommand(number)]
            assert slot.v_state == after
            assert slot.v_statechg == changes + int(after is not judged)
        else:
            assert slot.v_state == judged
            assert slot.v_statechg == changes
            assert slot.v_actexec in (0, EXEC)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("interlocked", [False, True])
def test_the_panel_commands_by_the_same_table_and_starts_nothing(state: PhaseState, interlocked: bool) -> None:
    judged = state_judged(state, interlocked)
    for number in NUMBERS:
        slot = a_slot(state, modesel=1, localcmd=number, interlocks=int(interlocked), failcode=10)
        slot.scan()
        known = number in list(PhaseCommand) and number not in (PhaseCommand.START, PhaseCommand.UPDATE)
        taken = known and not (interlocked and number in (PhaseCommand.RESTART, PhaseCommand.RESUME))
        after = COMMANDED[judged].get(PhaseCommand(number), judged) if taken else judged
        assert slot.v_state == after, number
        if number == PhaseCommand.RESTART and state is not PhaseState.RESETTING:
            assert slot.v_failcode == (0 if after is not judged else 10)


@given(
    state=st.sampled_from([s for s in STATES if s not in AT_ONCE]),
    number=st.sampled_from([PhaseCommand.START, PhaseCommand.UPDATE, PhaseCommand.HOLD, PhaseCommand.RESET]),
    boot=st.sampled_from([BOOT, BOOT + 1, 0]),
    epoch=st.sampled_from([0, EPOCH - 0x10000, EPOCH - 1, EPOCH, EPOCH + 1, 0xFFFF_FFFF]),
    low=st.sampled_from([None, 0, 0xFFFF]),
    exec_id=st.sampled_from([0, EXEC, 99]),
    class_number=st.sampled_from([0, HEAT, 9]),
    mode=st.sampled_from([0, 1]),
    target=st.sampled_from([40.0, 24.9, float("nan")]),
)
def test_refusals_come_in_the_order_of_the_contract(
    state: PhaseState,
    number: PhaseCommand,
    boot: int,
    epoch: int,
    low: int | None,
    exec_id: int,
    class_number: int,
    mode: int,
    target: float,
) -> None:
    words = {"cmdbootid": boot, "cmdepoch": epoch, "cmdepochlo": epoch & 0xFFFF if low is None else low}
    given_class = HEAT if number is PhaseCommand.UPDATE else class_number
    good = given_class == HEAT and target == 40.0
    slot = a_slot(state, modesel=mode, **{**command(number, exec_id), **words, "procreq": class_number, "spgood": good})
    slot.scan()
    block = CommandBlock(
        command=number,
        boot_id=boot,
        epoch_low=words["cmdepochlo"],
        phase_number=class_number,
        epoch=epoch,
        exec_id=exec_id,
        parameters=(target, *LONG[1:], *[0.0] * 13),
    )
    expected = judge(block, situation(state, interlocked=False, mode=mode, known=given_class == HEAT))
    assert slot.v_ackres == expected
    refused_before_epoch = expected in (Ack.WRONG_BOOT, Ack.OLD_EPOCH)
    assert slot.v_epoch == (EPOCH if refused_before_epoch else epoch)


def command(number: int, exec_id: int) -> dict[str, int]:
    return {
        "cmdseq": 5,
        "cmd": number,
        "cmdbootid": BOOT,
        "cmdepochlo": EPOCH & 0xFFFF,
        "cmdepoch": EPOCH,
        "procreq": HEAT,
        "execid": exec_id,
    }


def situation(state: PhaseState, *, interlocked: bool, mode: int, known: bool = True) -> Situation:
    idle = state is PhaseState.IDLE
    return Situation(
        boot_id=BOOT,
        epoch=EPOCH,
        state=state,
        act_exec=0 if idle else EXEC,
        last_exec=LAST,
        interlocked=interlocked,
        is_source=mode == 0,
        phase=PHASE_CLASS if known else None,
        check=lambda phase, sp: True,
    )


def expected_answer(state: PhaseState, number: int, exec_id: int, *, interlocked: bool, mode: int) -> Ack:
    block = CommandBlock(
        command=number,
        boot_id=BOOT,
        epoch_low=EPOCH & 0xFFFF,
        phase_number=HEAT,
        epoch=EPOCH,
        exec_id=exec_id,
        parameters=(*LONG, *[0.0] * 13),
    )
    return judge(block, situation(state, interlocked=interlocked, mode=mode))
