"""How a fault of the plant itself is described: at which units, with what amount; the unit makes the effect."""

from __future__ import annotations

from collections.abc import Mapping

from plc_sim.faults.kinds import End, FaultKind, FaultParameter, Seat, Target


def amount(name: str, unit: str, low: float, high: float, default: float, says: str) -> FaultParameter:
    """Describe the amount of a fault: its unit of measure, limits and default."""
    return FaultParameter(name=name, unit=unit, low=low, high=high, default=default, says=says)


def zone() -> FaultParameter:
    """Describe which of three heated zones is struck."""
    says = "which one; a unit with one heater takes any"
    return FaultParameter(name="zone", unit="-", low=1, high=3, default=2, says=says, only=(1.0, 2.0, 3.0))


def of_unit(
    name: str,
    units: tuple[str, ...],
    size: FaultParameter | None,
    says: str,
    effect: str,
    target: Target = Target.UNIT,
) -> FaultKind:
    """Describe a fault that strikes one of several units, with an amount of some `size` or none."""

    def act(seat: Seat, values: Mapping[str, float]) -> End:
        unit = seat.plc.units[seat.name]
        unit.disturb(name, values[size.name] if size is not None else 1.0)
        return lambda: unit.recover(name)

    def refuses(seat: Seat) -> None:
        known = seat.plc.units[seat.name].disturbances()
        if name not in known:
            knows = ", ".join(sorted(known)) or "none"
            raise ValueError(f"unit {seat.name} knows no fault {name}; it knows {knows}")

    return FaultKind(
        name=name,
        target=target,
        says=says,
        effect=effect,
        act=act,
        parameters=() if size is None else (size,),
        units=units,
        refuses=refuses,
    )


def of_site(name: str, unit: str, size: FaultParameter, says: str, effect: str) -> FaultKind:
    """Describe a fault that strikes the whole site at one unit."""
    return of_unit(name, (unit,), size, says, effect, Target.SITE)
