"""Making a sulfide in a solvent and taking the solvent off: rates, boiling points, and what stays still."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plc_sim.physics.dissolving import (
    ETHYL_ALCOHOL,
    TETRAHYDROFURAN,
    XYLENE,
    Liquid,
    boiled_off_g_s,
    converted,
)


@pytest.mark.parametrize(
    ("liquid", "pressure_mbar", "degc"),
    [(TETRAHYDROFURAN, 1013.25, 66.0), (ETHYL_ALCOHOL, 1013.25, 78.3), (XYLENE, 1013.25, 138.5)],
)
def test_a_solvent_boils_where_the_tables_say(liquid: Liquid, pressure_mbar: float, degc: float) -> None:
    assert liquid.boils_degc(pressure_mbar) == pytest.approx(degc, abs=1.0)


def test_at_60_degc_and_200_mbar_both_solvents_of_the_liquid_route_boil() -> None:
    for liquid in (TETRAHYDROFURAN, ETHYL_ALCOHOL):
        assert boiled_off_g_s(liquid, jacket_degc=60.0, pressure_mbar=200.0, share=0.9) > 1.0
        assert boiled_off_g_s(liquid, jacket_degc=60.0, pressure_mbar=1000.0, share=0.9) == 0.0


def test_a_nearly_dry_cake_gives_its_solvent_off_slowly() -> None:
    wet, damp = (
        boiled_off_g_s(ETHYL_ALCOHOL, jacket_degc=60.0, pressure_mbar=200.0, share=share) for share in (0.5, 0.15)
    )
    assert damp == pytest.approx(0.5 * wet)


@given(
    before=st.floats(0.0, 1.0),
    first_s=st.floats(0.0, 1e5),
    then_s=st.floats(0.0, 1e5),
    degc=st.floats(5.0, 60.0),
    ethanol=st.booleans(),
)
def test_two_short_stirrings_do_what_one_long_one_does(
    before: float, first_s: float, then_s: float, degc: float, ethanol: bool
) -> None:
    def stirred(share: float, seconds: float) -> float:
        return converted(share, seconds, degc=degc, speed_rpm=200.0, ethanol=ethanol)

    assert stirred(stirred(before, first_s), then_s) == pytest.approx(stirred(before, first_s + then_s), abs=1e-9)


def test_a_day_at_room_temperature_converts_the_suspension_and_standing_still_converts_nothing() -> None:
    day = converted(0.0, 86_400.0, degc=25.0, speed_rpm=200.0, ethanol=False)
    assert day == pytest.approx(0.98, abs=0.01)
    assert converted(0.0, 86_400.0, degc=50.0, speed_rpm=200.0, ethanol=False) > day
    assert converted(0.3, 86_400.0, degc=25.0, speed_rpm=0.0, ethanol=True) == pytest.approx(0.3)
