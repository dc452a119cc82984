"""The blown film machine: barrel, screw, bubble and winder, its tags and its interlock."""

from __future__ import annotations

from collections.abc import Mapping

from plc_sim.material.holdings import Holdings
from plc_sim.material.holdup import HoldUp
from plc_sim.material.ledger import Ledger, Parts
from plc_sim.material.parcel import Parcel
from plc_sim.material.web import Stretch, Web
from plc_sim.physics import blown_film
from plc_sim.units.barrel import Barrel
from plc_sim.units.instruments import Jitter
from plc_sim.units.latch import Latch, Reset, holding
from plc_sim.units.site import NONE

SCREW_PLUG_G, SCREW_MIXED_G = 200.0, 400.0
"""Melt that screw, screen and die hold: the screw pushes, the die head mixes (design defaults)."""
PRESSURE_BAR, CLEAR_BAR, CLEAR_S = 350.0, 50.0, 60.0
HIGHEST_FROST_MM = 1200.0
"""A bubble that freezes higher than this dances and breaks (design default)."""


def solid_kg_m3(parts: Parts, ledger: Ledger) -> float:
    """Give the density of solid film from the materials in it: volumes add; that of a blend where nothing is known."""
    volume = mass = 0.0
    for lot, grams in parts.items():
        mass += grams
        volume += grams / blown_film.DENSITY_KG_M3.get(ledger.material_of(lot), blown_film.PELLET_KG_M3)
    return mass / volume if volume else blown_film.PELLET_KG_M3


