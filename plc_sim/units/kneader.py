"""The kneader of the fibrillator: drive, jacket and torque, and what stops it."""

from __future__ import annotations

from collections.abc import Mapping

from plc_sim.plant import TICK_S
from plc_sim.units.instruments import Jitter
from plc_sim.units.latch import Latch, Reset, holding, release
from plc_sim.units.site import NONE

ROOM_DEGC = 22.0
JACKET_TAU_S = 6.0 * 60.0
FRICTION_K = 12.0
"""What the trough would gain on its jacket at 40 rpm and 100 % torque without cooling, K (design default)."""
RATED_RPM = 40.0
HOT_DEGC = 130.0
RUNAWAY_DEGC = 160.0
CLEAR_S = 60.0
REST = 1e-3
FAULTS = frozenset({"cooling-failure", "heater-failure", "heater-runaway"})


class Kneader:
    """Speed (rpm), torque (%), temperature (degC) and content (g) of a jacketed kneader; above 130 degC it stops."""

    def __init__(self, jitter: Jitter) -> None:
        self.jitter = jitter
        self.degc = ROOM_DEGC
        self.target_degc = ROOM_DEGC
        self.speed_rpm = 0.0
        self.torque_pct = 0.0
        self.mass_g = 0.0
        self.faults: dict[str, float] = {}
        self._hot = Latch("DM_TEMPERATURE", Reset.ACK, CLEAR_S)

    def tick(self) -> None:
        """Heat or cool, and watch it."""
        faults = self.faults
        aim = self.target_degc
        if faults or self._hot.tripped:
            aim = self._with_faults(aim)
        away = aim - self.degc
        if abs(away) > REST:
            self.degc += away * (TICK_S / JACKET_TAU_S)
        if (self.degc > HOT_DEGC or self._hot.tripped) and self._hot.watch(self.degc > HOT_DEGC, self.degc < 100.0):
            self.stop()

    def tags(self) -> Mapping[str, float]:
        """Give temperature, speed, torque and mass."""
        within, turning = self.jitter.within, self.speed_rpm > 0.0
        return {
            "T": within(self.degc, 0.1, 0.0, 200.0),
            "RPM": within(self.speed_rpm, 0.1, 0.0, 100.0) if turning else 0.0,
            "TORQUE": within(self.torque_pct, 0.5, 0.0, 100.0) if turning else 0.0,
            "MASS": max(0.0, self.jitter.around(self.mass_g, 0.2)),
        }

    def interlocks(self) -> frozenset[str]:
        """Trough above 130 degC, until it is acknowledged."""
        return holding((self._hot,)) if self._hot.tripped else NONE

    def reset(self, interlock: str, *, key: bool) -> None:
        """Reset at the panel; raises ValueError with the reason when it does not let go."""
        release((self._hot,), interlock, key=key)

    def disturbances(self) -> frozenset[str]:
        """Its cooling and its heater can fail, and the heater run away."""
        return FAULTS

    def disturb(self, fault: str, amount: float) -> None:
        """Begin a fault or change its amount."""
        self.faults[fault] = amount

    def recover(self, fault: str) -> None:
        """End a fault."""
        self.faults.pop(fault, None)

    def turn(self, speed_rpm: float, torque_pct: float) -> None:
        """Turn at a speed against a torque."""
        self.speed_rpm, self.torque_pct = speed_rpm, torque_pct

    def stop(self) -> None:
        """Stop turning."""
        self.speed_rpm = self.torque_pct = 0.0

    def settle(self) -> None:
        """Stop turning and let the jacket rest."""
        self.stop()
        self.target_degc = ROOM_DEGC

    def _with_faults(self, aim_degc: float) -> float:
        faults = self.faults
        if self._hot.tripped:
            return ROOM_DEGC
        if "heater-runaway" in faults:
            return RUNAWAY_DEGC
        if "heater-failure" in faults:
            aim_degc = min(aim_degc, ROOM_DEGC)
        if "cooling-failure" in faults:
            aim_degc = max(aim_degc, ROOM_DEGC)
            missing = 1.0 - faults["cooling-failure"]
            aim_degc += missing * FRICTION_K * self.speed_rpm / RATED_RPM * self.torque_pct / 100.0
        return aim_degc
