"""Planetary mixer with disperser: its drives, bowl, vacuum and inert head; what holds it off and what can go wrong."""

from __future__ import annotations

from collections.abc import Mapping

from plc_sim.plant import TICK_S
from plc_sim.units.instruments import Jitter
from plc_sim.units.latch import Latch, holding, release
from plc_sim.units.mixer_charge import Stage
from plc_sim.units.site import NONE

JACKET_DEGC = 22.0
ROOM_DEGC = 22.0
BOWL_TAU_S = 15.0 * 60.0
ROOM_SHARE = 0.02
"""Cooling by the room as part of that by the jacket."""
KNEAD_RISE_K, KNEAD_RPM = 8.0, 30.0
DISPERSE_RISE_K, DISPERSE_RPM = 11.0, 1500.0
"""Rise of the bowl over its jacket at rated speeds, K; it goes with speed squared."""
PUMP_TAU_S = 60.0
ATMOSPHERE_MBAR = 985.0
HEAD_OXYGEN_PCT = 0.2
HEAD_TAU_S = 120.0
HOTTEST_DEGC, OXYGEN_LIMIT_PCT = 45.0, 5.0
FAULTS = frozenset({"scale-drift", "cooling-failure", "stuck-valve", "oxygen-ingress", "agglomerate", "uncleaned"})


class Bowl:
    """Drives (rpm), temperature (degC), pressure (mbar), torque (%) and oxygen over the slurry (vol%) of the mixer.

    Its interlocks stop the drives, whatever the phase does: slurry above 45 degC, more than 5 vol% oxygen over it.
    """

    def __init__(self, jitter: Jitter, stage: Stage) -> None:
        self.jitter = jitter
        self._stage = stage
        self.planetary_rpm = 0.0
        self.disperser_rpm = 0.0
        self.bowl_degc = JACKET_DEGC
        self.jacket_degc = JACKET_DEGC
        self.pressure_mbar = ATMOSPHERE_MBAR
        self.pressure_target_mbar = ATMOSPHERE_MBAR
        self.torque_pct = 0.0
        self.head_oxygen_pct = HEAD_OXYGEN_PCT
        self.faults: dict[str, float] = {}
        self._valve_mbar = ATMOSPHERE_MBAR
        self._hot = Latch("MX_SLURRY_TEMPERATURE")
        self._oxygen = Latch("MX_HEAD_OXYGEN")

    def tick(self) -> None:
        """Heat by stirring, cool by the jacket, pump or vent."""
        faults = self.faults
        cooling = faults.get("cooling-failure", 1.0) if faults else 1.0
        rise = 0.0
        if self.planetary_rpm:
            rise = KNEAD_RISE_K * (self.planetary_rpm / KNEAD_RPM) ** 2 * self.torque_pct / 60.0
        if self.disperser_rpm:
            rise += DISPERSE_RISE_K * (self.disperser_rpm / DISPERSE_RPM) ** 2
        warms = (self.jacket_degc - self.bowl_degc) * cooling + rise
        if cooling < 1.0:
            warms += (ROOM_DEGC - self.bowl_degc) * ROOM_SHARE
        self.bowl_degc += warms * (TICK_S / BOWL_TAU_S)
        if not faults or "stuck-valve" not in faults:
            self._valve_mbar = self.pressure_target_mbar
        self.pressure_mbar += (self._valve_mbar - self.pressure_mbar) * (TICK_S / PUMP_TAU_S)
        oxygen = faults.get("oxygen-ingress", HEAD_OXYGEN_PCT) if faults else HEAD_OXYGEN_PCT
        if oxygen != self.head_oxygen_pct:
            self.head_oxygen_pct += (oxygen - self.head_oxygen_pct) * (TICK_S / HEAD_TAU_S)
        hot = self._hot.watch(self.bowl_degc > HOTTEST_DEGC, self.bowl_degc < HOTTEST_DEGC - 2.0)
        if self._oxygen.watch(self.head_oxygen_pct > OXYGEN_LIMIT_PCT, self.head_oxygen_pct < OXYGEN_LIMIT_PCT - 1.0):
            self.stop()
        elif hot:
            self.stop()

    def tags(self) -> Mapping[str, float]:
        """Give drives, temperature, pressure and torque."""
        noise, within = self.jitter.around, self.jitter.within
        return {
            "RPM_PLAN": within(self.planetary_rpm, 0.1, 0.0, 80.0) if self.planetary_rpm else 0.0,
            "RPM_DISP": within(self.disperser_rpm, 2.0, 0.0, 3000.0) if self.disperser_rpm else 0.0,
            "T_SL": within(self.bowl_degc, 0.1, 0.0, 60.0),
            "VAC": noise(self.pressure_mbar, 0.5),
            "TORQUE": min(100.0, noise(self.torque_pct, 0.5)) if self.torque_pct else 0.0,
            "O2_HEAD": within(self.head_oxygen_pct, 0.02, 0.0, 25.0),
        }

    def interlocks(self) -> frozenset[str]:
        """Slurry above 45 degC, or more than 5 % oxygen over it."""
        if not (self._hot.tripped or self._oxygen.tripped):
            return NONE
        return holding((self._hot, self._oxygen))

    def disturbances(self) -> frozenset[str]:
        """Balance, cooling, vacuum valve, inert head, lumps in the slurry, a bowl that was not cleaned."""
        return FAULTS

    def disturb(self, fault: str, amount: float) -> None:
        """Begin a fault or change its amount."""
        self.faults[fault] = amount
        if fault == "uncleaned":
            self._stage.stays = amount / 100.0

    def recover(self, fault: str) -> None:
        """End a fault."""
        self.faults.pop(fault, None)
        if fault == "uncleaned":
            self._stage.stays = 0.0

    def reset(self, interlock: str, *, key: bool) -> None:
        """Both interlocks let go by themselves; raises ValueError while they cannot."""
        release((self._hot, self._oxygen), interlock, key=key)

    def stop(self) -> None:
        """Stop both drives."""
        self.planetary_rpm = self.disperser_rpm = self.torque_pct = 0.0

    def settle(self) -> None:
        """Stop the drives, vent, jacket back to its rest temperature."""
        self.stop()
        self.jacket_degc, self.pressure_target_mbar = JACKET_DEGC, ATMOSPHERE_MBAR
