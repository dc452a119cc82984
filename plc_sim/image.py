"""The one tag image of a PLC: client writes are latched at scan start, outputs are published at scan end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plc_sim.codec import from_bits, to_bits
from plc_sim.tagmap import WireTag


class TagImage:
    """Bit patterns of all tags of one PLC.

    Servers and the scan share one thread, and `publish` replaces all outputs in one go: whatever a server reads within
    one request is of one scan. Writes of clients become visible to clients at once, to the PLC program at `latch`.
    """

    def __init__(self, tags: Sequence[WireTag]) -> None:
        self.tags = tuple(tags)
        self.index = {tag.name: i for i, tag in enumerate(self.tags)}
        self._bits = [0] * len(self.tags)
        self._values: list[float] = [0] * len(self.tags)
        self._latched: dict[str, float] = {}
        self._written = {i for i, tag in enumerate(self.tags) if tag.writable}
        self._watchers: list[set[int]] = []
        self.latch()

    # What clients see and do

    def bits(self, index: int) -> int:
        """Give the bit pattern of a tag as clients see it."""
        return self._bits[index]

    def value(self, name: str) -> float:
        """Give the value of a tag as clients see it; raises KeyError for an unknown name."""
        index = self.index[name]
        return from_bits(self.tags[index].wire_type, self._bits[index])

    def write(self, name: str, value: float) -> None:
        """Write a tag as a client does; raises PermissionError for a tag the MES may not write."""
        index = self.index[name]
        self.write_bits(index, to_bits(self.tags[index].wire_type, value))

    def write_bits(self, index: int, bits: int) -> None:
        """Write a bit pattern as a client does; raises PermissionError for a tag the MES may not write."""
        if not self.tags[index].writable:
            raise PermissionError(f"{self.tags[index].name} is written by the PLC only")
        self._written.add(index)
        self._set(index, bits)

    def watch(self) -> set[int]:
        """Give a set that collects the index of every tag that changes from now on; the watcher empties it."""
        changed: set[int] = set()
        self._watchers.append(changed)
        return changed

    # What the PLC program sees and does

    def latch(self) -> None:
        """Take over what clients have written."""
        for i in self._written:
            tag = self.tags[i]
            self._latched[tag.name] = from_bits(tag.wire_type, self._bits[i])
        self._written.clear()

    def latched(self, name: str) -> float:
        """Give the value of a tag written by the MES as it was at scan start."""
        return self._latched[name]

    def publish(self, values: Mapping[str, float]) -> None:
        """Show new values of tags the PLC writes; raises ValueError for one that does not fit its type."""
        for name, value in values.items():
            index = self.index[name]
            if value != self._values[index]:  # also true for NaN, which is then sorted out by its bits
                self._values[index] = value
                try:
                    bits = to_bits(self.tags[index].wire_type, value)
                except ValueError as error:
                    raise ValueError(f"{name}: {error}") from error
                self._set(index, bits)

    def _set(self, index: int, bits: int) -> None:
        if bits != self._bits[index]:
            self._bits[index] = bits
            for changed in self._watchers:
                changed.add(index)
