"""The figures of the validation page: published points on the curves of the models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plc_sim.physics.calendering import porosity_after
from plc_sim.physics.conduction import conductivity_of_porous
from plc_sim.physics.drying import CRITICAL_SHARE, constant_flux_g_m2s, drying_s, remaining_g_m2
from plc_sim.physics.hydrolysis import Exposure, water_ppm
from plc_sim.physics.lot_quality import MILLED
from plc_sim.validation.chart import Axis, Series, draw
from plc_sim.validation.judgement import Judged
from plc_sim.validation.simulated import (
    FILM_DRY_SHARE,
    FILM_GAS_DEGC,
    FILM_SOLVENT_G_M2,
    FIT_DEGC,
    PRESSED_MPA,
    arrhenius,
    made_ms_cm,
    pressed_ms_cm,
)

BLUE, GREEN, ORANGE, GREY, RED = "#1f5fa8", "#2a8a4a", "#d07a1c", "#808080", "#b03030"
ROLE_COLOURS: Mapping[str, str] = {"calibration": GREY, "fit": BLUE, "trend": ORANGE, "hold-out": GREEN}
"""In the order in which they are drawn."""

NAMED_ROLES = ("trend", "hold-out")


def figures(judged: Sequence[Judged]) -> dict[str, str]:
    """Give every figure: file name -> SVG text."""
    rows = {row.anchor.id: row.anchor.published for row in judged}
    return {
        "validation-parity.svg": _parity(judged),
        "validation-temperature.svg": _temperature(rows),
        "validation-porosity.svg": _porosity(rows),
        "validation-pressing.svg": _pressing(rows),
        "validation-annealing.svg": _annealing(rows),
        "validation-exposure.svg": _exposure(rows),
        "validation-drying.svg": _drying(),
        "validation-calender.svg": _calender(),
    }


def _parity(judged: Sequence[Judged]) -> str:
    shown = [row for row in judged if row.anchor.unit == "mS/cm" and row.simulated is not None]
    series = [
        Series(label="simulated = published", points=((0.1, 0.1), (30.0, 30.0)), colour=GREY, dashed=True),
        *(
            Series(
                label=role,
                points=[(row.anchor.published, row.simulated or 0.0) for row in shown if row.anchor.role == role],
                names=[row.anchor.id for row in shown if row.anchor.role == role] if role in NAMED_ROLES else (),
                colour=colour,
                dots=True,
            )
            for role, colour in ROLE_COLOURS.items()
        ),
    ]
    x = Axis(label="published conductivity, mS/cm", low=0.1, high=30.0, logarithmic=True)
    y = Axis(label="simulated conductivity, mS/cm", low=0.1, high=30.0, logarithmic=True)
    return draw("Conductivities, published and simulated", x, y, series)


def _temperature(rows: Mapping[str, float]) -> str:
    line = arrhenius(rows)
    return draw(
        "M9: conductivity over temperature",
        Axis(label="temperature, °C", low=0.0, high=160.0),
        Axis(label="conductivity, mS/cm", low=0.1, high=50.0, logarithmic=True),
        [
            Series(
                label=f"fit, {line.activation_ev:.3f} eV",
                points=[(degc, line.at(degc)) for degc in _steps(0.0, 160.0, 40)],
                colour=BLUE,
            ),
            Series(
                label="published (A3)",
                points=[(degc, rows[row_id]) for row_id, degc in FIT_DEGC.items()],
                names=list(FIT_DEGC),
                colour=BLUE,
                dots=True,
            ),
        ],
    )


def _porosity(rows: Mapping[str, float]) -> str:
    return draw(
        "M8: conductivity over porosity",
        Axis(label="porosity", low=0.0, high=0.5),
        Axis(label="conductivity, mS/cm", low=0.0, high=2.5),
        [
            Series(
                label="model",
                points=[(pores, conductivity_of_porous(pores)) for pores in _steps(0.0, 0.5, 50)],
                colour=BLUE,
            ),
            Series(
                label="published, calibration (B1)",
                points=[(0.17, rows["B1a"]), (0.08, rows["B1b"])],
                names=["B1a", "B1b"],
                colour=GREY,
                dots=True,
            ),
        ],
    )


def _pressing(rows: Mapping[str, float]) -> str:
    return draw(
        "M16 and M8: conductivity over pressing pressure",
        Axis(label="pressure, MPa", low=0.0, high=700.0),
        Axis(label="conductivity, mS/cm", low=0.0, high=2.0),
        [
            Series(
                label="model, level from B2a",
                points=[(pressure, pressed_ms_cm(pressure, rows)) for pressure in _steps(0.0, 700.0, 50)],
                colour=BLUE,
            ),
            Series(
                label="published, calibration",
                points=[(PRESSED_MPA["B2a"], rows["B2a"])],
                names=["B2a"],
                colour=GREY,
                dots=True,
            ),
            Series(
                label="published, held out",
                points=[(PRESSED_MPA["B2b"], rows["B2b"])],
                names=["B2b"],
                colour=GREEN,
                dots=True,
            ),
        ],
    )


def _annealing(rows: Mapping[str, float]) -> str:
    degrees = _steps(150.0, 700.0, 110)
    return draw(
        "M4 and M5: conductivity after a soak of 5 h",
        Axis(label="soak temperature, °C", low=150.0, high=700.0),
        Axis(label="conductivity, mS/cm", low=0.0, high=3.5),
        [
            Series(
                label="milled route, measured at 30 °C",
                points=[(degc, made_ms_cm(soak_degc=degc, soak_h=5.0, route=MILLED, degc=30.0)) for degc in degrees],
                colour=BLUE,
            ),
            Series(
                label="solution route",
                points=[(degc, made_ms_cm(soak_degc=degc, soak_h=5.0)) for degc in degrees],
                colour=RED,
            ),
            Series(
                label="published, calibration",
                points=[(550.0, rows["A1"]), (550.0, rows["A4"]), (180.0, rows["A4b"])],
                names=["A1", "A4", "A4b"],
                colour=GREY,
                dots=True,
            ),
            Series(
                label="published, trend",
                points=[(550.0, rows["A2"]), (180.0, rows["A5a"]), (400.0, rows["A5b"])],
                names=["A2", "A5a", "A5b"],
                colour=ORANGE,
                dots=True,
            ),
        ],
    )


def _exposure(rows: Mapping[str, float]) -> str:
    def kept(dew_point: float, minutes: float) -> float:
        exposure = Exposure()
        exposure.step(60.0 * minutes, water_ppm(dew_point))
        return exposure.kept

    minutes = _steps(0.0, 60.0, 60)
    curves = [
        Series(
            label=f"dew point {dew_point:.0f} °C",
            points=[(minute, kept(dew_point, minute)) for minute in minutes],
            colour=colour,
        )
        for dew_point, colour in ((-60.0, GREEN), (-50.0, BLUE), (-40.0, ORANGE), (-30.0, RED))
    ]
    point = Series(
        label="published, -40 °C",
        points=[(30.0, rows["C1b"])],
        names=["C1b"],
        colour=GREY,
        dots=True,
    )
    return draw(
        "M17: conductivity kept by open powder",
        Axis(label="minutes open", low=0.0, high=60.0),
        Axis(label="share of conductivity kept", low=0.0, high=1.0),
        [*curves, point],
    )


def _drying() -> str:
    def left(gas_degc: float, seconds: float) -> float:
        critical = CRITICAL_SHARE * FILM_SOLVENT_G_M2
        flux = constant_flux_g_m2s(gas_degc)
        return remaining_g_m2(FILM_SOLVENT_G_M2, critical, flux, seconds) / FILM_SOLVENT_G_M2

    seconds = _steps(0.0, 40.0, 80)
    curves = [
        Series(
            label=f"gas at {gas_degc:.0f} °C",
            points=[(second, left(gas_degc, second)) for second in seconds],
            colour=colour,
        )
        for gas_degc, colour in ((50.0, GREEN), (80.0, BLUE), (110.0, RED))
    ]
    flux = constant_flux_g_m2s(FILM_GAS_DEGC)
    marks = Series(
        label="80 °C: 90 % gone; dry (500 ppm)",
        points=[
            (drying_s(0.1, FILM_SOLVENT_G_M2, flux), 0.1),
            (drying_s(FILM_DRY_SHARE, FILM_SOLVENT_G_M2, flux), FILM_DRY_SHARE),
        ],
        colour=BLUE,
        dots=True,
    )
    return draw(
        "M13: toluene left in a film of 30 µm (no published points)",
        Axis(label="time in the dryer, s", low=0.0, high=40.0),
        Axis(label="share of the solvent left", low=0.0, high=1.0),
        [*curves, marks],
    )


def _calender() -> str:
    loads = _steps(0.0, 800.0, 80)
    return draw(
        "M15: porosity behind the calender (design defaults, no published points)",
        Axis(label="line force, N/mm", low=0.0, high=800.0),
        Axis(label="porosity", low=0.0, high=0.5),
        [
            Series(
                label=f"rolls at {degc:.0f} °C",
                points=[(load, porosity_after(load, degc)) for load in loads],
                colour=colour,
            )
            for degc, colour in ((20.0, BLUE), (80.0, RED))
        ],
    )


def _steps(low: float, high: float, count: int) -> list[float]:
    return [low + (high - low) * number / count for number in range(count + 1)]
