"""A model asked for what it does not hold for says so and names the argument."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from plc_sim.physics.conduction import (
    LPSCL_PRESS,
    area_resistance_ohm_cm2,
    binder_factor,
    conductivity_of_porous,
    fit_arrhenius,
    press_through,
)
from plc_sim.physics.drying import DryerZone, dry_web, drying_s, wet_bulb_degc
from plc_sim.physics.first_order import DeadTime, Lag
from plc_sim.physics.gauges import absorption_cm2_g
from plc_sim.physics.heat import kiln_residence_min
from plc_sim.physics.hydrolysis import dew_point_degc
from plc_sim.physics.lot_quality import film_conductivity_ms_cm, powder_conductivity_ms_cm
from plc_sim.physics.milling import conductivity_after_milling
from plc_sim.physics.ranges import within
from plc_sim.physics.reaction import annealed
from plc_sim.physics.rooms import MixedVolume, steady_ppm
from plc_sim.physics.slurry import SLURRY, relative_viscosity

NAN = math.nan


@pytest.mark.parametrize(
    ("ask", "named"),
    [
        (lambda: conductivity_of_porous(NAN), "porosity nan"),
        (lambda: conductivity_of_porous(1.1), "porosity 1.1 must be from 0 to 1"),
        (lambda: binder_factor(-0.1), "binder_fraction -0.1"),
        (lambda: LPSCL_PRESS.porosity(750.0), "pressure_mpa 750 must be from 0 to 700"),
        (lambda: press_through(1.0), "before_density 1"),
        (lambda: fit_arrhenius([(25.0, 1.0), (25.0, 2.0)]), "two temperatures"),
        (lambda: area_resistance_ohm_cm2(25.0, NAN), "conductivity nan"),
        (lambda: powder_conductivity_ms_cm(crystallised=NAN), "crystallised nan"),
        (lambda: powder_conductivity_ms_cm(crystallised=1.0, phase_kept=2.0), "phase_kept 2"),
        (
            lambda: powder_conductivity_ms_cm(crystallised=1.0, after_anneal_kwh_kg=-1.0),
            "energy_after_anneal_kwh_kg -1",
        ),
        (lambda: powder_conductivity_ms_cm(crystallised=1.0, quality=-1.0), "quality -1 must be 0 or more"),
        (lambda: powder_conductivity_ms_cm(crystallised=1.0, degc=500.0), "degc 500"),
        (lambda: film_conductivity_ms_cm(2.0, porosity=NAN), "porosity nan"),
        (lambda: conductivity_after_milling(NAN), "energy_after_anneal_kwh_kg nan"),
        (lambda: annealed(550.0, -1.0).crystallised, "duration_s -1"),
        (lambda: wet_bulb_degc(300.0), "gas_degc 300"),
        (lambda: drying_s(0.0, 46.0, 4.0), "left_share 0"),
        (lambda: dry_web([DryerZone(gas_degc=80.0)], 1.0, -1.0, 40.0).residual_ppm, "load_g_m2 -1"),
        (lambda: dry_web([DryerZone(gas_degc=80.0)], NAN, 40.0, 40.0).residual_ppm, "speed nan"),
        (lambda: Lag(NAN, 1.0).value, "tau_s nan"),
        (lambda: DeadTime(NAN, 1.0).step(1.0), "delay_s nan"),
        (lambda: absorption_cm2_g(0.0), "largest_mev 0"),
        (lambda: kiln_residence_min(slope_deg=NAN, speed_rpm=1.0), "slope nan"),
        (lambda: dew_point_degc(NAN), "water nan"),
        (lambda: MixedVolume(0.0).concentration, "volume_m3 0"),
        (lambda: steady_ppm(1.0, 100.0, NAN), "nan air changes"),
        (lambda: relative_viscosity(NAN), "solid volume fraction nan"),
        (lambda: SLURRY.viscosity_pa_s(NAN), "shear rate nan"),
    ],
)
def test_what_a_model_does_not_hold_for_is_refused_by_name(ask: Callable[[], float], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        ask()


def test_rounding_is_no_offence() -> None:
    assert within("share", 1.0 + 1e-12, 0.0, 1.0) == pytest.approx(1.0)
    assert conductivity_of_porous(1.0 + 1e-12) == 0.0
