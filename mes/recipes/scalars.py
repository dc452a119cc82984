"""Rules for the unquoted words of a recipe text: only what every reader of YAML understands the same way."""

from __future__ import annotations

import re
from decimal import Decimal

LONGEST_NUMBER = 40
_NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)(?P<fraction>\.[0-9]+)?")
_NUMERIC = re.compile(r"[-+]?[0-9][0-9_.:]*")

# YAML 1.1 and 1.2 disagree on these, or they are no value at all; each with the way out.
_REFUSED: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), why)
    for pattern, why in (
        (r"yes|no|on|off", "is true or false to some readers and text to others; write true or false, or quote it"),
        (r"true|false", "is written in small letters: true or false; quote it if text is meant"),
        (r"null|~|", "is no value; write one, or leave the line out"),
        (r"[-+]?\.(?:inf|nan)", "is not a finite number; write a number"),
        (
            r"[-+]?0[0-9_]+(?:\.[0-9_]*)?",
            "has a leading zero, which is octal to some readers; leave the zero out or quote it",
        ),
        (r"[-+]?0[xob][0-9a-f_]+", "is not decimal; write the number in decimal or quote it"),
        (
            r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?",
            "is sexagesimal to some readers (1:30 is 90); write a quantity with a unit, such as '90 min', or quote it",
        ),
        (
            r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)e[-+]?[0-9]+",
            "is a number to some readers and text to others; write the number out, such as 100000",
        ),
        (r"[-+]?[0-9][0-9_]*_[0-9_.]*", "has an underscore; write the digits only or quote it"),
        (r"[-+]?(?:\.[0-9]+|[0-9]+\.)", "needs a digit on both sides of the point, such as 0.5"),
        (r"<<", "merges another mapping, which recipes do not use; write the lines out"),
    )
)


class ScalarRefused(ValueError):
    """An unquoted word that is ambiguous or no value; the message says why and what to write."""


def plain_value(text: str) -> str | int | Decimal | bool:
    """Give the value of an unquoted word: true, false, a decimal number, or else its text.

    Raises `ScalarRefused` for what YAML readers disagree on.
    """
    if text in {"true", "false"}:
        return text == "true"
    refuse_ambiguous(text)
    number = _NUMBER.fullmatch(text)
    if number is None:
        return text
    return Decimal(text) if number["fraction"] else int(text)


def refuse_ambiguous(text: str) -> None:
    """Raise `ScalarRefused` when readers of YAML disagree on this unquoted word."""
    if len(text) > LONGEST_NUMBER:
        if _NUMERIC.fullmatch(text):
            raise ScalarRefused(f"a number of {len(text)} characters is too long; at most {LONGEST_NUMBER} are read")
        return
    for pattern, why in _REFUSED:
        if pattern.fullmatch(text) and text not in {"true", "false"}:
            raise ScalarRefused(f"{text!r} {why}" if text else "there is no value; write one, or leave the line out")
