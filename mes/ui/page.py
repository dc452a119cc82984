"""The pages at their addresses: the overview on `/`, the lots and their traces on `/lots`, and `/healthz`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from nicegui import app as nicegui_app
from nicegui import core, ui

from mes.ui.batchcolumn import BatchColumn
from mes.ui.commanding import Commanding
from mes.ui.controls import box
from mes.ui.live import LivePage, LivePages
from mes.ui.lotspage import LotsView
from mes.ui.shown import ShownPlant
from mes.ui.words import LANGUAGES, say

STYLE = Path(__file__).with_name("page.css")
RECONNECT_S = 60
PING_S = (4, 2)
"""Ping interval and time-out in seconds: a page soon knows that the server is gone, though it may come back."""


def mount(app: FastAPI, plant: ShownPlant, *, origins: Sequence[str] = ()) -> LivePages:
    """Put the pages of a plant on an application and give what keeps them up to date: somebody has to run it.

    One process serves one plant, for NiceGUI is global to it.

    `origins` are the addresses whose pages may open the live connection; empty means none is refused.
    """
    pages = LivePages(plant)

    @app.get("/healthz")
    async def healthz() -> Mapping[str, Any]:
        return health(plant)

    @ui.page("/")
    async def overview(lang: str = "en") -> None:
        await _overview(pages, _known(lang))

    @ui.page("/lots")
    async def lots(lang: str = "en", lot: str = "") -> None:
        await _lots(pages, _known(lang), lot)

    nicegui_app.add_static_file(local_file=STYLE, url_path="/page.css")
    nicegui_app.on_startup(lambda: _tighten(origins))
    ui.run_with(
        app,
        title=f"mes – {plant.config.cell.name}",
        favicon="⚗",
        reconnect_timeout=RECONNECT_S,
        binding_refresh_interval=None,
        show_welcome_message=False,
        on_air=None,
    )
    return pages


def health(plant: ShownPlant) -> Mapping[str, Any]:
    """Say whether the engine scans and how the links are, for a program that watches."""
    return {
        "cell": plant.config.cell.name,
        "engine_scans": plant.cell.scans,
        "open_batches": len(plant.cell.batches),
        "links": {
            name: {"usable": status.usable, "connected": status.connected, "why": status.why, "source": status.source}
            for name, status in ((name, link.status()) for name, link in plant.links.items())
        },
    }


def _tighten(origins: Sequence[str]) -> None:
    engine_io = core.sio.eio
    engine_io.ping_interval, engine_io.ping_timeout = PING_S
    if origins:
        engine_io.cors_allowed_origins = list(origins)


def _known(lang: str) -> str:
    return lang if lang in LANGUAGES else LANGUAGES[0]


def _ways(language: str, here: str) -> Sequence[Mapping[str, Any]]:
    other, name = ("zh", "中文") if language == "en" else ("en", "English")
    return [
        {"text": say(language, "area"), "href": f"/?lang={language}", "here": here == "/"},
        {"text": say(language, "lots"), "href": f"/lots?lang={language}", "here": here == "/lots"},
        {"text": name, "href": f"{here}?lang={other}", "here": False},
    ]


def _head(language: str) -> None:
    ui.add_head_html(f'<link rel="stylesheet" href="/page.css?{version("mes")}">')
    ui.colors(primary="#3c454c")
    ui.query("html").props(f"lang={'zh-CN' if language == 'zh' else 'en'}")


async def _overview(pages: LivePages, language: str) -> None:
    _head(language)
    looks = await pages.looks.look(fresh=True)
    panel, sent = pages.panel(language, _ways(language, "/"), with_area=True)

    async def then() -> None:
        await pages.tick(fresh=True)

    place = box("hidden")
    commanding = Commanding(batches=pages.plant.batches, language=language, place=place, then=then)
    column = BatchColumn(looks, commanding)
    pages.add(LivePage(ui.context.client, language, panel, sent, column))


async def _lots(pages: LivePages, language: str, lot_no: str) -> None:
    _head(language)
    panel, sent = pages.panel(language, _ways(language, "/lots"), with_area=False)
    rows = await pages.plant.lots.list()
    with box("lots"):
        await LotsView(pages.plant, language, rows).build(lot_no)
    pages.add(LivePage(ui.context.client, language, panel, sent, None))
