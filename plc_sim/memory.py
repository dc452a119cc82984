"""What a PLC remembers over a restart, and the file it keeps it in."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class SlotMemory:
    """Retained values of a slot: the last execution started and how many starts it has seen."""

    last_exec: int = 0
    starts: int = 0


@dataclass(slots=True)
class PlcMemory:
    """Retained values of a PLC: highest epoch seen, its slots, and the bits last written into its command blocks."""

    epoch: int = 0
    slots: dict[str, SlotMemory] = field(default_factory=dict)
    command_bits: dict[str, int] = field(default_factory=dict)


class RetainFile:
    """One JSON file with the memory of several PLCs.

    Raises ValueError with a readable line when the file exists but cannot be understood, OSError when it cannot be
    written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._content: dict[str, object] = {}
        if path.exists():
            self._content = self._read()

    def load(self, plc_name: str) -> PlcMemory:
        """Give the memory of a PLC; an empty one when the file does not know it."""
        raw = self._content.get(plc_name)
        if raw is None:
            return PlcMemory()
        try:
            return _from_json(raw)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{self._path}: the memory of {plc_name} is damaged; delete it to start anew") from error

    def save(self, plc_name: str, memory: PlcMemory) -> None:
        """Write the memory of a PLC; a killed process leaves the old file or the new one, never a half."""
        slots = {name: [slot.last_exec, slot.starts] for name, slot in memory.slots.items()}
        content = {"epoch": memory.epoch, "slots": slots, "command_bits": dict(memory.command_bits)}
        if self._content.get(plc_name) == content:
            return
        self._content[plc_name] = content
        new = self._path.with_name(self._path.name + ".new")
        new.write_text(json.dumps(self._content), encoding="utf-8")
        os.replace(new, self._path)

    def _read(self) -> dict[str, object]:
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ValueError(f"{self._path}: cannot read the retain file: {error.strerror or error}") from error
        except ValueError as error:
            raise ValueError(f"{self._path}: not a retain file ({error}); delete it to start anew") from error
        if not isinstance(content, dict):
            raise ValueError(f"{self._path}: not a retain file; delete it to start anew")
        return content


def _from_json(raw: object) -> PlcMemory:
    if not isinstance(raw, Mapping):
        raise TypeError(raw)
    slots = {str(name): SlotMemory(int(last_exec), int(starts)) for name, (last_exec, starts) in raw["slots"].items()}
    bits = {str(name): int(value) for name, value in raw["command_bits"].items()}
    return PlcMemory(epoch=int(raw["epoch"]), slots=slots, command_bits=bits)
