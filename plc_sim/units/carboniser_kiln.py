"""The batch kiln of the carboniser: heat balance of wall and bed, drying, pyrolysis, nitrogen, and its interlocks."""

from __future__ import annotations

import math
from collections.abc import Mapping

from plc_sim.physics.constants import GAS_J_MOLK, ZERO_DEGC_K
from plc_sim.physics.first_order import Lag
from plc_sim.physics.pyrolysis import COLD_DEGC, Pyrolysis
from plc_sim.plant import TICK_S
from plc_sim.units.carboniser_oxidiser import Flue
from plc_sim.units.instruments import Jitter
from plc_sim.units.site import NONE

AMBIENT_DEGC = 22.0
WALL_J_K, HEATER_W = 30_000.0, 15_000.0
LOSS_W_K, BED_W_K = 10.0, 20.0
"""Heat lost to the hall, and heat from wall to bed (design defaults)."""
NITROGEN_W_K_PER_NL_MIN = 0.022
"""Heat that nitrogen carries out, W/K for each NL/min: 1.25 g/NL at 1.04 J/gK."""
SOLID_J_GK, WATER_J_GK, EVAPORATION_J_G = 1.5, 4.2, 2_260.0
PYROLYSIS_J_G = 300.0
"""Heat that pyrolysis takes per gram of gas and vapour: endothermic, of the usual order (design default)."""
EMPTY_BED_J_K = 2_000.0
DRYING_1_S, DRYING_DEGC, DRYING_J_MOL = 1.0 / 1800.0, 105.0, 30_000.0
"""First-order drying of wood chips: half an hour at 105 degC (design defaults)."""
DRYING_K = DRYING_J_MOL / GAS_J_MOLK
DRYING_SLOPE = DRYING_K / (DRYING_DEGC + ZERO_DEGC_K)
LAST_WATER_G = 0.1
ASH = 0.015
GAIN_W_K = 400.0
SHELL_NL = 150.0
AIR_PCT, SEALED_PCT = 20.9, 0.1
TRICKLE_NL_MIN = 5.0
HOT_DEGC, GAS_DEGC, OXYGEN_PCT = 150.0, 200.0, 4.0
"""I32 from this bed temperature and oxygen on; I31 from this wall temperature on."""
LOCK_DEGC = 80.0
STILL_K = 0.01
OXIDISER_COLD, KILN_OXYGEN = "I31_OXIDISER_COLD", "I32_KILN_OXYGEN"
BY_CAUSE = {
    (True, False): frozenset({OXIDISER_COLD}),
    (False, True): frozenset({KILN_OXYGEN}),
    (True, True): frozenset({OXIDISER_COLD, KILN_OXYGEN}),
}


