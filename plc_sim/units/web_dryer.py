"""The three-zone web dryer: gas temperatures, exhaust, solvent vapour and oxygen in the loop (M13, M14)."""

from __future__ import annotations

from plc_sim.physics.drying import XYLENE, Dried, DryerZone, dry_web, vapour_g_min
from plc_sim.plant import TICK_S

ROOM_DEGC = 22.0
ZONES = 3
ZONE_TAU_S = 8.0 * 60.0
ZONE_M = 1.5
DRYER_M = ZONES * ZONE_M
GAS_M_S = (3.0, 5.0, 5.0)
ZONE_M3 = 1.0
EXHAUST_SHARE = (0.55, 0.30, 0.15)
"""Part of the exhaust that passes each zone: most where the film is wet (design default)."""
NORMAL_M3_H, PURGE_M3_H = 200.0, 350.0
EXHAUST_TAU_S, OXYGEN_TAU_S, PURGE_OXYGEN_TAU_S = 15.0, 180.0, 60.0
LOOP_OXYGEN_PCT = 1.0
SOUND_M3_H, SOUND_OXYGEN_PCT = 150.0, 5.0
BAND_K = 2.0
BURNT_OUT_DEGC = 200.0
"""What a zone with a broken thermocouple reads: the end of its range and more."""
SETTLED_K = 1e-9
FILMS_KEPT = 64
PCT_PER_G_M3 = 100.0 / XYLENE.lel_g_m3


class WebDryer:
    """Zones (degC), vapour in each (g/m3), exhaust (m3/h), oxygen in the loop (vol%), solvent taken up (g/min)."""

    def __init__(self) -> None:
        self.zones_degc = [ROOM_DEGC] * ZONES
        self.targets_degc: tuple[float, ...] = (ROOM_DEGC,) * ZONES
        self.vapour_g_m3 = [0.0] * ZONES
        self.sources_g_min: tuple[float, ...] = (0.0,) * ZONES
        self.exhaust_m3_h = NORMAL_M3_H
        self.loop_oxygen_pct = LOOP_OXYGEN_PCT
        self.film_degc = ROOM_DEGC
        self.purging = False
        self.cold_zone = 0
        self.broken_sensor = 0
        self.least_exhaust_m3_h: float | None = None
        self.oxygen_leak_pct: float | None = None
        self._still = True
        self._airy = False
        self._films: dict[tuple[float, ...], Dried] = {}

    def tick(self) -> None:
        """Advance by one tick; an idle dryer with nothing changing costs next to nothing."""
        if self._still:
            return
        moving = False
        zones, vapour, sources = self.zones_degc, self.vapour_g_m3, self.sources_g_min
        share, exhaust_m3_min = TICK_S / ZONE_TAU_S, self.exhaust_m3_h / 60.0
        for index in range(ZONES):
            number = index + 1
            heated = number not in (self.cold_zone, self.broken_sensor)
            away = (self.targets_degc[index] if heated else ROOM_DEGC) - zones[index]
            if away > SETTLED_K or away < -SETTLED_K:
                zones[index] += away * share
                moving = True
            gas_m3_min = exhaust_m3_min * EXHAUST_SHARE[index]
            change = (sources[index] - vapour[index] * gas_m3_min) * (TICK_S / 60.0 / ZONE_M3)
            if change > SETTLED_K or change < -SETTLED_K:
                vapour[index] += change
                moving = True
        if self._airy:
            self._airy = self._exhaust()
            moving = moving or self._airy
        self._still = not moving

    def is_still(self) -> bool:
        """Say whether nothing in it changes any more."""
        return self._still

    def is_sound(self) -> bool:
        """Say whether exhaust and loop are as they should be, with room to spare."""
        return self.exhaust_m3_h > SOUND_M3_H and self.loop_oxygen_pct < SOUND_OXYGEN_PCT

    def wake(self) -> None:
        """Something was changed from outside: advance again."""
        self._still, self._airy = False, True

    def heat(self, targets_degc: tuple[float, ...]) -> None:
        """Bring the zones to new temperatures (degC)."""
        self.targets_degc = targets_degc
        self._still = False

    def heaters_off(self) -> None:
        """Let the zones cool."""
        self.heat((ROOM_DEGC,) * ZONES)

    def purge(self, on: bool) -> None:
        """Run the exhaust at its maximum and fill the loop with nitrogen."""
        if on is not self.purging:
            self.purging = on
            self.wake()

    def lel_pct(self, zone: int) -> float:
        """Give the solvent vapour of a zone (0..2) in %LEL."""
        return PCT_PER_G_M3 * self.vapour_g_m3[zone]

    def highest_lel_pct(self) -> float:
        """Give the solvent vapour of the worst zone in %LEL."""
        return PCT_PER_G_M3 * max(self.vapour_g_m3)

    def zones_above(self, lel_pct: float) -> int:
        """Count the zones with at least so much vapour (%LEL)."""
        return sum(PCT_PER_G_M3 * vapour >= lel_pct for vapour in self.vapour_g_m3)

    def reading_degc(self, zone: int) -> float:
        """Give what the thermocouple of a zone (0..2) reads."""
        return BURNT_OUT_DEGC if zone + 1 == self.broken_sensor else self.zones_degc[zone]

    def is_hot(self) -> bool:
        """Say whether every zone reads its temperature."""
        return all(
            abs(self.reading_degc(zone) - max(ROOM_DEGC, target)) < BAND_K
            for zone, target in enumerate(self.targets_degc)
        )

    def dry(self, metres_per_min: float, solvent_g_m2: float, solids_g_m2: float) -> Dried:
        """Follow one spot of film through the zones as they are now; solvent and solids in g/m2."""
        # Film after film is the same: what differs by less than any instrument sees is not worked out again.
        key = (*(round(zone, 2) for zone in self.zones_degc), *(round(metres_per_min, 4), round(solvent_g_m2, 3)))
        known = self._films.get(key)
        if known is not None:
            return known
        zones = [DryerZone(gas_degc=self.zones_degc[n], gas_m_s=GAS_M_S[n], length_m=ZONE_M) for n in range(ZONES)]
        if len(self._films) >= FILMS_KEPT:
            self._films.clear()
        film = self._films[key] = dry_web(zones, metres_per_min, solvent_g_m2, solids_g_m2, XYLENE)
        return film

    def take_up(self, film: Dried, speed_m_min: float, width_m: float) -> None:
        """Take up the vapour of a film that runs through at a speed."""
        self.sources_g_min = tuple(vapour_g_min(load, speed_m_min, width_m) for load in film.evaporated_g_m2)
        self.film_degc = film.film_degc[-1]
        self._still = False

    def run_dry(self) -> None:
        """No film comes in any more."""
        self.sources_g_min = (0.0,) * ZONES
        self._still = False

    def _exhaust(self) -> bool:
        aim = PURGE_M3_H if self.purging else NORMAL_M3_H
        if self.least_exhaust_m3_h is not None:
            aim = min(aim, self.least_exhaust_m3_h)
        away = aim - self.exhaust_m3_h
        self.exhaust_m3_h += away * (TICK_S / EXHAUST_TAU_S)
        oxygen = LOOP_OXYGEN_PCT if self.oxygen_leak_pct is None else self.oxygen_leak_pct
        slip = (LOOP_OXYGEN_PCT if self.purging else oxygen) - self.loop_oxygen_pct
        self.loop_oxygen_pct += slip * (TICK_S / (PURGE_OXYGEN_TAU_S if self.purging else OXYGEN_TAU_S))
        return abs(away) > SETTLED_K or abs(slip) > SETTLED_K
