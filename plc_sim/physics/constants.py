"""Physical constants, and the points where scales begin."""

from __future__ import annotations

ZERO_DEGC_K = 273.15
GAS_J_MOLK = 8.314462618
BOLTZMANN_EV_K = 8.617333262e-5
MMHG_PA = 133.322
ATMOSPHERE_HPA = 1013.25
MOLAR_CC_25DEGC = 24465.4
"""Volume of a mole of gas at 25 degC and 1013.25 hPa, cm3."""
