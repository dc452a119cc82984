"""What all models of recipe texts have in common: nothing is converted, and no key is unknown."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class StrictText(BaseModel):
    """A part of a recipe text. Models made from a generic one keep its words for editors."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    def __init_subclass__(cls, **further: Any) -> None:
        super().__init_subclass__(**further)
        cls.__doc__ = cls.__doc__ or cls.__mro__[1].__doc__
