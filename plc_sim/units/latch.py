"""An interlock with memory: it trips on its cause and stays until its own rule lets it go."""

from __future__ import annotations

from enum import Enum

from plc_sim.plant import TICK_S


class Reset(Enum):
    """What lets an interlock go once its cause has been away long enough."""

    AUTO = "nothing more"
    ACK = "the reset button"
    KEY = "the key"


class Latch:
    """One interlock: `tripped` from its cause until the cause has been away for `clear_s` and, by `reset_by`, released.

    `watch` is called once a tick with the cause and, where the plant must be better than the trip level before it lets
    go, the condition that counts as clear.
    """

    __slots__ = ("_away_s", "_cleared", "clear_s", "name", "reset_by", "tripped")

    def __init__(self, name: str, reset_by: Reset = Reset.AUTO, clear_s: float = 0.0) -> None:
        self.name = name
        self.reset_by = reset_by
        self.clear_s = clear_s
        self.tripped = False
        self._away_s = 0.0
        self._cleared = False

    def watch(self, cause: bool, clear: bool = True) -> bool:
        """Take the cause of this tick; gives whether the interlock holds."""
        if cause:
            self.tripped = True
            self._away_s = 0.0
            self._cleared = False
        elif self.tripped:
            self._away_s = self._away_s + TICK_S if clear else 0.0
            self._cleared = clear and self._away_s >= self.clear_s
            if self._cleared and self.reset_by is Reset.AUTO:
                self.tripped = False
        return self.tripped

    def release(self, *, key: bool) -> None:
        """Reset at the panel; raises ValueError with the reason when it does not let go."""
        if not self.tripped:
            return
        if not self._cleared:
            raise ValueError(f"{self.name}: its cause is still there, or has not been away for {self.clear_s:g} s")
        if self.reset_by is Reset.KEY and not key:
            raise ValueError(f"{self.name} needs {Reset.KEY.value}")
        self.tripped = False


def release(latches: tuple[Latch, ...], interlock: str, *, key: bool) -> None:
    """Reset the one of several latches that has a name; raises ValueError, naming those there are."""
    for latch in latches:
        if latch.name == interlock:
            latch.release(key=key)
            return
    raise ValueError(f"no interlock {interlock} to reset here; there are {', '.join(one.name for one in latches)}")


def holding(latches: tuple[Latch, ...]) -> frozenset[str]:
    """Give the names of the latches that hold."""
    return frozenset(latch.name for latch in latches if latch.tripped)
