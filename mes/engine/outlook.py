"""What a cell sees: slots, links, conditions, units and claims, and which batches any news of them concerns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mes.engine.claims import Claims
from mes.engine.conditions import ConditionWatch
from mes.engine.dispatch import Dispatch
from mes.engine.draft import PlantView
from mes.engine.ports import Change
from mes.engine.quiet import Attention
from mes.engine.sight import LinkWatch, Sight
from mes.engine.units import Units
from mes.model.equipment import ProcessCell
from mes.model.execution import BatchState
from mes.model.waiting import Wait

NO_WAITS: Mapping[str, Wait] = {}


@dataclass(slots=True)
class Outlook:
    """The open batches of a cell with why their elements wait, and everything that is watched for them.

    Only what is put in with `keep` is watched; `look` says which batches need a step.
    """

    equipment: ProcessCell
    dispatch: Dispatch
    batches: dict[str, BatchState]
    waiting: dict[str, Mapping[str, Wait]]
    units: Units = field(init=False)
    links: LinkWatch = field(init=False)
    attention: Attention = field(default_factory=Attention)
    claims: Claims = field(default_factory=Claims)
    _sight: Sight = field(init=False)
    _conditions: ConditionWatch = field(default_factory=ConditionWatch)

    def __post_init__(self) -> None:
        self.units = Units(self.equipment)
        self.links = LinkWatch(self.dispatch.links)
        self._sight = Sight(self.equipment, self.dispatch)

    def look(self, at: datetime, now_s: float) -> list[str]:
        """Look at everything at process time `at` (wall second `now_s`); give the batches that need a step."""
        self.attention.mark_slots(self._sight.look())
        if self.links.look(now_s):
            self.attention.mark(self.batches)
        self.attention.mark(self._conditions.look(self.waits, self.dispatch.reading, self.dispatch.uom, at, now_s))
        self.attention.mark(self.claims.look(self.batches, self.units.fitness()))
        return [batch_no for batch_no in self.attention.take(at, now_s) if batch_no in self.batches]

    def waits(self, batch_no: str) -> Mapping[str, Wait]:
        """Give why elements of a batch wait, by path, by what the last step said."""
        return self.waiting.get(batch_no, NO_WAITS)

    def view(self, batch_no: str, at: datetime, next_exec: int) -> PlantView:
        """Give what the step of a batch sees."""
        return PlantView(
            at=at,
            phases=self._sight.statuses,
            equipment=self.equipment.phases,
            grants=self.claims.grants(batch_no),
            queue=self.claims.waits(batch_no),
            rank=self.claims.next_rank(),
            fit_units=self.units.fit(),
            permissives=self._conditions.of(batch_no),
            lost=self.links.lost,
            next_exec=next_exec,
        )

    def keep(self, state: BatchState, waiting: Mapping[str, Wait]) -> None:
        """Take the new state of a batch, and with it what is to be watched from now on."""
        batch_no = state.batch_no
        before = self.batches.get(batch_no)
        if before is state and self.waits(batch_no) == waiting:
            return
        if before is not state:
            self.claims.changed(before, state)
            self.attention.mark((batch_no,))
        self.batches[batch_no] = state
        self.waiting[batch_no] = waiting
        self._conditions.follow(state)
        self.attention.follow(state, waiting)

    def recorded(self, change: Change) -> None:
        """Take notice of what the record says of units now."""
        if self.units.take(change.at, (fact for _, fact in change.facts)):
            self.claims.stale = True

    def forget(self, state: BatchState) -> None:
        """Watch a batch no more: it has ended, or waits for nobody but a person."""
        self.claims.changed(self.batches.pop(state.batch_no, None), state)
        self.waiting.pop(state.batch_no, None)
        self._conditions.forget(state.batch_no)
        self.attention.forget(state.batch_no)
