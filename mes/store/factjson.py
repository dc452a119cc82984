"""Facts as text: canonical JSON out, the frozen fact back, for rows of every age."""

from __future__ import annotations

import json
import unicodedata
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from mes.model.events import Fact
from mes.store.errors import BooksRefused, StoreError

_FACTS: TypeAdapter[Fact] = TypeAdapter(Annotated[Fact, Field(discriminator="event")])


def canonical(value: Any) -> str:
    """Give the one JSON text of a value: keys sorted, no spaces, every text in Unicode normal form C."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return unicodedata.normalize("NFC", text)


def to_text(fact: Fact) -> str:
    """Give the body of the journal row of a fact; decimals are strings, digit for digit.

    Raises `BooksRefused` for a fact that could not be read back (a float or a NaN for a decimal, a wrong type).
    """
    try:
        text = canonical(_FACTS.dump_python(fact, mode="json", warnings="error"))
        _FACTS.validate_json(text)
    except (PydanticSerializationError, ValidationError, ValueError) as error:
        raise BooksRefused(f"the fact {fact.event} cannot be recorded: {error}") from error
    return text


def from_text(body: str) -> Fact:
    """Give the fact of a journal row.

    Old rows stay readable: a field they do not know yet takes its default, one that is gone is passed over.
    Raises `StoreError` when the row is no fact.
    """
    try:
        return _FACTS.validate_json(body)
    except ValidationError as error:
        raise StoreError(f"a journal row is no fact of mes: {error}") from error
