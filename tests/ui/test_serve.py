"""The server of the page: where it listens, whom it answers, and what it says when it cannot."""

from __future__ import annotations

import socket

import pytest
from nicegui import core
from playwright.async_api import Browser, Page

from mes.ui.serve import PageError, serve
from tests.ui.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_port_that_is_taken_is_named_with_the_way_out(stage: Stage) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PageError, match=rf"127\.0\.0\.1 port {port}: .*--port"):
            await serve(stage.plant, host="127.0.0.1", port=port)


async def test_the_page_is_not_served_to_other_machines(stage: Stage) -> None:
    with pytest.raises(PageError, match=r"'0\.0\.0\.0'.*no login.*127\.0\.0\.1"):
        await serve(stage.plant, host="0.0.0.0", port=0)


async def test_healthz_tells_engine_and_links(page: Page, stage: Stage) -> None:
    answer = await page.request.get(f"{stage.url}/healthz")
    assert answer.status == 200
    health = await answer.json()
    assert health["cell"] == "pilot"
    assert health["engine_scans"] > 0
    assert {name: link["usable"] for name, link in health["links"].items()} == {"SY": True, "FM": True, "UT": True}


async def test_no_other_site_can_frame_the_page(page: Page, stage: Stage) -> None:
    headers = (await page.request.get(stage.url)).headers
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"


async def test_a_foreign_host_name_is_refused(browser: Browser, stage: Stage) -> None:
    context = await browser.new_context(extra_http_headers={"Host": "evil.example"})
    answer = await context.request.get(f"{stage.url}/healthz")
    assert answer.status == 400
    await context.close()


async def test_a_foreign_page_cannot_open_the_live_connection(browser: Browser, stage: Stage) -> None:
    address = f"{stage.url}/_nicegui_ws/socket.io/?EIO=4&transport=polling"
    context = await browser.new_context()
    own = await context.request.get(address, headers={"Origin": stage.url})
    foreign = await context.request.get(address, headers={"Origin": "http://evil.example"})
    assert (own.status, foreign.status) == (200, 400)
    await context.close()


async def test_a_page_notices_a_frozen_server_within_seconds(stage: Stage) -> None:
    assert (core.sio.eio.ping_interval, core.sio.eio.ping_timeout) == (4, 2)
    assert core.app.config.reconnect_timeout == 60
    assert core.air is None
