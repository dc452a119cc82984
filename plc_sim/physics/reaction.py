"""What annealing does to a powder: crystallisation (M4) and the loss of phase when it is too hot (M5)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from plc_sim.physics.constants import GAS_J_MOLK, ZERO_DEGC_K
from plc_sim.physics.ranges import within


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLaw:
    """A rate (1/min) that follows Arrhenius: k = k_ref exp(-Ea/R (1/T - 1/T_ref)); Ea in kJ/mol, T_ref in K."""

    reference_1_min: float
    reference_k: float
    activation_kj_mol: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinetics:
    """How one material anneals: crystallisation with its Avrami exponent, and the loss of phase."""

    crystallise: RateLaw
    avrami: float
    decompose: RateLaw


LPSCL = Kinetics(
    crystallise=RateLaw(reference_1_min=0.1, reference_k=823.0, activation_kj_mol=90.0),
    avrami=1.0,
    decompose=RateLaw(reference_1_min=-math.log(0.70) / 480.0, reference_k=903.0, activation_kj_mol=330.0),
)
"""Li6PS5Cl. Crystallisation: design default; no published Avrami series was found, and its end points are calibrated.
Loss: that of Li10GeP2S12 moved down by 20 K (design default). Of that, 30 % impurities at 650 degC is published (time
taken as 8 h); 3 % at 600 degC is an assumption, and 330 kJ/mol follows from both."""
CHLORINE_RICH = Kinetics(
    crystallise=LPSCL.crystallise,
    avrami=1.0,
    decompose=RateLaw(reference_1_min=-math.log(0.70) / 480.0, reference_k=863.0, activation_kj_mol=330.0),
)
"""Li5.5PS4.5Cl1.5: as Li6PS5Cl, the loss another 40 K earlier, for it is annealed that much colder (design default)."""
LGPS = Kinetics(
    crystallise=LPSCL.crystallise,
    avrami=1.0,
    decompose=RateLaw(reference_1_min=-math.log(0.70) / 480.0, reference_k=923.0, activation_kj_mol=330.0),
)
"""Li10GeP2S12: the loss as `LPSCL` tells it, at its own temperature; crystallisation as Li6PS5Cl (design default)."""
LI7P3S11 = Kinetics(
    crystallise=RateLaw(reference_1_min=0.08, reference_k=633.0, activation_kj_mol=90.0),
    avrami=1.0,
    decompose=RateLaw(reference_1_min=0.0005, reference_k=633.0, activation_kj_mol=330.0),
)
"""Li7P3S11 glass-ceramic: both rates are set so that 360 degC for 1 h is near the best (J. Mater. Sci. 43, 1885)."""


class _Progress:
    """The time integral of a rate, so that any temperature history can be stepped through."""

    __slots__ = ("_log_rate_1_s", "_slope_k", "amount")

    def __init__(self, law: RateLaw) -> None:
        self._slope_k = law.activation_kj_mol * 1000.0 / GAS_J_MOLK
        self._log_rate_1_s = math.log(law.reference_1_min / 60.0) + self._slope_k / law.reference_k
        self.amount = 0.0

    def step(self, dt_s: float, degc: float) -> None:
        """Go on for `dt_s` seconds at a temperature (degC)."""
        self.amount += dt_s * math.exp(self._log_rate_1_s - self._slope_k / (degc + ZERO_DEGC_K))


class Anneal:
    """Crystallised fraction and phase kept of one charge, through any temperature history (M4, M5).

    X = 1 - exp(-(integral of k dt)^n), the isokinetic form of Johnson, Mehl, Avrami and Kolmogorov; Y = exp(-integral
    of kd dt). Both are 0..1. Exact at constant temperature for any `dt_s`.
    """

    __slots__ = ("_avrami", "_crystals", "_loss")

    def __init__(self, kinetics: Kinetics = LPSCL) -> None:
        self._avrami = kinetics.avrami
        self._crystals = _Progress(kinetics.crystallise)
        self._loss = _Progress(kinetics.decompose)

    def step(self, dt_s: float, degc: float) -> None:
        """Anneal for `dt_s` seconds at the temperature of the powder (degC)."""
        self._crystals.step(dt_s, degc)
        self._loss.step(dt_s, degc)

    @property
    def crystallised(self) -> float:
        """Crystallised fraction X, 0..1."""
        return -math.expm1(-math.pow(self._crystals.amount, self._avrami))

    @property
    def phase_kept(self) -> float:
        """Fraction of the phase that has not decomposed, Y, 0..1."""
        return math.exp(-self._loss.amount)


def annealed(degc: float, duration_s: float, kinetics: Kinetics = LPSCL) -> Anneal:
    """Anneal at one temperature (degC) for a time (s); raises ValueError for a time below 0."""
    anneal = Anneal(kinetics)
    anneal.step(within("duration_s", duration_s, 0.0), degc)
    return anneal


SULFUR_G_KG = 119.5
"""Sulfur of one of five S atoms per Li6PS5Cl, g per kg: 32.06 / 268.36."""


def sulfur_released_g_kg(phase_kept: float) -> float:
    """Give the sulfur that went to the trap, g per kg of powder: one S per formula unit lost (design default)."""
    return SULFUR_G_KG * (1.0 - phase_kept)
