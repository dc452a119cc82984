"""Solution reactor: jacketed vessel under an argon blanket, its condenser and vacuum, and what holds it off."""

from __future__ import annotations

from collections.abc import Mapping

from plc_sim.material.holdings import Holdings
from plc_sim.plant import TICK_S
from plc_sim.units.instruments import Jitter
from plc_sim.units.latch import Latch, Reset, holding, release
from plc_sim.units.site import LEAST_ARGON_BAR, NONE, Site

VESSEL_L = 50.0
ROOM_DEGC = 25.0
JACKET_TAU_S = 20.0 * 60.0
PUMP_TAU_S, VENT_TAU_S = 120.0, 60.0
AIR_MBAR = 1013.0
BLANKET_MBAR, BLANKET_TAU_S = 20.0, 600.0
LEL_PCT, LEL_TAU_S = 2.0, 60.0
"""Vapour in the enclosure of a sound reactor, %LEL, and how fast it follows a leak."""
RUNAWAY_DEGC = 120.0
HOT_DEGC, HIGH_MBAR, LEAST_BLANKET_MBAR, LEL_TRIP_PCT = 80.0, 300.0, 5.0, 25.0
CLEAR_S = 60.0
REST = 1e-3
FAULTS = frozenset(
    {"heater-failure", "heater-runaway", "vent-blocked", "blanket-loss", "solvent-vapour", "filter-clogged"}
)


