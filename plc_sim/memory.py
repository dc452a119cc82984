"""What a PLC remembers over a restart, and the file it keeps it in."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

LARGEST = 0xFFFF_FFFF
"""The most that a register of 32 bits holds."""


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


def replace_text(path: Path, text: str) -> None:
    """Write a file so that a killed process leaves the old one or the new one; raises OSError."""
    new = path.with_name(path.name + ".new")
    new.write_text(text, encoding="utf-8")
    os.replace(new, path)


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
        self._written = self._content

    def load(self, plc_name: str) -> PlcMemory:
        """Give the memory of a PLC; an empty one when the file does not know it."""
        raw = self._content.get(plc_name)
        if raw is None:
            return PlcMemory()
        try:
            return _from_json(raw)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{self._path}: the memory of {plc_name} is damaged; delete it to start anew") from error

    def note(self, plc_name: str, memory: PlcMemory) -> None:
        """Take the memory of a PLC; it is in the file after the next `write`, which may run in another thread."""
        slots = {name: [slot.last_exec, slot.starts] for name, slot in memory.slots.items()}
        content = {"epoch": memory.epoch, "slots": slots, "command_bits": dict(memory.command_bits)}
        if self._content.get(plc_name) != content:
            # A new table and not a changed one: a write that runs meanwhile keeps the one it has.
            self._content = {**self._content, plc_name: content}

    @property
    def behind(self) -> bool:
        """Whether something was noted that no write has begun to put into the file."""
        return self._content is not self._written

    def write(self) -> None:
        """Write what was noted last; a killed process leaves the old file or the new one, never a half."""
        content = self._content
        if content is not self._written:
            self._written = content
            replace_text(self._path, json.dumps(content))

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


class RetainKeeper:
    """Puts what PLCs remember into their file without holding up a scan: one write at a time, the latest wins.

    `memories` gives what each PLC remembers now; without a file there is nothing to do.
    """

    def __init__(self, retain: RetainFile | None, memories: Callable[[], Mapping[str, PlcMemory]]) -> None:
        self._retain = retain
        self._memories = memories
        self._writing: asyncio.Task[None] | None = None

    def look(self) -> None:
        """Note what is remembered now, and begin to write it if none is being written; raises OSError of the last."""
        if self._retain is None:
            return
        for name, memory in self._memories().items():
            self._retain.note(name, memory)
        if self._writing is not None and self._writing.done():
            self._writing.result()
            self._writing = None
        if self._writing is None and self._retain.behind:
            self._writing = asyncio.create_task(asyncio.to_thread(self._retain.write))

    async def flush(self) -> None:
        """Write what is not in the file yet; raises OSError."""
        if self._retain is None:
            return
        self.look()
        if self._writing is not None:
            await self._writing
        self._retain.write()


def _from_json(raw: object) -> PlcMemory:
    if not isinstance(raw, Mapping):
        raise TypeError(raw)
    slots = {
        str(name): SlotMemory(_whole(last_exec), _whole(starts)) for name, (last_exec, starts) in raw["slots"].items()
    }
    bits = {str(name): _whole(value) for name, value in raw["command_bits"].items()}
    return PlcMemory(epoch=_whole(raw["epoch"]), slots=slots, command_bits=bits)


def _whole(value: object) -> int:
    # What fits into no register was never written by this program.
    if not isinstance(value, int) or not 0 <= value <= LARGEST:
        raise ValueError(value)
    return value
