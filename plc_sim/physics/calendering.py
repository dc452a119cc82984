"""Calendering: porosity after the nip, springback, elongation, and crushed particles (M15)."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CalenderParameters:
    """How a film compacts; the form is published (10.1016/j.jmatprotec.2017.05.031), the numbers are design defaults.

    `least_porosity` that no load goes below, `resistance_n_mm` line force for 63 % of the way at 20 degC and how much
    `softening_1_k` it loses per kelvin, `springback` of the thickness after the nip, `elongation` of the web at full
    compaction, `crush_above_n_mm` and `crush_loss_1_n_mm`: loss of conductivity per line force above it.
    """

    least_porosity: float = 0.10
    resistance_n_mm: float = 220.0
    softening_1_k: float = 0.003
    springback: float = 0.03
    elongation: float = 0.01
    crush_above_n_mm: float = 600.0
    crush_loss_1_n_mm: float = 3e-4


CALENDER = CalenderParameters()
COATED_POROSITY = 0.45
"""Pores of a dried film before the calender (design default)."""


def resistance_n_mm(roll_degc: float, calender: CalenderParameters = CALENDER) -> float:
    """Give the compaction resistance at a roll temperature (20..140 degC), N/mm."""
    return calender.resistance_n_mm * (1.0 - calender.softening_1_k * (roll_degc - 20.0))


def porosity_after(
    line_force_n_mm: float,
    roll_degc: float,
    porosity: float = COATED_POROSITY,
    calender: CalenderParameters = CALENDER,
) -> float:
    """Give the porosity of the film that leaves the nip: emin + (e0 - emin) exp(-q / gc(T)) (M15).

    Line force 0..1000 N/mm, rolls 20..140 degC; a film that is already denser than the least porosity stays as it is.
    """
    if porosity <= calender.least_porosity:
        return porosity
    share = math.exp(-line_force_n_mm / resistance_n_mm(roll_degc, calender))
    return calender.least_porosity + (porosity - calender.least_porosity) * share


def nip_thickness_um(thickness_um: float, calender: CalenderParameters = CALENDER) -> float:
    """Give how thin the film is in the nip, um, from what it is after springback: for the gap of the rolls."""
    return thickness_um / (1.0 + calender.springback)


def elongation_after(line_force_n_mm: float, roll_degc: float, calender: CalenderParameters = CALENDER) -> float:
    """Give how much longer the web leaves than it came, 0..0.01: e (1 - exp(-q / gc))."""
    return -calender.elongation * math.expm1(-line_force_n_mm / resistance_n_mm(roll_degc, calender))


def conductivity_after_nip(line_force_n_mm: float, calender: CalenderParameters = CALENDER) -> float:
    """Give the share of conductivity that crushed particles leave, 0..1 (direction published, numbers not)."""
    return max(0.0, 1.0 - calender.crush_loss_1_n_mm * max(0.0, line_force_n_mm - calender.crush_above_n_mm))
