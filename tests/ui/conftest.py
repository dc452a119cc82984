"""One cell with its page and one browser for all tests of this folder: NiceGUI serves one application per process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, async_playwright

from mes.model.states import FINAL, ProceduralState
from tests.ui.stage import Stage, row_of, staged, until

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with staged(Path(tmp_path_factory.mktemp("page"))) as standing:
        standing.make_pure()
        await standing.receive_materials()
        yield standing


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(browser_path: str) -> AsyncIterator[Browser]:
    async with async_playwright() as driver:
        launched = await driver.chromium.launch(executable_path=browser_path, args=list(ARGUMENTS))
        yield launched
        await launched.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def panel(browser: Browser) -> AsyncIterator[BrowserContext]:
    """One panel of 1280 x 800 for all tests, so that it loads the libraries of the page only once."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(panel: BrowserContext, stage: Stage) -> AsyncIterator[Page]:
    """A new page; fails the test when the page wrote an error or asked anybody but its own server."""
    opened = await panel.new_page()
    wrong: list[str] = []

    def said(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            wrong.append(f"console {message.type}: {message.text}")

    def asked(request: Request) -> None:
        if not request.url.startswith((stage.url, "data:", "blob:")):
            wrong.append(f"request to {request.url}")

    opened.on("console", said)
    opened.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    opened.on("request", asked)
    opened.set_default_timeout(10_000)
    yield opened
    await opened.close()
    assert not wrong


async def _end(stage: Stage, batch_no: str) -> None:
    if (await row_of(stage, batch_no)).state not in FINAL:
        await stage.plant.batches.abort(batch_no, by="test", because="end of the test")
    engine = stage.plant.cell.batches
    await until(lambda: batch_no not in engine, f"{batch_no} given up", lambda: engine[batch_no].states)


@pytest_asyncio.fixture(loop_scope="session")
async def running_batch(stage: Stage) -> AsyncIterator[str]:
    """A batch of R1 whose first phase runs on and on."""
    stage.keep_running(endless=True)
    batch_no = await stage.new_batch()
    await stage.plant.batches.start(batch_no, by="test")
    box = stage.plant.links["UT"]
    await until(
        lambda: box.phase("GB-101.PH").state is ProceduralState.RUNNING,
        "GB-101 running",
        lambda: box.phase("GB-101.PH"),
    )
    yield batch_no
    await _end(stage, batch_no)


@pytest_asyncio.fixture(loop_scope="session")
async def asking_batch(stage: Stage) -> AsyncIterator[str]:
    """A batch of R1 that asks for the lot of its first raw material."""
    stage.keep_running(endless=False)
    batch_no = await stage.new_batch()
    await stage.plant.batches.start(batch_no, by="test")
    engine = stage.plant.cell
    # The start is answered out of the books; what the engine shows follows them a moment later.
    await until(
        lambda: batch_no in engine.batches and bool(engine.batches[batch_no].prompts),
        f"{batch_no} asks for a lot",
        lambda: (engine.batches.get(batch_no), engine.waiting, stage.plant.links["UT"].phase("GB-101.PH")),
    )
    stage.keep_running(endless=True)
    yield batch_no
    await _end(stage, batch_no)
