"""Heated two-roll calender (PROCESS M15): its rolls, nip and interlock, and the gauge behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from plc_sim.physics.calendering import nip_thickness_um
from plc_sim.physics.gauges import GAUGE
from plc_sim.plant import TICK_S
from plc_sim.units.instruments import Jitter
from plc_sim.units.latch import Latch, Reset, holding, release
from plc_sim.units.site import NONE
from plc_sim.units.unit import Unit

ROOM_DEGC = 22.0
ROLL_TAU_S = 8.0 * 60.0
OPEN_UM, CARRIER_UM = 200.0, 50.0
FORCE_TRIP_N_MM, ROLL_TRIP_DEGC = 900.0, 120.0
RUNAWAY_TAU_S = 3.0
NIP_CLEAR_S = 5.0
GAUGE_SPREAD = GAUGE.noise_at_1_s * 3.0**0.5
"""Half width of even noise with the standard deviation of the gauge in 1 s, as a part of the reading."""
FAULTS = frozenset({"guard-open", "heater-failure", "nip-force-runaway"})


@dataclass(slots=True)
class GaugedFilm:
    """The film under the gauge behind the calender: areal mass (mg/cm2) and thickness (um), zero without one."""

    areal_mg_cm2: float = 0.0
    thickness_um: float = 0.0


class Rolls:
    """Line force (N/mm), roll temperature (degC), gap (um) and speed (m/min) of the calender, and the film in it.

    I15 opens the nip above 900 N/mm or 120 degC and while its guard is open, whatever the phase does.
    """

    def __init__(self, jitter: Jitter) -> None:
        self.jitter = jitter
        self.force_n_mm = 0.0
        self.roll_degc = ROOM_DEGC
        self.roll_target_degc = ROOM_DEGC
        self.gap_um = OPEN_UM
        self.speed_m_min = 0.0
        self.faults: dict[str, float] = {}
        self.nip = Latch("I15_CALENDER_NIP", Reset.KEY, NIP_CLEAR_S)

    def tick(self) -> None:
        """Heat or cool the rolls, and watch the nip."""
        target = self.roll_target_degc if "heater-failure" not in self.faults else ROOM_DEGC
        away = target - self.roll_degc
        if away:
            self.roll_degc += away * (TICK_S / ROLL_TAU_S)
        if self.force_n_mm or self.nip.tripped or self.faults or self.roll_degc > ROLL_TRIP_DEGC:
            over = self.force_n_mm > FORCE_TRIP_N_MM or self.roll_degc > ROLL_TRIP_DEGC
            if self.nip.watch(over or "guard-open" in self.faults):
                self.open_nip()

    def tags(self) -> Mapping[str, float]:
        """Give force, temperature, gap, speed and nip profile."""
        noise = self.jitter.around
        return {
            "LINE_FORCE": self.jitter.within(self.force_n_mm, 2.0, 0.0, 1000.0) if self.force_n_mm else 0.0,
            "T_ROLL": self.jitter.within(self.roll_degc, 0.1, 20.0, 140.0),
            "GAP": noise(self.gap_um, 0.3),
            "SPEED": self.jitter.within(self.speed_m_min, 0.002, 0.0, 10.0) if self.speed_m_min else 0.0,
            "NIP_PROFILE": noise(0.0, 0.4) if self.force_n_mm else 0.0,
        }

    def interlocks(self) -> frozenset[str]:
        """I15: force above 900 N/mm, rolls above 120 degC, or an open guard."""
        return holding((self.nip,)) if self.nip.tripped else NONE

    def disturbances(self) -> frozenset[str]:
        """Rolls without heat, a nip force out of control, a guard that stands open."""
        return FAULTS

    def disturb(self, fault: str, amount: float) -> None:
        """Begin a fault or change its amount."""
        self.faults[fault] = amount

    def recover(self, fault: str) -> None:
        """End a fault."""
        self.faults.pop(fault, None)

    def reset(self, interlock: str, *, key: bool) -> None:
        """Reset at the panel; raises ValueError with the reason when it does not let go."""
        release((self.nip,), interlock, key=key)

    def press(self, force_n_mm: float, speed_m_min: float) -> None:
        """Close the nip to a force and run at a speed."""
        self.speed_m_min = speed_m_min
        runaway = self.faults.get("nip-force-runaway")
        if runaway is None:
            self.force_n_mm = force_n_mm
        else:
            start = self.force_n_mm or force_n_mm
            self.force_n_mm = start + (runaway - start) * (TICK_S / RUNAWAY_TAU_S)

    def gap_for(self, film_um: float) -> None:
        """Set the gap that a film has when it is pressed to a thickness (um): it springs back behind the nip."""
        self.gap_um = CARRIER_UM + nip_thickness_um(film_um)

    def open_nip(self) -> None:
        """Open the nip and stop."""
        self.force_n_mm = self.speed_m_min = 0.0
        self.gap_um = OPEN_UM


class FilmGauge:
    """The gauge behind the calender: the film that passed it last."""

    def __init__(self, film: GaugedFilm, jitter: Jitter) -> None:
        self._film = film
        self.jitter = jitter

    def tick(self) -> None:
        """The gauge has no state of its own."""

    def tags(self) -> Mapping[str, float]:
        """Give areal mass and thickness of the film under the gauge, zero without one."""
        film, within = self._film, self.jitter.within
        if not film.areal_mg_cm2:
            return {"AREAL_MASS": 0.0, "THK": 0.0}
        areal = film.areal_mg_cm2
        return {
            "AREAL_MASS": within(areal, GAUGE_SPREAD * areal, 0.0, 30.0),
            "THK": within(film.thickness_um, 0.1, 0.0, 200.0),
        }

    def interlocks(self) -> frozenset[str]:
        """A gauge holds nothing off."""
        return NONE


def film_gauge(name: str, seed: int, film: GaugedFilm) -> Unit:
    """Build the gauge behind the calender."""
    return Unit(name, seed, FilmGauge(film, Jitter(seed, name)), {})
