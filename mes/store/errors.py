"""What the store refuses, each in one readable message."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class StoreError(Exception):
    """The database cannot be used as it is: not there, not ours, damaged, locked, of another version, or full."""


class NotInBooks(StoreError):
    """A batch, lot or command that does not exist; the message names the nearest ones that do."""


class BooksRefused(StoreError):
    """An entry that would make the books wrong (a cycle, a number used twice, a record that cannot be read back)."""


def not_in_books(kind: str, name: str, known: Iterable[str]) -> NotInBooks:
    """Make the error for an unknown `kind` ("batch", "lot") that names the nearest known ones."""
    names = list(known)
    near = get_close_matches(name, names, n=3, cutoff=0.5)
    if near:
        hint = f"the nearest: {', '.join(near)}"
    elif names:
        hint = f"for example {names[0]}"
    else:
        hint = f"there is no {kind} yet"
    return NotInBooks(f"there is no {kind} {name!r} in the books; {hint}")
