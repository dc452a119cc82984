"""Values on OPC UA: typed data values out, readings in, and what a subscription has brought."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime

from asyncua import ua
from asyncua.common.subscription import DataChangeEvent, Subscription

from mes.model.reading import Quality, Reading
from mes.plc.codec import as_reading, checked
from mes.plc.port import PlcError
from mes.plc.tagmap import TagAddress, WireType

SILENT_S = 3.0
"""A subscription that brings nothing for this long, while the read-back shows changes, is dead."""

VARIANT = {
    WireType.UINT: ua.VariantType.UInt16,
    WireType.UDINT: ua.VariantType.UInt32,
    WireType.REAL: ua.VariantType.Float,
}


class Brought:
    """What a subscription has brought and nobody has taken yet: the last value of each node."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._last_s = monotonic()
        self._arrived = asyncio.Event()
        self._values: dict[str, tuple[ua.DataValue, float]] = {}

    async def pump(self, subscription: Subscription) -> None:
        """Empty the subscription's queue until it ends or tells a change of its status."""
        async for event in subscription:
            if not isinstance(event, DataChangeEvent):
                return
            self._last_s = self._monotonic()
            value = event.data.monitored_item.Value
            self._values[str(event.node.nodeid.Identifier)] = (value, self._last_s)
            self._arrived.set()

    async def arrival(self, *, limit_s: float) -> None:
        """Wait until something has come, at most `limit_s` wall seconds."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._arrived.wait(), limit_s)
        self._arrived.clear()

    def take(self, tags: Mapping[str, TagAddress]) -> dict[str, Reading]:
        values, self._values = self._values, {}
        by_node = {tag.node: tag for tag in tags.values()} if values else {}
        return {
            by_node[node].name: reading_of(by_node[node], value, received_s)
            for node, (value, received_s) in values.items()
        }

    def prove_alive(
        self, known: Mapping[str, Reading], read_back: Mapping[str, Reading], plc: str, source: str
    ) -> None:
        """Raise `PlcError` when the device changes and the subscription says nothing of it."""
        silent_s = self._monotonic() - self._last_s
        if silent_s < SILENT_S:
            return
        changed = [name for name, reading in known.items() if read_back[name].value != reading.value]
        if changed:
            raise PlcError(
                f"{plc} ({source}): the subscription is silent for {silent_s:.1f} s although {changed[0]} changes"
            )


def data_value(tag: TagAddress, value: float | int) -> ua.DataValue:
    """Make what is written; raises `ValueError` that names the tag when the value does not fit its type."""
    # Servers refuse time stamps from a client (BadWriteNotSupported), and a bare int would go out as Int64.
    try:
        return ua.DataValue(ua.Variant(checked(value, tag.type), VARIANT[tag.type]))
    except ValueError as error:
        raise ValueError(f"{tag.name}: {error}") from None


def reading_of(tag: TagAddress, value: ua.DataValue, received_s: float) -> Reading:
    """Make a reading of what the server gave: bad when the server says so or the type is not that of the map."""
    source_at: datetime | None = value.SourceTimestamp
    if source_at is not None and source_at.tzinfo is None:
        source_at = source_at.replace(tzinfo=UTC)
    status = value.StatusCode
    if status is not None and not status.is_good():
        # Uncertain is not good: the server says itself that the value must not be relied on.
        return Reading(
            value=None,
            quality=Quality.BAD,
            received_s=received_s,
            source_at=source_at,
            why=f"{tag.name} ({tag.node!r}): the PLC says {status.name}",
        )
    variant = value.Value
    if variant is None or variant.VariantType is not VARIANT[tag.type] or variant.is_array:
        shown = "nothing" if variant is None else variant.VariantType.name
        return Reading(
            value=None,
            quality=Quality.BAD,
            received_s=received_s,
            source_at=source_at,
            why=f"{tag.name} ({tag.node!r}) is {shown} on the PLC, the tag map says {tag.type}",
        )
    return as_reading(tag, variant.Value, received_s=received_s, source_at=source_at)
