"""The tag image as Modbus shows it: a table of 16-bit registers, and the single bits of those that hold a UINT."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import cast

from plc_sim.codec import WireType, WordOrder, shifts
from plc_sim.image import TagImage

WORD = 0xFFFF
BITS = 16


class Refusal(IntEnum):
    """Modbus exception code."""

    ILLEGAL_FUNCTION = 1
    ILLEGAL_ADDRESS = 2
    ILLEGAL_VALUE = 3
    DEVICE_FAILURE = 4
    ACKNOWLEDGE = 5
    BUSY = 6
    MEMORY_PARITY = 8
    NO_GATEWAY_PATH = 0x0A
    NO_SUCH_DEVICE = 0x0B


class Refused(Exception):
    """A request cannot be carried out; nothing has been changed."""

    def __init__(self, code: Refusal) -> None:
        super().__init__(code.name)
        self.code = code


class RegisterTable:
    """All registers of one image in one word order.

    A request that touches a register without a tag is refused as a whole with ILLEGAL_ADDRESS, as is a write that
    touches a tag the MES may not write. A write is worked out first (`changes`, `bit_changes`) and done at once after
    (`apply`), so a refused one leaves nothing behind.
    """

    def __init__(self, image: TagImage, order: WordOrder) -> None:
        self._image = image
        self._writable = tuple(tag.writable for tag in image.tags)
        self._bitwise = tuple(tag.wire_type is WireType.UINT for tag in image.tags)
        found = {
            tag.register + offset: (index, shift)
            for index, tag in enumerate(image.tags)
            for offset, shift in enumerate(shifts(tag.wire_type, order))
        }
        # A list, because a slice of it is several times faster than that many look-ups in a dict.
        self._places = [found.get(register) for register in range(max(found, default=-1) + 1)]

    def words(self, first: int, count: int) -> list[int]:
        """Give the words of `count` registers."""
        bits = self._image.bits
        return [bits(index) >> shift & WORD for index, shift in self._at(first, count)]

    def changes(self, first: int, words: Sequence[int]) -> dict[int, int]:
        """Give the new bit pattern of every tag that writing these words would change, by the tag's index.

        The word that is not written of a 32-bit tag stays as it is.
        """
        changed: dict[int, int] = {}
        for (index, shift), word in zip(self._at(first, len(words)), words, strict=True):
            if not self._writable[index]:
                raise Refused(Refusal.ILLEGAL_ADDRESS)
            bits = changed.get(index, self._image.bits(index))
            changed[index] = bits & ~(WORD << shift) | word << shift
        return changed

    def apply(self, changes: Mapping[int, int]) -> None:
        """Write bit patterns that `changes` or `bit_changes` worked out."""
        for index, bits in changes.items():
            self._image.write_bits(index, bits)

    def flags(self, first: int, count: int, *, written_by_mes: bool) -> int:
        """Give `count` bits from bit address `first` (16 x register + bit), the first one as the lowest."""
        flags = 0
        for place, index in enumerate(self._bitwise_at(first, count, written_by_mes=written_by_mes)):
            flags |= self._image.bits(index) << BITS * place
        return flags >> first % BITS & (1 << count) - 1

    def bit_changes(self, first: int, count: int, flags: int) -> dict[int, int]:
        """Give the new bit pattern of every tag that writing `count` bits from `first` would change."""
        mask = ((1 << count) - 1) << first % BITS
        new = flags << first % BITS & mask
        changed: dict[int, int] = {}
        for place, index in enumerate(self._bitwise_at(first, count, written_by_mes=True)):
            here, there = mask >> BITS * place & WORD, new >> BITS * place & WORD
            changed[index] = self._image.bits(index) & ~here | there
        return changed

    def _at(self, first: int, count: int) -> list[tuple[int, int]]:
        places = self._places[first : first + count]
        if len(places) != count or None in places:
            raise Refused(Refusal.ILLEGAL_ADDRESS)
        return cast(list[tuple[int, int]], places)

    def _bitwise_at(self, first: int, count: int, *, written_by_mes: bool) -> list[int]:
        register = first // BITS
        indexes = [index for index, _ in self._at(register, (first + count - 1) // BITS - register + 1)]
        for index in indexes:
            if not self._bitwise[index] or (written_by_mes and not self._writable[index]):
                raise Refused(Refusal.ILLEGAL_ADDRESS)
        return indexes
