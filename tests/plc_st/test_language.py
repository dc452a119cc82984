"""The compiler of structured text holds values as a PLC does and refuses what PLC compilers refuse."""

from __future__ import annotations

import math
from typing import Any

import pytest
from lark import UnexpectedInput

from tests.plc_st.compiler import Compiled
from tests.plc_st.units import StError

TYPES = "TYPE ROW : ARRAY [1..3] OF REAL; END_TYPE\n"
COUNTER = """FUNCTION_BLOCK COUNTER
  VAR_INPUT By : UINT; END_VAR
  VAR_IN_OUT Total : UINT; Sums : ROW; END_VAR
  VAR_OUTPUT Calls : UINT; END_VAR
  Calls := Calls + 1; Total := Total + By; Sums[2] := Sums[2] + 0.1;
END_FUNCTION_BLOCK
"""


def scanned(variables: str, statements: str, **values: float) -> Any:
    """Run a program of these variables and statements once, from these values."""
    program = Compiled(f"{TYPES}{COUNTER}PROGRAM Main {variables} {statements} END_PROGRAM").program()
    for name, value in values.items():
        setattr(program, f"v_{name}", value)
    program.scan()
    return program


def test_integers_have_the_width_of_their_type() -> None:
    variables = "VAR a : UINT := 65535; b : UDINT := 4294967295; c : INT := 32767; d : WORD := 16#C000; END_VAR"
    program = scanned(variables, "a := a + 2; b := b * 2; c := c + 1; d := SHL(d, 1);")
    assert (program.v_a, program.v_b, program.v_c, program.v_d) == (1, 4294967294, -32768, 0x8000)


def test_reals_are_rounded_to_single_after_every_operation() -> None:
    program = scanned("VAR a : REAL := 900.0; b : REAL; END_VAR", "a := a + 0.00003; b := 0.1 * 3.0;")
    assert program.v_a == 900.0
    assert program.v_b == 0.30000001192092896


@pytest.mark.parametrize(("value", "inside"), [(0.5, True), (math.nan, False), (math.inf, False), (-math.inf, False)])
def test_nan_and_infinity_are_in_no_limits(value: float, inside: bool) -> None:
    program = scanned("VAR x : REAL; ok : BOOL; END_VAR", "ok := (x >= 0.0) AND (x <= 1.0);", x=value)
    assert program.v_ok is inside


@pytest.mark.parametrize(("above", "shown"), [(1.0, math.inf), (-1.0, -math.inf), (0.0, math.nan)])
def test_a_division_by_zero_gives_what_ieee_754_says(above: float, shown: float) -> None:
    program = scanned("VAR x : REAL; END_VAR", "x := x / 0.0;", x=above)
    assert program.v_x == pytest.approx(shown, nan_ok=True)


def test_names_know_no_capitals_and_comments_count_for_nothing() -> None:
    assert scanned("VAR Value : UINT; END_VAR", "VALUE (* one *) := value + 1; (* two *)").v_value == 1


def test_a_block_keeps_its_values_and_shares_what_it_takes_by_reference() -> None:
    variables = "VAR c : COUNTER; t : UINT := 5; s : ROW; n : UINT; END_VAR"
    program = scanned(variables, "c(By := 2, Total := t, Sums := s); c(Total := t, Sums := s); n := c.Calls;")
    assert (program.v_t, program.v_n) == (9, 2)
    assert program.v_s == [0.0, pytest.approx(0.2), 0.0]


def test_branches_and_loops_do_as_they_say() -> None:
    variables = "VAR i : INT; k : UINT; s : ROW; END_VAR"
    statements = """FOR i := 1 TO 3 DO
      CASE k OF 0, 1: s[i] := 1.0; k := k + 1; 2: k := 9; ELSE k := 0; END_CASE;
    END_FOR;
    IF k = 8 THEN k := 1; ELSIF NOT (k <> 9) THEN k := k MOD 7; ELSE k := 3; END_IF;"""
    program = scanned(variables, statements)
    assert (program.v_s, program.v_k) == ([1.0, 1.0, 0.0], 2)


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("u := u AND 1;", "only BOOL and WORD have bits"),
        ("w := w + 1;", "WORD is not part of this subset"),
        ("u := d;", "UDINT where UINT is needed"),
        ("d := d + u;", "UDINT and UINT do not mix"),
        ("r := 1;", "integer literal where REAL is needed"),
        ("u := 65536;", "integer literal where UINT is needed"),
        ("IF u THEN u := 1; END_IF;", "UINT where BOOL is needed"),
        ("k := 2;", "k cannot be assigned"),
        ("c(By := 1, Total := u);", "sums of c needs a variable"),
        ("c(By := 1, Total := c.Calls, Sums := s);", "total of c needs a variable"),
        ("c(Bye := 1, Total := u, Sums := s);", "c has no input bye"),
        ("nowhere := 1;", "unknown variable nowhere"),
        ("u := NEAR(u);", "unknown function NEAR"),
        ("r := s;", "row where REAL is needed"),
        ("u[1] := 1.0;", "UINT is no array"),
    ],
)
def test_what_a_plc_compiler_refuses_is_refused_with_its_line(statement: str, why: str) -> None:
    variables = "VAR u : UINT; d : UDINT; w : WORD; r : REAL; s : ROW; c : COUNTER; END_VAR"
    variables += " VAR CONSTANT k : UINT := 1; END_VAR"
    with pytest.raises(StError, match=r"^line 8: .*" + why):
        scanned(variables, statement)


@pytest.mark.parametrize("statement", ["u = 1;", "IF u = 1 THEN u := 2;", "step := ;"])
def test_what_is_no_structured_text_is_refused(statement: str) -> None:
    with pytest.raises(UnexpectedInput):
        scanned("VAR u : UINT; END_VAR", statement)


def test_an_index_outside_its_array_stops_the_program() -> None:
    with pytest.raises(IndexError, match=r"index 4 is outside 1\.\.3"):
        scanned("VAR s : ROW; i : INT := 4; END_VAR", "s[i] := 1.0;")