class Kiln:
    """Wall and bed (degC), the biomass in it (g, wet and dry) and the gas over it.

    C_w dT_w/dt = P - K (T_w - T_a) - k (T_w - T_b); C_b dT_b/dt = k (T_w - T_b) - heat that water and gas take. Water
    leaves by first order with Arrhenius, the dry part decomposes by `Pyrolysis`. Both balances are solved exactly for
    one tick, with the other temperature standing still.
    """

    def __init__(self, flue: Flue, jitter: Jitter) -> None:
        self.jitter = jitter
        self.flue = flue
        self.setpoint_degc: float | None = None
        self.ramp_k_min = 0.0
        self.nitrogen_nl_min = TRICKLE_NL_MIN
        self.open = self.kept_hot = False
        self.water_g = self.dry_g = 0.0
        self.shown_g = 0.0
        self.burnt_g = self.vented_g = 0.0
        self.reaction = Pyrolysis()
        self.power_w = 0.0
        self._wall = Lag(1000.0, AMBIENT_DEGC)
        self._bed = Lag(1000.0, AMBIENT_DEGC)
        self._oxygen = Lag(1000.0, SEALED_PCT)
        self._solid_g = self._taken_w = 0.0
        self._leak_nl_min = 0.0
        self._burnt_out = False

    @property
    def wall_degc(self) -> float:
        """Temperature of the wall, degC."""
        return self._wall.value

    @property
    def bed_degc(self) -> float:
        """Temperature of the bed, degC."""
        return self._bed.value

    @property
    def oxygen_pct(self) -> float:
        """Oxygen over the bed, vol%."""
        return self._oxygen.value

    @property
    def is_locked(self) -> bool:
        """Whether the door must stay shut."""
        return max(self._wall.value, self._bed.value) >= LOCK_DEGC

    @property
    def solid_g(self) -> float:
        """Ash, wood and char that are left of the dry biomass, g."""
        return self._solid_g

    def tick(self) -> None:
        """Heat, dry, decompose and flush for one tick."""
        self._flush()
        # No phase is there that could be held and restarted: heat is given up, so that COOL may start.
        if self.kept_hot and self.interlocks():
            self.heat_off()
        if self.setpoint_degc is None and self._wall.value - AMBIENT_DEGC < STILL_K > self._bed.value - AMBIENT_DEGC:
            return
        self._heat()
        if self.dry_g:
            self._decompose(self._bed.value)

    def charge(self, wet_g: float, moisture: float) -> None:
        """Begin with a new charge (g) of a moisture 0..1, wet basis, at the temperature of the hall."""
        self.water_g, self.dry_g = wet_g * moisture, wet_g * (1.0 - moisture)
        self.burnt_g = self.vented_g = self._taken_w = 0.0
        self.reaction = Pyrolysis()
        self._solid_g = self.dry_g
        self.settle_at(AMBIENT_DEGC)

    def empty(self) -> None:
        """Nothing is in it any more."""
        self.water_g = self.dry_g = self.shown_g = self._taken_w = self._solid_g = 0.0
        self.reaction = Pyrolysis()
        self.flue.offgas_g_s = 0.0

    def heat_off(self) -> None:
        """Heater off, nitrogen trickling."""
        self.kept_hot = False
        self.setpoint_degc, self.ramp_k_min = None, 0.0
        self.nitrogen_nl_min = TRICKLE_NL_MIN

    def settle_at(self, degc: float) -> None:
        """Be at one temperature all through."""
        self._wall.value = self._bed.value = degc

    def tags(self) -> Mapping[str, float]:
        """Give temperatures, heater, gas and the load cells."""
        within = self.jitter.within
        flow = self.nitrogen_nl_min + 50.0 * self.flue.offgas_g_s
        kg = (self.solid_g + self.water_g) / 1000.0 if self.dry_g else self.shown_g / 1000.0
        return {
            "T_WALL": within(self._wall.value, 0.5, 0.0, 900.0),
            "T_BED": within(self._bed.value, 0.5, 0.0, 900.0),
            "HEATER_OUT": within(100.0 * self.power_w / HEATER_W, 0.2, 0.0, 100.0) if self.power_w else 0.0,
            "N2_FLOW": within(self.nitrogen_nl_min, 0.1, 0.0, 200.0),
            "O2_KILN": within(self._oxygen.value, 0.01, 0.0, 25.0),
            "P_KILN": within(0.1 * flow, 0.05, 0.0, 100.0),
            "WT_KILN": within(kg, 0.005, 0.0, 100.0),
            "OFFGAS": within(3.6 * self.flue.offgas_g_s, 0.01, 0.0, 100.0) if self.flue.offgas_g_s else 0.0,
        }

    def interlocks(self) -> frozenset[str]:
        """I31: heat at 200 degC and no hot oxidiser. I32: oxygen above 4 % in a kiln above 150 degC that is heated."""
        if self.setpoint_degc is None or self._wall.value < HOT_DEGC:
            return NONE
        cold = self._wall.value >= GAS_DEGC and not self.flue.burns
        return BY_CAUSE.get((cold, self._oxygen.value > OXYGEN_PCT), NONE)

    def disturbances(self) -> frozenset[str]:
        """Its heater can fail, and its door leak."""
        return frozenset({"heater-failure", "retort-leak"})

    def disturb(self, fault: str, amount: float) -> None:
        """Heat no more, or let so many NL/min of air in."""
        if fault == "heater-failure":
            self._burnt_out = True
        else:
            self._leak_nl_min = amount

    def recover(self, fault: str) -> None:
        """Mend heater or door."""
        if fault == "heater-failure":
            self._burnt_out = False
        else:
            self._leak_nl_min = 0.0

    def _flush(self) -> None:
        oxygen = self._oxygen
        if self.open:
            oxygen.value = AIR_PCT
            return
        flow = self.nitrogen_nl_min + self._leak_nl_min
        target = max(SEALED_PCT, AIR_PCT * self._leak_nl_min / flow) if flow else AIR_PCT
        if abs(oxygen.value - target) > 1e-4:
            tau_s = 60.0 * SHELL_NL / flow if flow else 1e6
            if oxygen.tau_s != tau_s:
                oxygen.tau_s = tau_s
            oxygen.step(target, TICK_S)

    def _heat(self) -> None:
        wall, bed, wanted = self._wall, self._bed, self.setpoint_degc
        lost = LOSS_W_K + NITROGEN_W_K_PER_NL_MIN * self.nitrogen_nl_min
        bed_j_k = EMPTY_BED_J_K + SOLID_J_GK * self.dry_g + WATER_J_GK * self.water_g
        self.power_w = 0.0
        if wanted is not None and not self._burnt_out and not self.interlocks():
            forward = lost * (wanted - AMBIENT_DEGC) + (WALL_J_K + bed_j_k) * self.ramp_k_min / 60.0
            self.power_w = max(0.0, min(HEATER_W, forward + GAIN_W_K * (wanted - wall.value)))
        out = lost + BED_W_K
        wall_aim = (self.power_w + lost * AMBIENT_DEGC + BED_W_K * bed.value) / out
        bed_aim = wall.value - self._taken_w / BED_W_K
        wall.tau_s, bed.tau_s = WALL_J_K / out, bed_j_k / BED_W_K
        wall.step(wall_aim, TICK_S)
        bed.step(bed_aim, TICK_S)

    def _decompose(self, degc: float) -> None:
        if self.water_g > LAST_WATER_G:
            gone_g = self.water_g * -math.expm1(
                -TICK_S * DRYING_1_S * math.exp(DRYING_SLOPE - DRYING_K / (degc + ZERO_DEGC_K))
            )
            self.water_g -= gone_g
            self._taken_w = EVAPORATION_J_G * gone_g / TICK_S
        else:
            self._taken_w = 0.0
        if degc < COLD_DEGC:
            self.flue.offgas_g_s = 0.0
            return
        self.reaction.step(TICK_S, degc)
        solid_g = self.dry_g * (ASH + (1.0 - ASH) * self.reaction.solid_left)
        gas_g = max(0.0, self._solid_g - solid_g)
        self._solid_g = solid_g
        self.flue.offgas_g_s = gas_g / TICK_S
        self._taken_w += PYROLYSIS_J_G * gas_g / TICK_S
        if self.flue.burns:
            self.burnt_g += gas_g
        else:
            self.vented_g += gas_g
