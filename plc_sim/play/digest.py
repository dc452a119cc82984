"""One number that tells whether two runs of the plant were the same to the last bit."""

from __future__ import annotations

import hashlib
import json
import struct

from plc_sim.cell import Cell
from plc_sim.control.answers import json_text
from plc_sim.control.material import MaterialDoor


class Digest:
    """SHA-256 over what a run has shown: tag images, reports of phases, and at the end the truth."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def take(self, *told: object) -> None:
        """Take in what has happened, as words and numbers."""
        self._hash.update(json.dumps(told).encode())

    def take_images(self, cell: Cell) -> None:
        """Take in the process time and the bits of every tag of every PLC."""
        self.take(cell.ticks)
        for plc in cell.plcs.values():
            bits = [plc.image.bits(index) for index in range(len(plc.image.tags))]
            self._hash.update(struct.pack(f"<{len(bits)}I", *bits))

    def ended(self, cell: Cell, material: MaterialDoor | None) -> str:
        """Take in the last images and the truth, and give the digest in hexadecimal digits."""
        self.take_images(cell)
        if material is not None:
            self._hash.update(json_text(material.truth()).encode())
        return self._hash.hexdigest()
