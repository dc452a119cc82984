"""What a batch waits for and how it is let go on, on the page in a real browser."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, Page, expect

from mes.model.states import ProceduralState
from mes.model.steering import Mode
from tests.ui.stage import Stage, until

pytestmark = pytest.mark.asyncio(loop_scope="session")
S = ProceduralState
FIRST = "Inertise weighing box"


def _card(page: Page, batch_no: str) -> Locator:
    return page.locator(f"[data-batch={batch_no}]")


async def test_a_confirmation_is_asked_for_and_given_on_the_page(page: Page, stage: Stage) -> None:
    verbs = stage.plant.batches
    batch_no, next_no = await stage.new_batch(), await stage.new_batch()
    await verbs.mode(batch_no, Mode.SEMI_AUTOMATIC, by="test")
    await verbs.start(batch_no, by="test")
    await verbs.queue(next_no, by="test", priority=3, after=batch_no)
    await page.goto(stage.url)
    card = _card(page, batch_no)
    await expect(card.locator(".badge")).to_have_text("semi-automatic")
    await expect(card.locator("[data-wait=confirmation]")).to_contain_text(f"confirm the start of {FIRST}")
    await expect(page.locator(".queued")).to_contain_text(f"1 {next_no}R1 · priority 3, after {batch_no}")
    await expect(_card(page, next_no)).to_contain_text("Place 1 in the batch queue · priority 3")
    await page.get_by_role("button", name=f"Let {FIRST} begin").click()
    await until(
        lambda: stage.plant.cell.batches[batch_no].state_of(FIRST) is S.RUNNING,
        f"{FIRST} runs",
        lambda: stage.plant.cell.waiting,
    )
    await verbs.unqueue(next_no, by="test")
    await expect(page.locator(".queued")).to_be_hidden()
    await verbs.abort(batch_no, by="test", because="end of the test")


async def test_a_part_that_was_stopped_is_repeated_or_skipped_with_a_reason(
    page: Page, stage: Stage, running_batch: str
) -> None:
    await stage.plant.batches.stop(
        running_batch, by="test", because="gloves torn", path=f"{FIRST}/Inertise/Purge and hold"
    )
    await page.goto(stage.url)
    card = _card(page, running_batch)
    await expect(card.locator(".ask")).to_contain_text("did not end")
    await card.get_by_label("Reason").fill("new gloves are on")
    await card.get_by_role("button", name="repeat", exact=True).click()
    await expect(card.locator(".ask")).to_have_count(0)
    responses = stage.plant.cell.batches[running_batch].responses.values()
    assert [(one.value, one.because, one.by) for one in responses] == [("repeat", "new gloves are on", "panel")]
