"""What a person may ask of a batch besides the ISA-88 commands: the words of its command rows."""

from __future__ import annotations

from enum import StrEnum


class Verb(StrEnum):
    """A steering verb; what it needs besides a path stands in the arguments `name` and `value` of its row."""

    MODE = "mode"
    """Value: automatic, semi-automatic or manual."""
    CONFIRM = "confirm"
    """Let the element begin that waits for it; without a path every one that does."""
    BREAK = "break"
    """Set a breakpoint before the element."""
    CLEAR = "clear"
    """Take the breakpoint away."""
    SKIP = "skip"
    REPEAT = "repeat"
    GO_TO = "go to"
    """Make the element the active step of the sequence it stands in."""
    SET = "set"
    """Name and value of a parameter of the phase at the path; without a path of a formula value."""
    RANK = "rank"
    """Move the request of the element for a unit to the place `value` in the queue (1: first)."""
    QUEUE = "queue"
    """Start by itself: name is the batch to wait for, value the priority."""
    UNQUEUE = "unqueue"


WITH_REASON = frozenset({Verb.SKIP, Verb.REPEAT, Verb.GO_TO, Verb.SET, Verb.RANK})
"""Verbs that are refused without a reason."""


class UnitVerb(StrEnum):
    """What a person may say of a unit; the row has no batch, its argument `unit` names the unit."""

    OUT_OF_SERVICE = "out of service"
    IN_SERVICE = "in service"
    DIRTY = "dirty"
    CLEAN = "clean"
