"""What the furnace's phases need of the furnace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class ZoneView(Protocol):
    """What a phase sees of a zone."""

    degc: float


class Retort(Protocol):
    """What the phases need of the furnace."""

    core_degc: float
    setpoint_degc: float | None
    oxygen_ppm: float
    argon_nl_min: float
    pressure_target_mbar: float
    charging: bool

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

    def gas_to_standby(self) -> None:
        """Trickle argon."""
        ...
