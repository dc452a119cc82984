"""The problems found while a document becomes a master recipe, with the line of each place."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from mes.model.quantity import Quantity, UomError
from mes.recipes.amounts import fit, read_amount
from mes.recipes.problem import Problem
from mes.recipes.strict_yaml import Document, Place


@dataclass(slots=True)
class Notes:
    """Collects problems; reading goes on after each, so that all are told at once."""

    document: Document
    problems: list[Problem] = field(default_factory=list)

    def line(self, place: Place) -> int:
        """Give the line of a place in the text."""
        return self.document.line(place)

    def add(self, place: Place, message: str) -> None:
        """Note a problem at a place."""
        self.tell(self.line(place), message)

    def tell(self, line: int, message: str) -> None:
        """Note a problem in a line."""
        self.problems.append(Problem(self.document.file, line, message))

    def amount(self, place: Place, text: str, uom: str = "") -> Quantity:
        """Read an amount, converted to `uom` where one is given; what does not fit is noted and read as zero."""
        try:
            amount = read_amount(text)
            return fit(amount, uom) if uom else amount
        except UomError as error:
            self.add(place, str(error))
            return Quantity(Decimal(0), uom or "1")
