"""The dry room and its gas detection: water, hydrogen sulfide, oxygen and solvent in the air of the plant."""

from __future__ import annotations

from collections.abc import Mapping

from plc_sim.physics.hydrolysis import dew_point_degc, water_ppm
from plc_sim.physics.rooms import ROOM_M3, MixedVolume
from plc_sim.plant import TICK_S
from plc_sim.units.instruments import Jitter
from plc_sim.units.latch import Latch, Reset, release
from plc_sim.units.site import (
    AIR_CHANGES_1_H,
    GAS_POINTS,
    NONE,
    PEOPLE,
    PERSON_CC_MIN,
    ROOM_WATER_PPM,
    SUPPLY_DEGC,
    Site,
)
from plc_sim.units.unit import Unit

LARGEST_AIR_CHANGES_1_H = 60.0
OVERPRESSURE_PA = 25.0
DAMPER_TAU_S = 60.0
DRY_TRIP_DEGC, DRY_CLEAR_DEGC, DRY_CLEAR_S, LEAST_AIR_CHANGES_1_H = -40.0, -45.0, 900.0, 20.0
NEARNESS = (1.0, 0.8, 0.6, 0.5, 0.4, 0.3)
"""What each detector sees of a leak at the first one."""
DIFFUSION_TAU_S = 30.0
ALARM_PPM, HIGH_PPM, HIGHEST_PPM, ALARM_CLEAR_PPM, ALARM_CLEAR_S = 5.0, 10.0, 20.0, 1.0, 600.0
FRESH_OXYGEN_PCT, OXYGEN_ALARM_PCT, OXYGEN_TRIP_PCT = 20.9, 19.5, 18.0


class DryRoom:
    """Water of supply and room air (ppm), air changes (1/h), overpressure (Pa)."""

    def __init__(self, site: Site, jitter: Jitter) -> None:
        self._site = site
        self.jitter = jitter
        self._supply_ppm = water_ppm(SUPPLY_DEGC)
        self._water = MixedVolume(ROOM_M3, ROOM_WATER_PPM)
        self._air_changes_left = LARGEST_AIR_CHANGES_1_H
        self._warmer_k = 0.0
        self._dry = Latch("I16_DRY_ROOM", clear_s=DRY_CLEAR_S)

    def tick(self) -> None:
        """Dry the room, and bar open powder from a wet one."""
        site = self._site
        wanted = LARGEST_AIR_CHANGES_1_H if "I1_H2S_ALARM" in site.lines else AIR_CHANGES_1_H
        target = min(wanted, self._air_changes_left)
        if target != site.air_changes_1_h:
            site.air_changes_1_h += (target - site.air_changes_1_h) * (TICK_S / DAMPER_TAU_S)
        supply = water_ppm(SUPPLY_DEGC + self._warmer_k) if self._warmer_k else self._supply_ppm
        supplied_cc_min = supply * ROOM_M3 * site.air_changes_1_h / 60.0
        site.room_water_ppm = self._water.step(TICK_S, PERSON_CC_MIN * PEOPLE + supplied_cc_min, site.air_changes_1_h)
        wet = site.room_water_ppm > WET_PPM or site.air_changes_1_h < LEAST_AIR_CHANGES_1_H
        if wet or self._dry.tripped:
            site.raise_line("I16_DRY_ROOM", self._dry.watch(wet, clear=site.room_water_ppm < DRY_PPM))

    def tags(self) -> Mapping[str, float]:
        """Give dew points, air changes, overpressure, temperature and people."""
        noise, within, site = self.jitter.around, self.jitter.within, self._site
        return {
            "DEWPT_SUP": within(SUPPLY_DEGC + self._warmer_k, 0.2, -80.0, 0.0),
            "DEWPT_ROOM": within(dew_point_degc(site.room_water_ppm), 0.3, -80.0, 0.0),
            "ACH": within(site.air_changes_1_h, 0.2, 0.0, 80.0),
            "DP_ROOM": within(OVERPRESSURE_PA * (site.air_changes_1_h / AIR_CHANGES_1_H) ** 0.5, 0.5, 0.0, 60.0),
            "T_ROOM": noise(22.0, 0.1),
            "HEADCOUNT": PEOPLE,
        }

    def interlocks(self) -> frozenset[str]:
        """A room runs no phase to hold off."""
        return NONE

    def disturbances(self) -> frozenset[str]:
        """Give the physical faults that a room knows."""
        return frozenset({"dew-point-rise", "air-change-loss"})

    def disturb(self, fault: str, amount: float) -> None:
        """Supply wetter air (K of dew point), or leave only so many air changes (1/h)."""
        if fault == "dew-point-rise":
            self._warmer_k = amount
        else:
            self._air_changes_left = amount

    def recover(self, fault: str) -> None:
        """Dry the supply, or free the fan."""
        self.disturb(fault, 0.0 if fault == "dew-point-rise" else LARGEST_AIR_CHANGES_1_H)

    def reset(self, interlock: str, *, key: bool) -> None:
        """I16 lets go by itself; asking for it before is refused with the reason."""
        release((self._dry,), interlock, key=key)


WET_PPM, DRY_PPM = water_ppm(DRY_TRIP_DEGC), water_ppm(DRY_CLEAR_DEGC)


