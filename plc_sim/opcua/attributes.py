"""Reading and writing the tag image by OPC UA, strict as PLCs are, for each user by its rights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC

from asyncua import ua
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.server.address_space import AddressSpace
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.status_codes import StatusCodes

from plc_sim.codec import WireType, from_bits, to_bits
from plc_sim.image import TagImage
from plc_sim.link import LinkConditions
from plc_sim.opcua.session import PlcUser, UserAttributes
from plc_sim.tagmap import UnitTag, WireTag

VARIANT = {
    WireType.UINT: ua.VariantType.UInt16,
    WireType.UDINT: ua.VariantType.UInt32,
    WireType.REAL: ua.VariantType.Float,
}
PLC_ITSELF = User(role=UserRole.Admin)
GOOD = ua.StatusCode()
SENSOR_FAILURE = ua.StatusCode(ua.UInt32(StatusCodes.BadSensorFailure))
OUT_OF_RANGE = ua.StatusCode(ua.UInt32(StatusCodes.UncertainEngineeringUnitsExceeded))
NO_VALUE = ua.Variant(None, ua.VariantType.Null)
READ, READ_WRITE = (ua.DataValue(ua.Variant(mask, ua.VariantType.Byte)) for mask in (1, 3))


class ImageAttributes(UserAttributes):
    """Attribute service of the server: values of tags come from the image and go to it, at once and in whole requests.

    A value that is no number is BadSensorFailure, one outside the range of its tag UncertainEngineeringUnitsExceeded.
    The source timestamp is of the scan that changed the value, the server timestamp of the last scan that confirmed it.
    """

    def __init__(
        self, aspace: AddressSpace, image: TagImage, unit_tags: Mapping[str, UnitTag], conditions: LinkConditions
    ) -> None:
        super().__init__(aspace)
        self._image = image
        self._conditions = conditions
        self._nodes: dict[ua.NodeId, int] = {}
        self._ranges = [_range(tag, unit_tags.get(tag.name)) for tag in image.tags]
        self._changed = image.watch()
        self._confirmed_at = _now()
        self._shown_bits = [image.bits(index) for index in range(len(image.tags))]
        self._shown = [self._made(index, self._confirmed_at) for index in range(len(image.tags))]

    def bind(self, node_id: ua.NodeId, index: int) -> None:
        """Tie a node to a tag of the image."""
        self._nodes[node_id] = index

    def changes(self) -> list[int]:
        """Give the tags that changed since the last call, their data values made anew, in the order of the map."""
        changed = sorted(self._changed)
        self._changed.clear()
        self._confirmed_at = _now()
        for index in changed:
            self._renew(index, self._confirmed_at)
        return changed

    def shown(self, index: int) -> ua.DataValue:
        """Give the data value of a tag as a client sees it now."""
        if index in self._changed:
            self._renew(index, _now())
        shown = self._shown[index]
        if shown.ServerTimestamp is None or shown.ServerTimestamp >= self._confirmed_at:
            return shown
        return ua.DataValue(shown.Value, shown.StatusCode, shown.SourceTimestamp, self._confirmed_at)

    def read_as(self, params: ua.ReadParameters, user: User) -> list[ua.DataValue]:
        """Read for `user`, whose own access level is told."""
        return [self._read(item, user) for item in params.NodesToRead]

    def read(self, params: ua.ReadParameters) -> list[ua.DataValue]:
        """Read for the PLC itself."""
        return self.read_as(params, PLC_ITSELF)

    async def write(self, params: ua.WriteParameters, user: User = PLC_ITSELF) -> list[ua.StatusCode]:
        """Write for `user`; what one request writes is latched by one scan."""
        if user.role is UserRole.Admin and not any(item.NodeId in self._nodes for item in params.NodesToWrite):
            return await super().write(params, user)  # the server keeps its own nodes
        # No await from here on, so that no scan comes between.
        return [ua.StatusCode(ua.UInt32(self._write(item, user))) for item in params.NodesToWrite]

    def _read(self, item: ua.ReadValueId, user: User) -> ua.DataValue:
        index = self._nodes.get(item.NodeId)
        if index is not None and item.AttributeId == AttributeIds.Value:
            return self.shown(index)
        if index is not None and item.AttributeId == AttributeIds.UserAccessLevel:
            tag = self._image.tags[index]
            return READ_WRITE if tag.writable and _may_write(user, tag) else READ
        return self._aspace.read_attribute_value(item.NodeId, item.AttributeId)

    def _write(self, item: ua.WriteValue, user: User) -> int:
        index = self._nodes.get(item.NodeId)
        if index is None:
            known = self._aspace.get(item.NodeId) is not None
            return StatusCodes.BadNotWritable if known else StatusCodes.BadNodeIdUnknown
        tag = self._image.tags[index]
        if item.AttributeId != AttributeIds.Value or not tag.writable:
            return StatusCodes.BadNotWritable
        if not _may_write(user, tag):
            return StatusCodes.BadUserAccessDenied
        if item.IndexRange:
            return StatusCodes.BadIndexRangeInvalid
        data_value = item.Value
        variant = data_value.Value
        if variant is None or variant.is_array or variant.Value is None or not _fits(variant, tag):
            return StatusCodes.BadTypeMismatch
        qualified = data_value.StatusCode is not None and not data_value.StatusCode.is_good()
        if qualified or data_value.SourceTimestamp is not None or data_value.ServerTimestamp is not None:
            return StatusCodes.BadWriteNotSupported
        if not self._conditions.ignore_writes:
            self._image.write_bits(index, to_bits(tag.wire_type, variant.Value))
        return StatusCodes.Good

    def _renew(self, index: int, at: ua.DateTime) -> None:
        if self._image.bits(index) != self._shown_bits[index]:
            self._shown_bits[index] = self._image.bits(index)
            self._shown[index] = self._made(index, at)

    def _made(self, index: int, at: ua.DateTime) -> ua.DataValue:
        tag = self._image.tags[index]
        value = from_bits(tag.wire_type, self._shown_bits[index])
        # What the MES wrote is given back as written; a reading of the PLC that is no number has failed.
        if not tag.writable and not math.isfinite(value):
            return ua.DataValue(NO_VALUE, SENSOR_FAILURE, at, at)
        low, high = self._ranges[index]
        status = GOOD if tag.writable or low <= value <= high else OUT_OF_RANGE
        return ua.DataValue(ua.Variant(value, VARIANT[tag.wire_type]), status, at, at)


def _now() -> ua.DateTime:
    return ua.DateTime.now(UTC)  # a PLC stamps by the clock it has


def _range(tag: WireTag, unit_tag: UnitTag | None) -> tuple[float, float]:
    if unit_tag is None:
        return -math.inf, math.inf
    if tag.wire_type is not WireType.REAL:
        return unit_tag.low, unit_tag.high
    # As single-precision values carry them: 0.1 is not beyond 0.1.
    low, high = (from_bits(tag.wire_type, to_bits(tag.wire_type, limit)) for limit in (unit_tag.low, unit_tag.high))
    return low, high


def _may_write(user: User, tag: WireTag) -> bool:
    return user.role is UserRole.Admin or (isinstance(user, PlcUser) and user.may_write(tag.folder))


def _fits(variant: ua.Variant, tag: WireTag) -> bool:
    return bool(variant.VariantType == VARIANT[tag.wire_type])