class FilmBlower:
    """Barrel (degC), screw (rpm), bubble (take-up m/min, blow-up ratio, air m3/h), and what is wound so far."""

    def __init__(self, holdings: Holdings, jitter: Jitter) -> None:
        self.jitter = jitter
        self.barrel = Barrel()
        self.screw = HoldUp(SCREW_PLUG_G, SCREW_MIXED_G)
        self.screw_rpm = self.take_up_m_min = self.air_m3_h = 0.0
        self.blow_up_ratio = 1.0
        self.hopper_g = self.wound_m = self.thickness_um = 0.0
        self.wound: list[Stretch] = []
        self.girth_m2 = 0.0
        self._holdings = holdings
        self._clogged = 1.0
        self._latch = Latch("I41_MELT_PRESSURE", Reset.AUTO, CLEAR_S)
        self._frost_mm = self._pressure_bar = self._kg_s = 0.0
        self._settled_for: tuple[float, ...] = ()
        holdings.film_screw.tell = self.screw.parcels
        holdings.winder.tell = self._on_winder

    @property
    def flow_kg_s(self) -> float:
        """What the screw conveys now, kg/s."""
        return self._kg_s

    @property
    def bubble_stands(self) -> bool:
        """Whether the bubble freezes low enough to stand."""
        return self._frost_mm <= HIGHEST_FROST_MM

    def tick(self) -> None:
        """Heat, and look after the pressure before the screen."""
        self.barrel.tick()
        latch = self._latch
        if not self.screw_rpm and not latch.tripped:
            return
        self.settle()
        if latch.watch(self._pressure_bar > PRESSURE_BAR, self._pressure_bar < CLEAR_BAR):
            self.stop()

    def run(self, screw_rpm: float, take_up_m_min: float, blow_up_ratio: float, air_m3_h: float) -> None:
        """Turn the screw and draw the bubble off."""
        self.screw_rpm, self.take_up_m_min = screw_rpm, take_up_m_min
        self.blow_up_ratio, self.air_m3_h = blow_up_ratio, air_m3_h
        self.settle()

    def settle(self) -> None:
        """Let output, pressure and frost line follow drives and melt: they do so within a tick."""
        now = (self.screw_rpm, self.take_up_m_min, self.blow_up_ratio, self.air_m3_h, self.barrel.degc, self._clogged)
        if now == self._settled_for:
            return
        self._settled_for = now
        self._kg_s = blown_film.output_kg_s(self.screw_rpm)
        self._pressure_bar = blown_film.melt_bar(self.screw_rpm, self.barrel.degc, self._clogged)
        if self.air_m3_h and self.take_up_m_min:
            self._frost_mm = blown_film.frost_line_mm(self._kg_s, self.barrel.degc, self.blow_up_ratio, self.air_m3_h)
        else:
            self._frost_mm = 0.0

    def stop(self) -> None:
        """Stop screw and winder; the bubble falls."""
        self.screw_rpm = self.take_up_m_min = self.air_m3_h = self.thickness_um = 0.0
        self.blow_up_ratio = 1.0
        self.settle()

    def off(self) -> None:
        """Stop, heaters off."""
        self.stop()
        self.barrel.setpoint_degc = None

    def wind(self, film: Parcel, length_m: float, girth_m: float) -> None:
        """Wind a stretch of film (m) of a circumference (m)."""
        self.wound.append(Stretch(length_m=length_m, parts=film.parts, carrier={}, porosity=0.0))
        self.wound_m += length_m
        self.girth_m2 += length_m * girth_m

    def roll(self) -> Web | None:
        """Show what is wound: its width is the mean circumference by length, cut open; None when nothing is."""
        if not self.wound:
            return None
        stretches = tuple(self.wound)
        density = solid_kg_m3(stretches[0].parts, self._holdings.ledger)
        return Web(
            stretches=stretches,
            coated_width_m=self.girth_m2 / self.wound_m,
            solid_density_g_cm3=density / 1000.0,
        )

    def take_roll(self) -> Web | None:
        """Take the roll off the winder."""
        roll = self.roll()
        self.wound, self.wound_m, self.girth_m2 = [], 0.0, 0.0
        return roll

    def tags(self) -> Mapping[str, float]:
        """Give melt, screw, bubble, film and winder."""
        within = self.jitter.within
        runs = self.screw_rpm > 0.0
        return {
            "T_MELT": within(self.barrel.degc, 0.3, 0.0, 300.0),
            "P_MELT": within(self._pressure_bar, 1.0, 0.0, 600.0) if runs else 0.0,
            "SCREW_RPM": within(self.screw_rpm, 0.1, 0.0, 150.0) if runs else 0.0,
            "OUTPUT": within(3600.0 * self._kg_s, 0.05, 0.0, 100.0) if runs else 0.0,
            "TAKE_UP": within(self.take_up_m_min, 0.02, 0.0, 100.0) if self.take_up_m_min else 0.0,
            "BUR": self.blow_up_ratio,
            "AIR_FLOW": within(self.air_m3_h, 1.0, 0.0, 1000.0) if self.air_m3_h else 0.0,
            "FROST_LINE": within(self._frost_mm, 3.0, 0.0, 5000.0) if self._frost_mm else 0.0,
            "THICKNESS": within(self.thickness_um, 0.3, 0.0, 1000.0) if self.thickness_um else 0.0,
            "LENGTH": self.wound_m,
            "WT_HOPPER": within(self.hopper_g / 1000.0, 0.005, 0.0, 200.0),
        }

    def interlocks(self) -> frozenset[str]:
        """I41: pressure before the screen above 350 bar, until it has been gone for a minute."""
        return holding((self._latch,)) if self._latch.tripped else NONE

    def disturbances(self) -> frozenset[str]:
        """Its heaters can fail, and its screen clog."""
        return frozenset({"heater-failure", "filter-clogged"})

    def disturb(self, fault: str, amount: float) -> None:
        """Heat no more, or give the screen so many times its resistance."""
        if fault == "heater-failure":
            self.barrel.burnt_out = True
        else:
            self._clogged = amount

    def recover(self, fault: str) -> None:
        """Mend the heaters, or change the screen."""
        if fault == "heater-failure":
            self.barrel.burnt_out = False
        else:
            self._clogged = 1.0

    def _on_winder(self) -> tuple[Web, ...]:
        roll = self.roll()
        return () if roll is None else (roll,)
