"""What the furnace's phases need of the furnace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from plc_sim.physics.reaction import LPSCL, Kinetics
from plc_sim.units.retort_gas import RetortGas


class ZoneView(Protocol):
    """What a phase sees of a zone."""

    @property
    def shown_degc(self) -> float:
        """What the thermocouple shows."""
        ...


class Retort(Protocol):
    """What the phases need of the furnace."""

    setpoint_degc: float | None
    gas: RetortGas
    uncleaned_pct: float

    @property
    def core_degc(self) -> float:
        """Temperature of the powder core."""
        ...

    @property
    def zones(self) -> Sequence[ZoneView]:
        """The heated zones."""
        ...

    @property
    def mean_degc(self) -> float:
        """Mean zone temperature."""
        ...

    def is_hot(self) -> bool:
        """Whether the door is locked."""
        ...

    def settle_at(self, degc: float) -> None:
        """Put everything at one temperature."""
        ...

    def heat_to(self, setpoint_degc: float, ramp_degc_min: float) -> None:
        """Control the zones."""
        ...

    def heaters_off(self) -> None:
        """Take the power away."""
        ...

    def begin_charge(self, mass_g: float, kinetics: Kinetics = LPSCL) -> None:
        """Begin with fresh powder that anneals in its own way."""
        ...

    def react(self, on: bool) -> None:
        """Let the heat work on the charge, or not while the furnace waits between two phases."""
        ...

    def outcome(self) -> tuple[float, float, float]:
        """Give crystallised part, phase kept (0..1) and sulfur gone (g) of the charge."""
        ...

    def end_charge(self) -> None:
        """The saggar is empty."""
        ...
