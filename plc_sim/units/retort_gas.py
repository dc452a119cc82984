"""Gas in the furnace's retort: argon, oxygen, pressure, what the powder gives off, and the sulfur trap."""

from __future__ import annotations

from plc_sim.physics.rooms import AIR_OXYGEN_PPM
from plc_sim.plant import TICK_S

STANDBY_NL_MIN = 5.0
STANDBY_MBAR = 30.0
RETORT_NL = 30.0
WASHED_PER_NL_MIN = TICK_S / (60.0 * RETORT_NL)
OXYGEN_FLOOR_PPM = 8.0
FULL_NL_MIN = 50.0
MAKE_UP_NL_MIN = 20.0
HEADER_BAR = 4.0
"""Argon header pressure from which the flow controllers no longer give what is asked."""
VENT_TAU_S = 60.0
SEALED_TAU_S = 15.0 * 60.0
"""A sealed retort keeps a positive pressure for half an hour."""
BACK_MBAR_MIN_NL = 6.0
"""Pressure that each NL/min of gas from the powder adds before the vent (design default)."""
RELIEF_MBAR = 300.0
SULFUR_NL_G = 24.465 / 64.13
"""Volume of sulfur vapour, S2, per gram (NL/g)."""
H2S_SHARE = 0.02
"""Part of the lost sulfur that comes as hydrogen sulfide (design default)."""
H2S_NL_G = 24.465 / 32.06
H2S_FLOOR_PPM = 0.5
TRAP_DEGC = 15.0
TRAP_TAU_S = 600.0
TRAP_K_NL_MIN = 1.0
"""Rise of the trap per NL/min of gas from a retort at 550 degC, K."""
TRAP_K_G_MIN = 30.0
"""Rise of the trap per g/min of sulfur, K."""


REST = 1e-3


class RetortGas:
    """Pressure (mbar(g)), argon (NL/min), oxygen and hydrogen sulfide (ppm) of a retort, and the trap (degC).

    What is commanded is set by the phases (`argon_nl_min`, `pressure_target_mbar`, `open` while the door is open and
    `charging` until the purge after it is done), what the interlocks do by the furnace (`full`, `make_up`, `sealed`,
    `relief`), what goes wrong by its faults (`stuck`, `leak_nl_min`, `blocked_mbar_min`).
    """

    __slots__ = (
        *("argon_nl_min", "blocked_mbar_min", "charging", "flow_nl_min", "full", "h2s_ppm", "leak_nl_min", "make_up"),
        *("open", "oxygen_ppm", "pressure_mbar", "pressure_target_mbar", "relief", "sealed", "stuck", "sulfur_g_min"),
        "trap_degc",
    )

    def __init__(self) -> None:
        self.argon_nl_min = self.flow_nl_min = STANDBY_NL_MIN
        self.pressure_target_mbar = self.pressure_mbar = STANDBY_MBAR
        self.oxygen_ppm = OXYGEN_FLOOR_PPM
        self.h2s_ppm = H2S_FLOOR_PPM
        self.trap_degc = TRAP_DEGC
        self.sulfur_g_min = 0.0
        self.leak_nl_min = self.blocked_mbar_min = 0.0
        self.open = self.charging = self.full = self.make_up = self.sealed = self.relief = self.stuck = False

    def tick(self, hot: float, header_bar: float) -> None:
        """Advance by one tick; `hot` is 0 for a retort at ambient and 1 at 550 degC."""
        if not self.stuck:
            self.flow_nl_min = self._wanted_nl_min(header_bar)
        flow, sulfur, leak = self.flow_nl_min, self.sulfur_g_min, self.leak_nl_min
        self._press(flow, sulfur)
        through = flow + leak
        if not self.open and through > 0.0:
            target = (flow * OXYGEN_FLOOR_PPM + leak * AIR_OXYGEN_PPM) / through if leak else OXYGEN_FLOOR_PPM
            # No more than all of the gas can be changed: 70 NL/min through 30 NL are far from that within a tick.
            self.oxygen_ppm += (target - self.oxygen_ppm) * through * WASHED_PER_NL_MIN
        if sulfur or self.h2s_ppm != H2S_FLOOR_PPM:
            self.h2s_ppm = H2S_FLOOR_PPM + 1e6 * H2S_SHARE * H2S_NL_G * sulfur / max(0.5, through)
        trap = TRAP_DEGC + TRAP_K_NL_MIN * hot * flow + TRAP_K_G_MIN * sulfur
        self.trap_degc += (trap - self.trap_degc) * (TICK_S / TRAP_TAU_S)

    def is_at_rest(self) -> bool:
        """Say whether the gas has settled at standby and nothing works on it."""
        return (
            abs(self.pressure_mbar - STANDBY_MBAR) < REST
            and abs(self.oxygen_ppm - OXYGEN_FLOOR_PPM) < REST
            and abs(self.trap_degc - TRAP_DEGC) < REST
            and self.flow_nl_min == STANDBY_NL_MIN
            and not (self.charging or self.leak_nl_min or self.blocked_mbar_min or self.sealed or self.stuck)
        )

    def _wanted_nl_min(self, header_bar: float) -> float:
        wanted = self.argon_nl_min
        if self.sealed:
            return 0.0
        if self.full:
            wanted = FULL_NL_MIN
        elif self.make_up and wanted < MAKE_UP_NL_MIN:
            wanted = MAKE_UP_NL_MIN
        return wanted if header_bar >= HEADER_BAR else wanted * max(0.0, header_bar) / HEADER_BAR

    def _press(self, flow: float, sulfur: float) -> None:
        if self.blocked_mbar_min and not self.relief and not self.sealed:
            self.pressure_mbar += self.blocked_mbar_min * TICK_S / 60.0
        else:
            target = (self.pressure_target_mbar if flow > 0.0 else 0.0) + BACK_MBAR_MIN_NL * SULFUR_NL_G * sulfur
            tau_s = SEALED_TAU_S if flow <= 0.0 else VENT_TAU_S
            self.pressure_mbar += (target - self.pressure_mbar) * (TICK_S / tau_s)
        if self.pressure_mbar > RELIEF_MBAR:
            self.pressure_mbar = RELIEF_MBAR

    def to_standby(self) -> None:
        """Trickle argon at a small overpressure."""
        self.argon_nl_min, self.pressure_target_mbar = STANDBY_NL_MIN, STANDBY_MBAR
