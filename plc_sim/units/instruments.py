"""Instruments of a unit: measured reports that a seed alone decides, and the background noise of live tags."""

from __future__ import annotations

import hashlib
import random

WORD = (1 << 64) - 1
SCALE_SIGMA = 1e-4
"""Relative standard deviation of a weighed mass."""
SCALE_SIGMA_G = 0.01
"""Least standard deviation of a weighed mass, g; also the scale's smallest digit."""


class Readings:
    """The instruments of one run of a phase.

    Each value is drawn from a generator seeded by seed, unit, slot, ordinal and name alone, so that the same commands
    give the same reports at any speed and after any idle time. Asked twice, an instrument shows the same noise again.
    """

    def __init__(self, seed: int, unit: str, slot: str, ordinal: int) -> None:
        self._key = f"{seed}/{unit}/{slot}/{ordinal}"
        self._attempt = 0
        self._noise: dict[str, float] = {}

    def weighed(self, name: str, true_g: float) -> float:
        """Weigh a mass (g): 0.01 % noise, at least 0.01 g, shown to 0.01 g, never negative."""
        return max(0.0, round(true_g + max(SCALE_SIGMA_G, SCALE_SIGMA * true_g) * self._gauss(name), 2))

    def measured(self, name: str, true_value: float, relative_sigma: float) -> float:
        """Measure anything else with a relative standard deviation."""
        return true_value * (1.0 + relative_sigma * self._gauss(name))

    def varied(self, name: str, centre: float, half_width: float) -> float:
        """Draw a property of the process itself, even within centre +- half_width."""
        return centre + half_width * (2.0 * self._source(f"process/{name}").random() - 1.0)

    def again(self) -> None:
        """Begin a new attempt of the same run: what was drawn is drawn anew."""
        self._attempt += 1
        self._noise.clear()

    def _gauss(self, name: str) -> float:
        noise = self._noise.get(name)
        if noise is None:
            noise = self._noise[name] = self._source(name).gauss(0.0, 1.0)
        return noise

    def _source(self, name: str) -> random.Random:
        return random.Random(f"{self._key}/{self._attempt}/{name}")


class Jitter:
    """Background noise of a unit's live tags: seed, unit, tick and order in the tag list alone decide it.

    It never enters a report, and showing the tags often or seldom changes nothing.
    """

    __slots__ = ("_key", "_word")

    def __init__(self, seed: int, unit: str) -> None:
        self._key = int.from_bytes(hashlib.sha256(f"{seed}/{unit}/background".encode()).digest()[:8], "big")
        self._word = self._key

    def at(self, tick: int) -> None:
        """Begin the noise of one tick."""
        # Without the mixing, neighbouring ticks would begin with nearly the same noise.
        word = (self._key + tick * 0x9E3779B97F4A7C15) & WORD
        word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & WORD
        self._word = word ^ (word >> 27)

    def around(self, value: float, half_width: float) -> float:
        """Give the value with even noise of +- half_width."""
        self._word = (self._word * 6364136223846793005 + 1442695040888963407) & WORD
        return value + half_width * ((self._word >> 11) * 2.0**-52 - 1.0)

    def within(self, value: float, half_width: float, low: float, high: float) -> float:
        """Give the value with even noise, as an instrument that ends at `low` and `high` shows it."""
        return min(high, max(low, self.around(value, half_width)))
