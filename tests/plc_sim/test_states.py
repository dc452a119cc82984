"""The PLC state table, every (state, command), against a table drawn by hand."""

from __future__ import annotations

import pytest

from plc_sim.states import (
    BLOCKED_BY_INTERLOCK,
    COMING_TO_REST,
    COMMANDED,
    FOLLOWING,
    PhaseCommand,
    PhaseState,
    enabled,
)

COMMANDS = (1, 2, 3, 4, 5, 6, 7, 8, 11)
# One row a state, one column a command in the order above; the number is the state it leads to, "." refuses.
DRAWN = {
    2: "15  .  .  .  .  .  .  .  .",
    3: " .  .  7 10  .  .  .  8  .",
    4: " .  3  .  .  .  .  .  .  .",
    5: " .  .  7 10  .  . 14  8  .",
    6: " .  .  7 10  . 13  .  8  6",
    7: " .  .  .  .  .  .  .  8  .",
    8: " .  .  .  .  .  .  .  .  .",
    9: "15  .  .  .  .  .  .  .  .",
    10: " .  .  7  .  .  .  .  8  .",
    11: " .  .  7  . 12  .  .  8  .",
    12: " .  .  7 10  .  .  .  8  .",
    13: " .  .  7 10  .  .  .  8  .",
    14: " .  .  7 10  .  .  .  8  .",
    15: " .  .  .  .  .  .  .  .  .",
    16: " .  .  .  .  .  .  .  .  .",
    17: "15  .  .  .  .  .  .  .  .",
}
CELLS = [
    (state, command, cell) for state, row in DRAWN.items() for command, cell in zip(COMMANDS, row.split(), strict=True)
]


def test_every_state_number_has_its_row() -> None:
    assert {state.value for state in PhaseState} == set(DRAWN) == set(range(2, 18))
    assert {command.value for command in PhaseCommand} == set(COMMANDS)
    assert set(COMMANDED) == set(PhaseState)


@pytest.mark.parametrize(("state", "command", "cell"), CELLS)
def test_a_command_leads_where_the_drawn_table_says(state: int, command: int, cell: str) -> None:
    expected = None if cell == "." else int(cell)
    assert COMMANDED[PhaseState(state)].get(PhaseCommand(command)) == expected


@pytest.mark.parametrize("state", PhaseState)
def test_cmd_en_shows_exactly_the_legal_commands(state: PhaseState) -> None:
    word = enabled(state, interlocked=False, mes_is_source=True)
    assert {n for n in range(16) if word >> n & 1} == set(COMMANDED[state])


@pytest.mark.parametrize("state", PhaseState)
def test_an_interlock_takes_away_what_sets_equipment_going(state: PhaseState) -> None:
    word = enabled(state, interlocked=True, mes_is_source=True)
    assert {n for n in range(16) if word >> n & 1} == set(COMMANDED[state]) - BLOCKED_BY_INTERLOCK


@pytest.mark.parametrize("state", PhaseState)
def test_nothing_is_enabled_for_a_mes_that_is_not_the_source(state: PhaseState) -> None:
    assert enabled(state, interlocked=False, mes_is_source=False) == 0


def test_acting_states_end_by_themselves_and_the_others_stay() -> None:
    acting = {state.value for state in FOLLOWING}
    assert acting == {3, 7, 8, 10, 12, 13, 14, 15, 16}
    assert set(FOLLOWING) >= COMING_TO_REST
    assert not {state.value for state in FOLLOWING.values()} & acting
