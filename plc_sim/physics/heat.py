"""Furnace zone and its controller (M1), lag of the powder core (M2), residence time in a rotary kiln (M3)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from plc_sim.physics.first_order import DeadTime, Lag

CYLINDER_MODE = 5.783
"""Square of the first zero of the Bessel function J0: slowest mode of heat conduction in a long cylinder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneParameters:
    """One heated zone; all numbers are design defaults.

    `gain_k_pct` steady rise per percent of heater output (K/%), `tau_s` time constant (s), `dead_time_s` from output to
    temperature (s), `coupling` pull of the neighbouring zone (-), `ambient_degc` (degC).
    """

    gain_k_pct: float = 9.5
    tau_s: float = 1200.0
    dead_time_s: float = 90.0
    coupling: float = 0.15
    ambient_degc: float = 25.0


ZONE = ZoneParameters()


class Zone:
    """Temperature (degC) of one furnace zone: first order with dead time and a pull from the neighbour (M1).

    tau dT/dt = K u(t - theta) - (T - T_ambient) + c (T_neighbour - T); u in % (0..100). Steps have the fixed length
    `tick_s` (s) and are exact for inputs that stand still during the step.
    """

    __slots__ = ("_ambient_degc", "_coupling", "_delayed", "_gain", "_share", "_total", "degc")

    def __init__(self, tick_s: float, parameters: ZoneParameters = ZONE) -> None:
        self.degc = self._ambient_degc = parameters.ambient_degc
        self._gain = parameters.gain_k_pct
        self._coupling = parameters.coupling
        self._total = 1.0 + parameters.coupling
        self._share = -math.expm1(-tick_s * self._total / parameters.tau_s)
        self._delayed = DeadTime(parameters.dead_time_s, tick_s)

    def step(self, output_pct: float, neighbour_degc: float) -> float:
        """Heat with `output_pct` for one tick and give the new temperature (degC)."""
        heat = self._gain * self._delayed.step(output_pct)
        target = (heat + self._ambient_degc + self._coupling * neighbour_degc) / self._total
        self.degc += (target - self.degc) * self._share
        return self.degc

    def settle_at(self, degc: float) -> float:
        """Put the zone at a steady temperature; gives the output (%) that keeps it there beside an equal neighbour."""
        output_pct = (degc - self._ambient_degc) / self._gain
        self.degc = degc
        self._delayed.fill(output_pct)
        return output_pct


@dataclass(frozen=True, slots=True, kw_only=True)
class PiTuning:
    """Proportional gain (%/K) and integral time (s) of a temperature controller."""

    gain_pct_k: float
    integral_s: float


def imc_tuning(zone: ZoneParameters = ZONE, closed_loop_s: float = 600.0) -> PiTuning:
    """Tune a PI controller by internal model control: Kc = tau / (K (lambda + theta)), Ti = tau.

    `closed_loop_s` is lambda, the wanted time constant of the closed loop (s, design default 10 min).
    """
    return PiTuning(
        gain_pct_k=zone.tau_s / (zone.gain_k_pct * (closed_loop_s + zone.dead_time_s)), integral_s=zone.tau_s
    )


class PiController:
    """PI controller of a heater, output 0..100 %, whose integral waits while the output is at a stop."""

    __slots__ = ("_gain", "_integral_pct", "_rate", "output_pct")

    def __init__(self, tuning: PiTuning) -> None:
        self._gain = tuning.gain_pct_k
        self._rate = tuning.gain_pct_k / tuning.integral_s
        self._integral_pct = 0.0
        self.output_pct = 0.0

    def step(self, setpoint_degc: float, degc: float, dt_s: float, forward_pct: float = 0.0) -> float:
        """Give the output (%) for this step; `forward_pct` is added before the limits."""
        error = setpoint_degc - degc
        wanted = forward_pct + self._gain * error + self._integral_pct
        self.output_pct = 0.0 if wanted < 0.0 else 100.0 if wanted > 100.0 else wanted
        if wanted == self.output_pct:
            self._integral_pct += self._rate * error * dt_s
        return self.output_pct

    def reset(self) -> None:
        """Forget the integral, as with heaters off."""
        self._integral_pct = self.output_pct = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PowderBed:
    """A long powder bed: half thickness or radius (m), k (W/mK), rho (kg/m3), cp (J/kgK); design defaults.

    The conductivity of argyrodite powders depends on porosity; measured values: 10.1021/acsaem.3c01977 (not used).
    """

    radius_m: float = 0.050
    conductivity_w_mk: float = 0.2
    density_kg_m3: float = 700.0
    heat_capacity_j_kgk: float = 1000.0


BED = PowderBed()


def core_tau_s(bed: PowderBed = BED) -> float:
    """Give the lag of the core behind the wall, s: R^2 / (5.783 a) with a = k / (rho cp) (M2)."""
    diffusivity = bed.conductivity_w_mk / (bed.density_kg_m3 * bed.heat_capacity_j_kgk)
    return bed.radius_m**2 / (CYLINDER_MODE * diffusivity)


def core(degc: float, bed: PowderBed = BED) -> Lag:
    """Build the powder core as a lag behind the temperature of its wall (degC)."""
    return Lag(core_tau_s(bed), degc)


def kiln_residence_min(
    *, slope_deg: float, speed_rpm: float, length_m: float = 3.0, diameter_m: float = 0.25, repose_deg: float = 40.0
) -> float:
    """Give the mean residence time in a rotary kiln, min: 1.77 L sqrt(beta) / (S D N) (M3, Sullivan's rule).

    Slope 0.5..4 deg, speed 0.3..6 rpm. General knowledge; the dimensions are design defaults. No unit of this plant is
    a kiln. Raises ValueError for one that does not slope or does not turn.
    """
    if not (slope_deg > 0.0 and speed_rpm > 0.0):
        raise ValueError(f"kiln: slope {slope_deg:g} deg and speed {speed_rpm:g} rpm must both be above 0")
    return 1.77 * length_m * math.sqrt(repose_deg) / (slope_deg * diameter_m * speed_rpm)
