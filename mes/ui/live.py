"""The one tick of the process: it looks at the plant once and sends every open page only what has changed for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import Client
from nicegui.element import Element

from mes.ui.area import Live, layout, live
from mes.ui.batchcolumn import BatchColumn
from mes.ui.batchlooks import BatchLooks, Looks
from mes.ui.shown import ShownPlant
from mes.ui.words import say

TICK_S = 0.5
_log = logging.getLogger(__name__)
_WORDS = ("process_time", "engine_alive", "engine_silent", "no_data_since", "no_data_yet")


class Panel(Element, component="panel.js"):
    """Header and area overview in the browser: it gets the whole once and then what has changed."""

    def __init__(
        self, units: Sequence[Mapping[str, Any]], values: Live, words: Mapping[str, str], fixed: Mapping[str, Any]
    ) -> None:
        super().__init__()
        self.props["units"] = units
        self.props["values"] = values
        self.props["words"] = words
        self.props["fixed"] = fixed


class LivePage:
    """One open page: what it was sent last, so that it is sent the difference."""

    def __init__(self, client: Client, language: str, panel: Panel, sent: Live, column: BatchColumn | None) -> None:
        self.client = client
        self.language = language
        self._panel = panel
        self._sent = dict(sent)
        self._column = column

    def show(self, values: Live, looks: Looks, beat: int) -> None:
        """Send what has changed; a page without a connection gets it when it is back."""
        if not self.client.has_socket_connection:
            return
        changed = {key: value for key, value in values.items() if self._sent.get(key) != value}
        self._sent.update(changed)
        self._panel.run_method("push", changed, beat)
        if self._column is not None:
            with self.client:
                self._column.show(looks)


class LivePages:
    """All open pages of one plant."""

    def __init__(self, plant: ShownPlant) -> None:
        self.plant = plant
        self.looks = BatchLooks(plant)
        self._pages: list[LivePage] = []

    def panel(self, language: str, ways: Sequence[Mapping[str, Any]], *, with_area: bool) -> tuple[Panel, Live]:
        """Make the panel of a page that is being built; gives what it starts with, too."""
        speed = self.plant.config.cell.speed
        fixed = {
            "cell": self.plant.config.cell.name,
            "speed": "" if speed == 1 else say(language, "speed", speed=f"{speed:g}"),
            "ways": ways,
        }
        values = live(self.plant, language)
        units = layout(self.plant, language) if with_area else ()
        return Panel(units, values, {key: say(language, key) for key in _WORDS}, fixed), values

    def add(self, page: LivePage) -> None:
        """Keep a page up to date from now on, until its client is gone."""
        self._pages.append(page)

    async def run(self) -> None:
        """Tick until cancelled."""
        while True:
            try:
                await self.tick()
            except Exception:
                # Whatever it is must not end the tick for good; until it is over the pages turn grey and say so.
                _log.exception("the pages could not be brought up to date")
            await asyncio.sleep(TICK_S)

    async def tick(self, *, fresh: bool = False) -> None:
        """Look once and show every page what has changed."""
        self._pages = [page for page in self._pages if not page.client.is_deleted]
        if not self._pages:
            return
        looks = await self.looks.look(fresh=fresh)
        values = {language: live(self.plant, language) for language in {page.language for page in self._pages}}
        for page in tuple(self._pages):
            if page.client.is_deleted or page.language not in values:
                continue
            try:
                page.show(values[page.language], looks, self.plant.cell.scans)
            except Exception:
                # One page that cannot be shown must not stop the others; it is given up, turns grey and says so.
                _log.exception("a page could not be brought up to date and is given up")
                self._pages.remove(page)
