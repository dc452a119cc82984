"""The rolls of the sheet calender: temperature, gap, speed, the sheet on them, and the guard of their nip."""

from __future__ import annotations

from collections.abc import Mapping

from plc_sim.plant import TICK_S
from plc_sim.units.instruments import Jitter
from plc_sim.units.latch import Latch, Reset, holding, release
from plc_sim.units.site import NONE

ROOM_DEGC = 22.0
ROLL_TAU_S = 8.0 * 60.0
OPEN_UM = 2000.0
CLEAR_S = 5.0
REST = 1e-3
FAULTS = frozenset({"heater-failure", "guard-open"})


class SheetRolls:
    """Roll temperature (degC), gap (um), speed (m/min) and, of the sheet on them, thickness (um) and length (m).

    While its guard is open the nip is open and stands, whatever the phase does.
    """

    def __init__(self, jitter: Jitter) -> None:
        self.jitter = jitter
        self.degc = ROOM_DEGC
        self.target_degc = ROOM_DEGC
        self.speed_m_min = 0.0
        self.gap_um = OPEN_UM
        self.thickness_um = 0.0
        self.length_m = 0.0
        self.faults: dict[str, float] = {}
        self._guard = Latch("SH_NIP_GUARD", Reset.KEY, CLEAR_S)

    def tick(self) -> None:
        """Heat or cool the rolls, and watch the guard."""
        aim = self.target_degc
        if self.faults or self._guard.tripped:
            if "heater-failure" in self.faults:
                aim = ROOM_DEGC
            if self._guard.watch("guard-open" in self.faults):
                self.stop()
        away = aim - self.degc
        if abs(away) > REST:
            self.degc += away * (TICK_S / ROLL_TAU_S)

    def tags(self) -> Mapping[str, float]:
        """Give temperature, speed, gap, thickness and length."""
        within = self.jitter.within
        thick = self.thickness_um
        return {
            "T_ROLL": within(self.degc, 0.1, 0.0, 150.0),
            "SPEED": within(self.speed_m_min, 0.002, 0.0, 10.0) if self.speed_m_min else 0.0,
            "GAP": within(self.gap_um, 0.3, 0.0, 2100.0),
            "THK": within(thick, 0.005 * thick, 0.0, 2000.0) if thick else 0.0,
            "LENGTH": self.length_m,
        }

    def interlocks(self) -> frozenset[str]:
        """The guard of the nip, until it is closed and reset with the key."""
        return holding((self._guard,)) if self._guard.tripped else NONE

    def reset(self, interlock: str, *, key: bool) -> None:
        """Reset at the panel; raises ValueError with the reason when it does not let go."""
        release((self._guard,), interlock, key=key)

    def disturbances(self) -> frozenset[str]:
        """Rolls without heat, a guard that stands open."""
        return FAULTS

    def disturb(self, fault: str, amount: float) -> None:
        """Begin a fault."""
        self.faults[fault] = amount

    def recover(self, fault: str) -> None:
        """End a fault."""
        self.faults.pop(fault, None)

    def press(self, gap_um: float, speed_m_min: float) -> None:
        """Close the nip to a gap and run at a speed."""
        self.gap_um, self.speed_m_min = gap_um, speed_m_min

    def show(self, thickness_um: float, length_m: float) -> None:
        """Show the sheet that is on the rolls."""
        self.thickness_um, self.length_m = thickness_um, length_m

    def stop(self) -> None:
        """Open the nip and stand."""
        self.speed_m_min, self.gap_um = 0.0, OPEN_UM

    def settle(self) -> None:
        """Open the nip, stand, and let the rolls cool."""
        self.stop()
        self.target_degc = ROOM_DEGC
