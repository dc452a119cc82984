"""The chart of a batch as an operator opens it and watches it."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.ui.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_chart_of_a_running_batch_follows_its_states(page: Page, stage: Stage, running_batch: str) -> None:
    await page.goto(stage.url)
    await page.locator(f"[data-mark=chart-{running_batch}]").click()
    chart = page.locator(f"[data-chart={running_batch}]")
    box = chart.locator("[data-path='Inertise weighing box']")
    await expect(box).to_have_class("container going")
    await stage.plant.batches.hold(running_batch, by="test", because="a look at the chart")
    await expect(box).to_have_class("container waits")
    await expect(chart.locator("svg")).to_contain_text("❚❚ held")
    await chart.locator("[data-mark=chart-depth]").click()
    await expect(chart.locator("[data-path='Inertise weighing box/Inertise/Purge and hold']")).to_have_class(
        "step waits"
    )
    await chart.locator("[data-mark=chart-close]").click()
    await expect(chart).to_have_count(0)


async def test_the_chart_of_a_batch_that_was_not_started_speaks_chinese(page: Page, stage: Stage) -> None:
    batch_no = await stage.new_batch()
    await page.goto(f"{stage.url}/?lang=zh")
    await page.locator(f"[data-mark=chart-{batch_no}]").click()
    chart = page.locator(f"[data-chart={batch_no}]")
    await expect(chart.locator("[data-path='Weigh']")).to_have_class("container idle")
    await expect(chart.locator("svg")).to_contain_text("3 个步骤")