class GasDetection:
    """Hydrogen sulfide at six points (ppm), oxygen (vol%) and solvent (%LEL) of the room, and the alarms from them.

    I3 has two levels: below 19.5 % oxygen argon, which may be what displaces the air, is cut off from the area; below
    18 % every unit is held. Both stay until they are reset at the panel, as one interlock.
    """

    def __init__(self, site: Site, jitter: Jitter) -> None:
        self._site = site
        self.jitter = jitter
        self._room = MixedVolume(ROOM_M3)
        self._leak_ppm = 0.0
        self._near_ppm = 0.0
        self._oxygen_pct = FRESH_OXYGEN_PCT
        self._solvent_pct = 0.0
        self._alarm = Latch("I1_H2S_ALARM", Reset.ACK, clear_s=ALARM_CLEAR_S)
        self._evacuate = Latch("I2_H2S_ROOM", Reset.KEY)
        self._isolate = Latch("I3_ROOM_OXYGEN", Reset.ACK)
        self._oxygen = Latch("I3_ROOM_OXYGEN", Reset.ACK)

    def tick(self) -> None:
        """Spread gas over the points and raise the lines of the site."""
        site = self._site
        released, site.given_off_cc = site.given_off_cc, 0.0
        room = self._room.step(TICK_S, released * 60.0 / TICK_S, site.air_changes_1_h)
        self._near_ppm += (self._leak_ppm - self._near_ppm) * (TICK_S / DIFFUSION_TAU_S)
        if self._oxygen_pct != site.room_oxygen_pct:
            site.room_oxygen_pct += (self._oxygen_pct - site.room_oxygen_pct) * (TICK_S / DIFFUSION_TAU_S)
        points = site.hydrogen_sulfide_ppm
        near = self._near_ppm
        if near > 1e-9 or room > 1e-9 or points[0]:
            for index in range(GAS_POINTS):
                points[index] = room + near * NEARNESS[index]
        highest = points[0]
        if highest >= 1.0 or site.room_oxygen_pct < OXYGEN_ALARM_PCT or site.argon_isolated or site.lines:
            self._judge(highest, points)

    def _judge(self, highest: float, points: list[float]) -> None:
        site = self._site
        alarm = self._alarm.watch(highest >= ALARM_PPM, clear=highest < ALARM_CLEAR_PPM)
        several = sum(ppm >= HIGH_PPM for ppm in points) >= 2
        site.raise_line("I1_H2S_ALARM", alarm)
        site.raise_line("I2_H2S_ROOM", self._evacuate.watch(several or highest >= HIGHEST_PPM))
        site.argon_isolated = self._isolate.watch(site.room_oxygen_pct < OXYGEN_ALARM_PCT)
        site.raise_line("I3_ROOM_OXYGEN", self._oxygen.watch(site.room_oxygen_pct < OXYGEN_TRIP_PCT))

    def tags(self) -> Mapping[str, float]:
        """Give every detector."""
        within, site = self.jitter.within, self._site
        points = enumerate(site.hydrogen_sulfide_ppm, start=1)
        shown = {f"H2S_ROOM{n}": within(ppm, 0.02, 0.0, 100.0) for n, ppm in points}
        return shown | {
            "O2_ROOM": within(site.room_oxygen_pct, 0.02, 0.0, 25.0),
            "LEL_TOL_DRYER": within(site.lel_dryer_pct, 0.2, 0.0, 100.0),
            "LEL_TOL_MIXER": within(site.lel_mixer_pct + self._solvent_pct, 0.1, 0.0, 100.0),
            "LEL_TOL_STORE": within(site.lel_store_pct + self._solvent_pct, 0.1, 0.0, 100.0),
        }

    def interlocks(self) -> frozenset[str]:
        """The detectors hold off other units, by the lines of the site."""
        return NONE

    def disturbances(self) -> frozenset[str]:
        """Give the physical faults that the room's air knows."""
        return frozenset({"h2s-leak", "oxygen-depletion", "solvent-leak"})

    def disturb(self, fault: str, amount: float) -> None:
        """Let gas out (ppm at the nearest point), oxygen fall (to vol%), or solvent evaporate (%LEL)."""
        if fault == "h2s-leak":
            self._leak_ppm = amount
        elif fault == "oxygen-depletion":
            self._oxygen_pct = amount
        else:
            self._solvent_pct = amount

    def recover(self, fault: str) -> None:
        """Stop the leak; the room clears at its own pace."""
        self.disturb(fault, FRESH_OXYGEN_PCT if fault == "oxygen-depletion" else 0.0)

    def reset(self, interlock: str, *, key: bool) -> None:
        """Reset I1 or I3 with the button, I2 with the key."""
        release((self._alarm, self._evacuate, self._isolate), interlock, key=key)
        if interlock == self._oxygen.name:
            self._oxygen.release(key=key)


def dry_room(name: str, seed: int, site: Site) -> Unit:
    """Build the dry room."""
    return Unit(name, seed, DryRoom(site, Jitter(seed, name)), {}, site)


def gas_detection(name: str, seed: int, site: Site) -> Unit:
    """Build the gas detection."""
    return Unit(name, seed, GasDetection(site, Jitter(seed, name)), {}, site)
