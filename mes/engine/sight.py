"""What the engine sees of the slots and links of a cell, and what of it has changed since it last looked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mes.engine.dispatch import Dispatch
from mes.model.equipment import ProcessCell
from mes.model.phase import PhaseStatus
from mes.plc.port import PlcError, PlcLink

LOST_AFTER_S = 3.0
_LOOKED_S = 1.0
"""Longest wall time that one look adds to the time a link has been down: an engine that was stalled itself has not
looked, and must not take its own pause for the silence of a PLC."""


@dataclass(slots=True)
class Sight:
    """The last look at every slot of the tag maps. `statuses` is by slot."""

    equipment: ProcessCell
    dispatch: Dispatch
    statuses: dict[str, PhaseStatus] = field(default_factory=dict)
    _slots: tuple[tuple[str, str], ...] = field(init=False)

    def __post_init__(self) -> None:
        self._slots = tuple({(phase.slot, phase.plc): None for phase in self.equipment.phases.values()})

    def look(self) -> list[str]:
        """Look at every slot; give those whose status has changed. One that stays not fresh has not.

        This is what costs in every scan, whatever happens: most statuses are the very object of the last look.
        """
        changed: list[str] = []
        statuses, settling = self.statuses, self.dispatch.settling
        phases = {name: link.phase for name, link in self.dispatch.links.items()}
        for slot, plc in self._slots:
            phase = phases.get(plc)
            if phase is None or slot in settling:
                now = self.dispatch.status(plc, slot)
            else:
                try:
                    now = phase(slot)
                except PlcError:
                    now = self.dispatch.status(plc, slot)
            before = statuses.get(slot)
            if now is before:
                continue
            statuses[slot] = now
            if before is None or ((now.fresh or before.fresh) and now != before):
                changed.append(slot)
        return changed


@dataclass(slots=True)
class LinkWatch:
    """How long each link has been down. `lost` tells why, by PLC, once it is longer than a glitch."""

    links: Mapping[str, PlcLink]
    lost: dict[str, str] = field(default_factory=dict)
    _down_s: dict[str, float] = field(default_factory=dict)
    _looked_s: float = 0.0

    def begin(self, now_s: float) -> None:
        """Begin to look at a wall time."""
        self._looked_s = now_s

    def look(self, now_s: float) -> bool:
        """Look at the links at a wall time; say whether another set of them is lost than before."""
        passed_s, self._looked_s = min(now_s - self._looked_s, _LOOKED_S), now_s
        lost: dict[str, str] = {}
        for name, link in self.links.items():
            status = link.status()
            self._down_s[name] = 0.0 if status.fresh else self._down_s.get(name, 0.0) + passed_s
            if self._down_s[name] > LOST_AFTER_S:
                lost[name] = status.why
        before, self.lost = self.lost, lost
        return before.keys() != lost.keys()
