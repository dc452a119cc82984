"""The last known image of one PLC: readings with their age, its heart, and the status of its phase slots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mes.model.equipment import AGE_LIMIT_S
from mes.model.phase import PhaseStatus
from mes.model.reading import Quality, Reading, missing
from mes.plc.port import PlcError
from mes.plc.status import good_number, phase_status, status_tags, unknown
from mes.plc.tagmap import Slot, TagMap

HEART_LIMIT_S = 1.0
"""A heart that does not beat for this long (wall time) makes every tag of its PLC stale."""

STATUS_AGE_LIMIT_S = 2.0


class PlcImage:
    """What was last seen of one PLC. Ages are told by the caller's `now_s`, in monotonic wall seconds."""

    def __init__(self, tag_map: TagMap) -> None:
        self._map = tag_map
        self._readings: dict[str, Reading] = {}
        self._settled: dict[str, PhaseStatus] = {}
        self._settled_s: dict[str, float] = {}
        self._torn: dict[str, str] = {}
        self._heart: int | None = None
        self._beat_s: float | None = None
        self._slot_of = {tag: slot for slot in tag_map.slots.values() for tag in status_tags(slot)}
        self._beats = frozenset(tag_map.header(field) for field in ("PlcHb", "MesHbEcho"))

    def forget_link(self) -> None:
        """Begin a new connection: values stay to be shown, none is fresh until it is seen again."""
        self._heart = None
        self._beat_s = None
        self._settled_s.clear()
        self._torn.clear()

    def take(self, changes: Mapping[str, Reading]) -> tuple[set[str], bool]:
        """Take new readings; give the slots whose status is touched and whether anything but a heart has changed."""
        slots: set[str] = set()
        changed = False
        for tag, reading in changes.items():
            before = self._readings.get(tag)
            self._readings[tag] = reading
            if tag in self._slot_of:
                slots.add(self._slot_of[tag].name)
            if tag in self._beats:
                continue
            if before is None or before.value != reading.value or before.quality is not reading.quality:
                changed = True
        self._listen(changes)
        return slots, changed

    def _listen(self, changes: Mapping[str, Reading]) -> None:
        reading = changes.get(self._map.header("PlcHb"))
        if reading is None or not reading.is_good or reading.value is None:
            return
        beat = int(reading.value)
        if self._heart is not None and beat != self._heart:
            self._beat_s = reading.received_s
        self._heart = beat

    def header(self, field: str) -> int:
        """Give a header tag, 0 while it is not known."""
        reading = self._readings.get(self._map.header(field))
        return int(reading.value) if reading and reading.is_good and reading.value is not None else 0

    def silence_s(self, now_s: float) -> float | None:
        """Give the wall seconds since the heart was last seen beating on this connection, or None."""
        return None if self._beat_s is None else now_s - self._beat_s

    def reading(self, tag: str, *, now_s: float, not_fresh: str) -> Reading:
        """Give the last reading of a unit tag, stale when the link is not fresh or it is too old for its class."""
        spec = self._map.unit_tags.get(tag)
        reading = self._readings.get(tag)
        if spec is None:
            return missing(f"the tag map of {self._map.name} has no unit tag {tag!r}")
        if reading is None:
            return missing(not_fresh or f"{tag} has not been read yet")
        if reading.quality is not Quality.GOOD:
            return reading
        age_s = now_s - reading.received_s
        why = not_fresh
        if not why and age_s > AGE_LIMIT_S[spec.sampling]:
            why = f"{tag} was last read {age_s:.1f} s ago"
        return replace(reading, quality=Quality.STALE, why=why) if why else reading

    def needs_settling(self, slot: Slot) -> bool:
        """Say whether the status of a slot has to be read once more, because its state has changed or was torn."""
        settled = self._settled.get(slot.name)
        if settled is None or slot.name not in self._settled_s or slot.name in self._torn:
            return True
        try:
            changes = good_number(self._readings, slot.tag("StateChg"))
            return changes != settled.state_changes or changes != good_number(self._readings, slot.tag("StatusEnd"))
        except PlcError:
            return True

    def state_changes(self, slot: Slot, readings: Mapping[str, Reading] | None = None) -> int | None:
        """Give StateChg of a slot as last seen, None while it is not known or not equal to StatusEnd."""
        source = self._readings if readings is None else readings
        try:
            changes = good_number(source, slot.tag("StateChg"))
            return changes if changes == good_number(source, slot.tag("StatusEnd")) else None
        except PlcError:
            return None

    def settle(self, slot: Slot) -> None:
        """Take the present readings of a slot for its status: they belong together."""
        status = phase_status(slot, self._readings)
        self._torn.pop(slot.name, None)
        self._settled[slot.name] = status
        self._settled_s[slot.name] = self._readings[slot.tag("StateChg")].received_s

    def tear(self, slot: Slot, why: str) -> None:
        """Note that the status of a slot could not be read as one."""
        self._torn[slot.name] = why

    def phase(self, slot: Slot, *, now_s: float, not_fresh: str) -> PhaseStatus:
        """Give the last status of a slot that belongs together, not fresh when nothing may be decided on it."""
        status = self._settled.get(slot.name)
        if status is None:
            return unknown(not_fresh or self._torn.get(slot.name) or f"the status of {slot.name} has not been read yet")
        settled_s = self._settled_s.get(slot.name)
        why = not_fresh or self._torn.get(slot.name, "")
        if not why and settled_s is None:
            why = f"the status of {slot.name} has not been read on this connection yet"
        elif not why and settled_s is not None and now_s - settled_s > STATUS_AGE_LIMIT_S:
            why = f"the status of {slot.name} was last read {now_s - settled_s:.1f} s ago"
        return replace(status, fresh=False, why=why) if why and status.fresh else status
