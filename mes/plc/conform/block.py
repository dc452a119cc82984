"""What is written into a command block: the words of one command, right or wrong on purpose."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from mes.model.equipment import EquipmentPhase, ParameterSpec
from mes.plc.codec import Unchecked, single
from mes.plc.conform.contract import command_words
from mes.plc.tagmap import Slot

SMALLEST_NORMAL = 2.0**-126
"""The smallest REAL above 0 that no PLC rounds to 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandBlock:
    """One command as it is staged; `epoch_low` None is the low word of `epoch`."""

    command: int
    boot_id: int
    epoch: int
    phase_number: int
    exec_id: int
    epoch_low: int | None = None
    parameters: tuple[float, ...] = ()

    def words(self, slot: Slot) -> dict[str, float | int]:
        """Give the tags to write, everything but the commit word."""
        values: dict[str, float | int] = {
            "Cmd": self.command,
            "CmdBootId": self.boot_id,
            "CmdEpochLo": self.epoch & 0xFFFF if self.epoch_low is None else self.epoch_low,
            "ProcReq": self.phase_number,
            "CmdEpoch": self.epoch,
            "ExecId": self.exec_id,
        }
        values |= {f"Sp{place}": Unchecked(value) for place, value in enumerate(self.parameters, 1)}
        return {slot.tag(field): value for field, value in values.items()}

    def __str__(self) -> str:
        low = "" if self.epoch_low is None else f", CmdEpochLo {self.epoch_low}"
        sp = f", Sp {', '.join(f'{value:.9g}' for value in self.parameters)}" if self.parameters else ""
        return (
            f"Cmd {command_words(self.command)}, CmdBootId {self.boot_id}, CmdEpoch {self.epoch}{low}, "
            f"ProcReq {self.phase_number}, ExecId {self.exec_id}{sp}"
        )


def below(limit: float) -> float:
    """Give the greatest REAL below a limit; below 0 comes the first one that no PLC rounds to 0."""
    return -above(-limit)


def above(limit: float) -> float:
    """Give the smallest REAL above a limit."""
    value = single(limit)
    if value == 0.0:
        return SMALLEST_NORMAL
    (bits,) = struct.unpack(">I", struct.pack(">f", value))
    return float(struct.unpack(">f", struct.pack(">I", bits + (1 if value > 0 else -1)))[0])


def is_duration(spec: ParameterSpec) -> bool:
    """Say whether a parameter is a time."""
    return spec.uom in {"s", "min", "h"}


def parameter_sets(phase: EquipmentPhase, *, short: bool) -> tuple[tuple[float, ...], ...]:
    """Give sets of parameters to try, the likeliest first: one that ends soon when `short`, else one that lasts."""

    def usual(spec: ParameterSpec) -> float:
        middle = (spec.minimum + spec.maximum) / 2
        return middle if spec.default is None else spec.default

    def timed(spec: ParameterSpec) -> float:
        if is_duration(spec):
            return spec.minimum if short else spec.maximum
        return usual(spec)

    def ends(spec: ParameterSpec) -> float:
        return spec.minimum if short else spec.maximum

    sets = [tuple(map(make, phase.parameters)) for make in (timed, usual, ends)]
    return tuple(dict.fromkeys(sets))


def replaced(values: Sequence[float], place: int, value: float) -> tuple[float, ...]:
    """Give the values with one of them replaced."""
    return (*values[:place], value, *values[place + 1 :])


def same_as_real(asked: Sequence[float], shown: Sequence[float | None]) -> bool:
    """Say whether these are the values as a REAL carries them, and 0 where none was asked for."""
    wanted = [single(value) for value in asked] + [0.0] * (len(shown) - len(asked))
    return all(
        value is not None and math.isfinite(value) and value == want for want, value in zip(wanted, shown, strict=True)
    )