class Reactor:
    """Temperature (degC), pressure (mbar absolute), stirrer (rpm), argon blanket (mbar) and vapour (%LEL) of a reactor.

    Its interlocks stop stirrer and vacuum and turn the jacket to cooling: above 80 degC, above 300 mbar gauge, a
    blanket below 5 mbar, vapour of 25 %LEL around it. A heater that runs away is cut off as well. I17 (no scrubber) and
    the other lines of the site hold its phases off.
    """

    def __init__(self, jitter: Jitter, holdings: Holdings, site: Site) -> None:
        self.jitter = jitter
        self.degc = ROOM_DEGC
        self.target_degc = ROOM_DEGC
        self.pressure_mbar = AIR_MBAR + BLANKET_MBAR
        self.vacuum_mbar: float | None = None
        self.speed_rpm = 0.0
        self.blanket_mbar = BLANKET_MBAR
        self.lel_pct = LEL_PCT
        self.volume_l = 0.0
        self.faults: dict[str, float] = {}
        self._holdings = holdings
        self._site = site
        self._hot = Latch("RX_TEMPERATURE", Reset.AUTO, CLEAR_S)
        self._pressure = Latch("RX_PRESSURE", Reset.ACK, CLEAR_S)
        self._blanket = Latch("RX_BLANKET", Reset.AUTO, CLEAR_S)
        self._vapour = Latch("RX_LEL", Reset.KEY, CLEAR_S)
        self._latches = (self._hot, self._pressure, self._blanket, self._vapour)
        self._watching = False
        self._asleep = True

    def tick(self) -> None:
        """Heat or cool, pump or vent, and watch it."""
        if self._asleep:
            if (
                self.vacuum_mbar is None
                and self.target_degc == ROOM_DEGC
                and not self.faults
                and self._site.argon_bar >= LEAST_ARGON_BAR
            ):
                return
            self._asleep = False
        self._move()
        self._protect()
        self._asleep = self._is_at_rest()

    def tags(self) -> Mapping[str, float]:
        """Give temperature, gauge pressure, stirrer, level, blanket and vapour."""
        within = self.jitter.within
        return {
            "T": within(self.degc, 0.1, 0.0, 150.0),
            "P": within(self.pressure_mbar - AIR_MBAR, 0.5, -1013.0, 1000.0),
            "RPM": within(self.speed_rpm, 0.5, 0.0, 400.0) if self.speed_rpm else 0.0,
            "LEVEL": within(100.0 * self.volume_l / VESSEL_L, 0.1, 0.0, 100.0) if self.volume_l else 0.0,
            "BLANKET": within(self.blanket_mbar, 0.2, 0.0, 100.0),
            "LEL": within(self.lel_pct, 0.1, 0.0, 100.0),
        }

    def interlocks(self) -> frozenset[str]:
        """Give those of its own interlocks that hold."""
        return holding(self._latches) if self._watching else NONE

    def reset(self, interlock: str, *, key: bool) -> None:
        """Reset the pressure at the panel, the vapour with the key."""
        release(self._latches, interlock, key=key)
        self._watching = any(latch.tripped for latch in self._latches)

    def disturbances(self) -> frozenset[str]:
        """Heater, vent, blanket, flanges and outlet filter can fail."""
        return FAULTS

    def disturb(self, fault: str, amount: float) -> None:
        """Begin a fault or change its amount."""
        self.faults[fault] = amount

    def recover(self, fault: str) -> None:
        """End a fault."""
        self.faults.pop(fault, None)

    def content_changed(self) -> None:
        """Measure the level anew."""
        ledger = self._holdings.ledger
        self.volume_l = sum(ledger.volume_cm3(parcel.parts) for parcel in self._holdings.kettle.all()) / 1000.0

    def stop(self) -> None:
        """Stop the stirrer."""
        self.speed_rpm = 0.0

    def settle(self) -> None:
        """Stop stirring, let the jacket rest, and break the vacuum with argon."""
        self.speed_rpm = 0.0
        self.target_degc = ROOM_DEGC
        self.vacuum_mbar = None

    def _move(self) -> None:
        faults, target, vapour = self.faults, self.target_degc, LEL_PCT
        blanket = BLANKET_MBAR if self._site.argon_bar >= LEAST_ARGON_BAR else 0.0
        if faults:
            if "heater-failure" in faults:
                target = ROOM_DEGC
            if "heater-runaway" in faults:
                target = RUNAWAY_DEGC
            blanket = min(blanket, faults.get("blanket-loss", blanket))
            vapour = max(vapour, faults.get("solvent-vapour", 0.0))
        if self._watching:
            target = ROOM_DEGC
        self.degc += (target - self.degc) * (TICK_S / JACKET_TAU_S)
        self.blanket_mbar += (blanket - self.blanket_mbar) * (TICK_S / BLANKET_TAU_S)
        if "vent-blocked" in faults and self.vacuum_mbar is None:
            self.pressure_mbar += faults["vent-blocked"] * (TICK_S / 60.0)
        else:
            vacuum = self.vacuum_mbar
            aim = AIR_MBAR + self.blanket_mbar if vacuum is None else vacuum
            self.pressure_mbar += (aim - self.pressure_mbar) * (TICK_S / (VENT_TAU_S if vacuum is None else PUMP_TAU_S))
        self.lel_pct += (vapour - self.lel_pct) * (TICK_S / LEL_TAU_S)

    def _protect(self) -> None:
        hot, high = self.degc > HOT_DEGC, self.pressure_mbar - AIR_MBAR > HIGH_MBAR
        bare, explosive = self.blanket_mbar < LEAST_BLANKET_MBAR, self.lel_pct >= LEL_TRIP_PCT
        if not (hot or high or bare or explosive or self._watching):
            return
        self._hot.watch(hot, self.degc < HOT_DEGC - 5.0)
        self._pressure.watch(high)
        self._blanket.watch(bare, self.blanket_mbar > 2.0 * LEAST_BLANKET_MBAR)
        self._vapour.watch(explosive, self.lel_pct < 0.5 * LEL_TRIP_PCT)
        self._watching = any(latch.tripped for latch in self._latches)
        if self._watching:
            self.speed_rpm, self.vacuum_mbar = 0.0, None

    def _is_at_rest(self) -> bool:
        if self._watching or self.faults or self.vacuum_mbar is not None or self.target_degc != ROOM_DEGC:
            return False
        return (
            abs(self.degc - ROOM_DEGC) < REST
            and abs(self.pressure_mbar - AIR_MBAR - BLANKET_MBAR) < REST
            and abs(self.blanket_mbar - BLANKET_MBAR) < REST
            and abs(self.lel_pct - LEL_PCT) < REST
        )
