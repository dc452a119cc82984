"""Faults of signals: what lies between the true value of a tag and the value its PLC shows."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Protocol

from plc_sim.plant import TICK_S

S_PER_H = 3600.0


class Distortion(Protocol):
    """What one fault makes of a value; `tick` is the process time at which it is shown."""

    def shown(self, value: float, tick: int) -> float:
        """Give the value to show; called once for every scan."""
        ...


class SignalFaults:
    """The distorted tags of one PLC; `tags` is empty while all is well, and then nothing else is looked at."""

    def __init__(self) -> None:
        self.tags: dict[str, list[Distortion]] = {}

    def add(self, tag: str, distortion: Distortion) -> Callable[[], None]:
        """Distort a tag from the next scan on, after what distorts it already; gives what ends it."""
        self.tags.setdefault(tag, []).append(distortion)

        def end() -> None:
            self.tags[tag].remove(distortion)
            if not self.tags[tag]:
                del self.tags[tag]

        return end

    def shown(self, tag: str, value: float, tick: int) -> float:
        """Give what is shown instead of the true value of a tag."""
        for distortion in self.tags.get(tag, ()):
            value = distortion.shown(value, tick)
        return value


class Frozen:
    """Shows the first value it sees for ever, with good quality."""

    def __init__(self) -> None:
        self._value: float | None = None

    def shown(self, value: float, tick: int) -> float:
        """Give the frozen value."""
        if self._value is None:
            self._value = value
        return self._value


class Drifting:
    """Moves away from the true value at `rate` per process hour."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._start: int | None = None

    def shown(self, value: float, tick: int) -> float:
        """Give the value with what has drifted since the first look."""
        if self._start is None:
            self._start = tick
        return value + self._rate * (tick - self._start) * TICK_S / S_PER_H


class Spiking:
    """Is off by `size` in one scan, at once and then every `every_s` process seconds."""

    def __init__(self, size: float, every_s: float) -> None:
        self._size = size
        self._every = max(1, round(every_s / TICK_S))
        self._due: int | None = None

    def shown(self, value: float, tick: int) -> float:
        """Give the spike in the first scan at or after its time; a scan that runs many ticks shows one spike."""
        if self._due is not None and tick < self._due:
            return value
        self._due = tick + self._every
        return value + self._size


class Chattering:
    """Is off by `size`, up and down in turn, scan by scan."""

    def __init__(self, size: float) -> None:
        self._size = size

    def shown(self, value: float, tick: int) -> float:
        """Give the value with the size added, and turn it round for the next scan."""
        shown = value + self._size
        self._size = -self._size
        return shown


class Noisy:
    """Adds normal noise of standard deviation `deviation`; the same tag has the same noise in every plant."""

    def __init__(self, tag: str, deviation: float) -> None:
        self._random = random.Random(f"noisy {tag}")
        self._deviation = deviation

    def shown(self, value: float, tick: int) -> float:
        """Give the value with noise."""
        return value + self._random.gauss(0.0, self._deviation)


class Offset:
    """Is off by the same `size` always."""

    def __init__(self, size: float) -> None:
        self._size = size

    def shown(self, value: float, tick: int) -> float:
        """Give the value with the size added."""
        return value + self._size


class Forced:
    """Shows `value` whatever is true; NaN for a broken sensor."""

    def __init__(self, value: float = math.nan) -> None:
        self._value = value

    def shown(self, value: float, tick: int) -> float:
        """Give the forced value."""
        return self._value
