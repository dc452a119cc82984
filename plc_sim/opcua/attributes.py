"""Reading and writing the tag image by OPC UA, strict as PLCs are."""

from __future__ import annotations

import math
from datetime import UTC

from asyncua import ua
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.server.address_space import AddressSpace, AttributeService
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.status_codes import StatusCodes

from plc_sim.codec import WireType, from_bits, to_bits
from plc_sim.image import TagImage
from plc_sim.tagmap import WireTag

VARIANT = {
    WireType.UINT: ua.VariantType.UInt16,
    WireType.UDINT: ua.VariantType.UInt32,
    WireType.REAL: ua.VariantType.Float,
}
PLC_ITSELF = User(role=UserRole.Admin)
SENSOR_FAILURE = ua.StatusCode(ua.UInt32(StatusCodes.BadSensorFailure))
NO_VALUE = ua.Variant(None, ua.VariantType.Null)


class ImageAttributes(AttributeService):
    """Attribute service of the server: values of tags come from the image and go to it, at once and in whole requests.

    Strict as PLCs are: one scalar of exactly the declared type, without status code or timestamps.
    """

    def __init__(self, aspace: AddressSpace, image: TagImage) -> None:
        super().__init__(aspace)
        self._image = image
        self._nodes: dict[ua.NodeId, int] = {}
        self._changed = image.watch()
        self._shown: list[ua.DataValue] = [ua.DataValue() for _ in image.tags]

    def bind(self, node_id: ua.NodeId, index: int) -> None:
        """Tie a node to a tag of the image."""
        self._nodes[node_id] = index
        self._shown[index] = self._fresh(index)

    def changes(self) -> list[int]:
        """Give the tags that changed since the last call, their data values made anew, in the order of the map."""
        changed = sorted(self._changed)
        self._changed.clear()
        for index in changed:
            self._shown[index] = self._fresh(index)
        return changed

    def shown(self, index: int) -> ua.DataValue:
        """Give the data value of a tag as a client sees it now."""
        if index in self._changed:
            return self._fresh(index)
        return self._shown[index]

    def read(self, params: ua.ReadParameters) -> list[ua.DataValue]:
        answers: list[ua.DataValue] = []
        for item in params.NodesToRead:
            index = self._nodes.get(item.NodeId) if item.AttributeId == AttributeIds.Value else None
            if index is None:
                answers.append(self._aspace.read_attribute_value(item.NodeId, item.AttributeId))
            else:
                answers.append(self.shown(index))
        return answers

    async def write(self, params: ua.WriteParameters, user: User = PLC_ITSELF) -> list[ua.StatusCode]:
        if not any(item.NodeId in self._nodes for item in params.NodesToWrite):
            return await super().write(params, user)
        # No await from here on: what one request writes is latched by one scan.
        return [ua.StatusCode(ua.UInt32(self._write(item))) for item in params.NodesToWrite]

    def _write(self, item: ua.WriteValue) -> int:
        index = self._nodes.get(item.NodeId)
        if index is None:
            known = self._aspace.get(item.NodeId) is not None
            return StatusCodes.BadNotWritable if known else StatusCodes.BadNodeIdUnknown
        tag = self._image.tags[index]
        if item.AttributeId != AttributeIds.Value or not tag.writable:
            return StatusCodes.BadNotWritable
        if item.IndexRange:
            return StatusCodes.BadIndexRangeInvalid
        data_value = item.Value
        variant = data_value.Value
        if variant is None or variant.is_array or variant.Value is None or not _fits(variant, tag):
            return StatusCodes.BadTypeMismatch
        qualified = data_value.StatusCode is not None and not data_value.StatusCode.is_good()
        if qualified or data_value.SourceTimestamp is not None or data_value.ServerTimestamp is not None:
            return StatusCodes.BadWriteNotSupported
        self._image.write_bits(index, to_bits(tag.wire_type, variant.Value))
        return StatusCodes.Good

    def _fresh(self, index: int) -> ua.DataValue:
        tag = self._image.tags[index]
        value = from_bits(tag.wire_type, self._image.bits(index))
        now = ua.DateTime.now(UTC)  # a PLC stamps by the clock it has
        # What the MES wrote is given back as written; a reading of the PLC that is no number has failed.
        if not tag.writable and not math.isfinite(value):
            return ua.DataValue(NO_VALUE, SENSOR_FAILURE, now, now)
        return ua.DataValue(ua.Variant(value, VARIANT[tag.wire_type]), ua.StatusCode(), now, now)


def _fits(variant: ua.Variant, tag: WireTag) -> bool:
    return bool(variant.VariantType == VARIANT[tag.wire_type])
