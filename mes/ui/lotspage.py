"""The lots in the books, and what a chosen one was made from."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from nicegui import ui

from mes.genealogy import Trace, trace
from mes.model.quantity import Quantity
from mes.store.errors import StoreError
from mes.store.lots import LotRow
from mes.ui.controls import box, button, text
from mes.ui.shown import ShownPlant
from mes.ui.values import number_text, uom_text
from mes.ui.words import say

LOTS_SHOWN = 60


class LotsView:
    """Two tables: the newest lots, and the backward trace of the one that was chosen."""

    def __init__(self, plant: ShownPlant, language: str, rows: Sequence[LotRow]) -> None:
        self._plant = plant
        self._language = language
        self._rows = sorted(rows, key=lambda row: row.made_at, reverse=True)[:LOTS_SHOWN]

    async def build(self, lot_no: str) -> None:
        """Put the tables together; with a lot number its trace is open."""
        self._traced = box("flex flex-col gap-2")
        text(say(self._language, "lots"), tag="h3")
        if self._rows:
            self._table()
        else:
            text(say(self._language, "no_lots"))
        if lot_no:
            await self._show(lot_no)
        elif self._rows:
            with self._traced:
                text(say(self._language, "choose_lot"), "small")

    def _table(self) -> None:
        heads = ("lot", "material", "made", "left", "status", "origin", "expires", "trace")
        with ui.element("table"):
            self._head(heads)
            for row in self._rows:
                lot = row.lot
                with ui.element("tr").props(f"data-lot={lot.lot_no}"):
                    text(lot.lot_no, tag="td").style("font-weight: 700")
                    text(lot.material, tag="td")
                    text(_amount(row.made), "number", tag="td")
                    text(_amount(lot.quantity), "number", tag="td")
                    text(lot.status.value, tag="td")
                    text(_origin(lot.batch_no, lot.supplier, lot.supplier_lot), tag="td")
                    text(_day(lot.expires_at), tag="td")
                    with ui.element("td"):
                        self._trace_button(lot.lot_no)

    def _trace_button(self, lot_no: str) -> None:
        async def press() -> None:
            await self._show(lot_no)

        button(say(self._language, "trace"), press, mark=f"trace-{lot_no}")

    def _head(self, keys: Sequence[str]) -> None:
        with ui.element("tr"):
            for key in keys:
                text(say(self._language, key), tag="th")

    async def _show(self, lot_no: str) -> None:
        try:
            found = await asyncio.to_thread(trace, self._plant.database, lot_no)
        except StoreError as error:
            self._traced.clear()
            with self._traced:
                text(f"■ {error}", "alarm")
            return
        self._traced.clear()
        with self._traced:
            self._show_trace(found)

    def _show_trace(self, found: Trace) -> None:
        text(say(self._language, "trace_of", lot=found.lot_no), tag="h3")
        with ui.element("table").props("data-trace"):
            self._head(("depth", "lot", "material", "amount_in", "made", "left", "status", "origin"))
            for lot in found.lots:
                with ui.element("tr").props(f"data-lot={lot.lot_no}"):
                    text(str(lot.depth), "number", tag="td")
                    text(lot.lot_no, tag="td").style(f"font-weight: 700; padding-left: {12 + 14 * lot.depth}px")
                    text(lot.material, tag="td")
                    text(_amount(lot.amount), "number", tag="td")
                    text(_amount(lot.made), "number", tag="td")
                    text(_amount(lot.left), "number", tag="td")
                    text(lot.status.value, tag="td")
                    text(_origin(lot.batch_no, lot.supplier, lot.supplier_lot), tag="td")


def _amount(quantity: Quantity) -> str:
    return f"{number_text(float(quantity.value))} {uom_text(quantity.uom)}".rstrip()


def _origin(batch_no: str | None, supplier: str, supplier_lot: str) -> str:
    return batch_no or f"{supplier} {supplier_lot}".strip()


def _day(at: datetime | None) -> str:
    return f"{at.astimezone():%Y-%m-%d}" if at else ""
