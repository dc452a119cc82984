"""The public verbs on lots: receive, look up, list."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path

from sqlalchemy import Connection

from mes.model.events import LotReceived
from mes.model.lots import LotStatus
from mes.model.quantity import Quantity, comparable
from mes.recipes.library import library
from mes.recipes.problem import RecipeError
from mes.recipes.reader import read_recipe
from mes.store.booking import book
from mes.store.database import Database
from mes.store.dialect import lock_cell
from mes.store.lots import LotRow, check_lot_no, free_lot_no, list_lots, the_lot

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_TAKEN = frozenset({"assay", "quantity"})


class LotRefused(Exception):
    """A lot cannot be received like this; the message says what to change. Nothing was written."""


@dataclass(slots=True)
class Lots:
    """The verbs on the lots of one process cell; `now` gives process time."""

    database: Database
    cell: str
    now: Callable[[], datetime]
    recipe_folder: Path | None = None

    async def receive(
        self,
        material: str,
        quantity: Quantity,
        *,
        by: str,
        assay: Decimal = Decimal(1),
        supplier: str = "",
        supplier_lot: str = "",
        lot_no: str = "",
        new_material: bool = False,
        properties: Mapping[str, Quantity] | None = None,
    ) -> LotRow:
        """Take a lot into the books; it is released at once, for incoming inspection is not part of the system yet.

        `assay` is the mass fraction of the named substance (0 < assay <= 1), `properties` are other figures of its
        certificate that recipes may calculate with ($lot.Li2S.moisture). A material that no recipe and no lot knows
        is refused with the nearest known one, unless `new_material` says that it is meant. Raises `LotRefused`, or
        `BooksRefused` for a lot number that exists or cannot be one, and for amounts that cannot be.
        """
        known = await self._measures()
        if not new_material and material not in known:
            near = get_close_matches(material, known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else "known are " + ", ".join(known)
            raise LotRefused(f"no recipe and no lot knows the material {material!r}; {hint}")
        measures = known.get(material, ())
        if measures and not any(comparable(quantity.uom, uom) for uom in measures):
            raise LotRefused(
                f"{quantity} of {material}: it is measured in {' or '.join(measures)}; give the quantity in that"
            )
        if lot_no:
            check_lot_no(lot_no)
        _check_names(properties or {})

        def received(connection: Connection) -> LotRow:
            lock_cell(connection, self.cell)
            fact = LotReceived(
                lot_no=lot_no or free_lot_no(connection),
                material=material,
                quantity=quantity,
                assay=assay,
                supplier=supplier,
                supplier_lot=supplier_lot,
                by=by,
                properties=properties or {},
            )
            book(connection, cell=self.cell, at=self.now(), facts=[("", fact)])
            return the_lot(connection, fact.lot_no)

        return await self.database.write(received)

    async def known_materials(self) -> Sequence[str]:
        """Give the materials that recipes use or make and that lots are of."""
        return sorted(await self._measures())

    async def _measures(self) -> Mapping[str, Sequence[str]]:
        """Give by material the units of measure that recipes want it in, or that lots have where no recipe wants it."""
        rows = await self.list()
        wanted = await asyncio.to_thread(self._wanted)
        measured = [row.lot for row in rows if not wanted.get(row.lot.material)]
        for lot in measured:
            _add(wanted, lot.material, lot.quantity.uom)
        return {material: wanted[material] for material in sorted(wanted)}

    def _wanted(self) -> dict[str, list[str]]:
        wanted: dict[str, list[str]] = {}
        for path in library(self.recipe_folder):
            try:
                recipe = read_recipe(path)
            except RecipeError:
                continue  # a broken recipe is told by `mes recipe check`; receiving material must go on
            for needed in recipe.inputs.values():
                _add(wanted, needed.material, needed.uom)
            for made in recipe.outputs.values():
                _add(wanted, made.material, "")
        return wanted

    async def list(
        self, *, material: str | None = None, status: LotStatus | None = None, empty: bool | None = None
    ) -> Sequence[LotRow]:
        """Give lots in the order they expire; each filter that is given must hold."""
        return await self.database.read(
            lambda connection: list_lots(connection, material=material, status=status, empty=empty)
        )

    async def show(self, lot_no: str) -> LotRow:
        """Give one lot; raises `NotInBooks` that names the nearest numbers."""
        return await self.database.read(lambda connection: the_lot(connection, lot_no))


def _check_names(properties: Mapping[str, Quantity]) -> None:
    for name in properties:
        if name in _TAKEN or not _NAME.fullmatch(name):
            taken = f"; {name} has an option or a column of its own" if name in _TAKEN else ""
            raise LotRefused(f"{name!r} cannot be the name of a property: write a word such as 'moisture'{taken}")


def _add(measures: dict[str, list[str]], material: str, uom: str) -> None:
    """Note that a material is measured in a unit of measure; "" only notes the material."""
    known = measures.setdefault(material, [])
    if uom and uom not in known:
        known.append(uom)
