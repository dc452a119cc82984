"""The page as an operator sees and touches it, in a real browser, over a real engine and fake PLCs."""

from __future__ import annotations

import asyncio
import time

import pytest
from playwright.async_api import Locator, Page, expect

from mes.engine.cell import Cell
from mes.model.states import Command, ProceduralState
from tests.ui.stage import Stage, row_of

pytestmark = pytest.mark.asyncio(loop_scope="session")
S = ProceduralState


async def _open(page: Page, stage: Stage, address: str = "/") -> None:
    await page.goto(stage.url + address)
    await expect(page.locator("[data-live=clock]")).to_be_visible()


def _card(page: Page, batch_no: str) -> Locator:
    return page.locator(f"[data-batch={batch_no}]")


def _button(page: Page, words: str) -> Locator:
    return page.get_by_role("button", name=words, exact=True)


async def test_every_unit_is_shown_with_its_title_and_its_values_live(page: Page, stage: Stage) -> None:
    await _open(page, stage)
    for unit in stage.plant.equipment.units.values():
        card = page.locator(f"[data-unit={unit.name}]")
        await expect(card).to_contain_text(unit.title["en"])
        await expect(card.locator("[data-tag]").first).to_be_visible()
    for value, text in ((512.34, "512.3"), (18.25, "18.2")):
        stage.plcs["SY"].set("FU-301.TC_CORE", value)
        await expect(page.locator("[data-tag='FU-301.TC_CORE'] .value")).to_have_text(text)


async def test_a_value_beyond_an_alarm_limit_is_marked_with_the_name_of_the_limit(page: Page, stage: Stage) -> None:
    limit = stage.plant.equipment.tags["GB-101.O2_PPM"].limits["HH"]
    await _open(page, stage)
    stage.plcs["UT"].set("GB-101.O2_PPM", limit * 2)
    await expect(page.locator("[data-tag='GB-101.O2_PPM'] .mark")).to_have_text("■HH")
    stage.make_pure()
    await expect(page.locator("[data-tag='GB-101.O2_PPM'] .mark")).to_have_count(0)


async def test_a_running_unit_shows_its_phase_and_the_batch_that_has_it(
    page: Page, stage: Stage, running_batch: str
) -> None:
    await _open(page, stage)
    unit = page.locator("[data-unit=GB-101]")
    await expect(unit.locator(".pill")).to_contain_text("running")
    await expect(unit.locator(".what")).to_contain_text("Inertise")
    await expect(unit.locator(".owner")).to_have_text(running_batch)


async def test_only_the_legal_commands_of_a_batch_are_there(page: Page, stage: Stage, running_batch: str) -> None:
    idle = await stage.new_batch()
    await _open(page, stage)
    wanted = {running_batch: ["Pause", "Hold", "Stop", "Abort"], idle: ["Start"]}
    for batch_no, verbs in wanted.items():
        shown = _card(page, batch_no).locator(".commands").get_by_role("button")
        await expect(shown).to_have_text([f"{verb} {batch_no}" for verb in verbs])


async def test_every_button_is_big_enough_for_a_finger(page: Page, stage: Stage, running_batch: str) -> None:
    await _open(page, stage)
    await expect(_button(page, f"Hold {running_batch}")).to_be_visible()
    for touched in await page.locator("button:visible, nav a").all():
        box = await touched.bounding_box()
        assert box is not None
        assert box["height"] >= 48, await touched.inner_text()
        assert box["width"] >= 48, await touched.inner_text()


async def test_hold_asks_for_a_reason_and_the_batch_holds_for_it(page: Page, stage: Stage, running_batch: str) -> None:
    await _open(page, stage)
    await _button(page, f"Hold {running_batch}").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name=f"Hold {running_batch}").click()
    await expect(dialog).to_contain_text("Say why")
    assert stage.plant.cell.batches[running_batch].state is S.RUNNING
    await dialog.get_by_label("Reason").fill("<b>odd</b> noise")
    await dialog.get_by_role("button", name=f"Hold {running_batch}").click()
    await expect(_card(page, running_batch).locator(".pill")).to_contain_text("held")
    await expect(_card(page, running_batch)).to_contain_text("panel: <b>odd</b> noise")
    state = stage.plant.cell.batches[running_batch]
    assert (state.command, state.commanded_by, state.because) == (Command.HOLD, "panel", "<b>odd</b> noise")
    await _button(page, f"Restart {running_batch}").click()
    await expect(_card(page, running_batch).locator(".pill")).to_contain_text("running")


async def test_pause_and_resume_go_at_once(page: Page, stage: Stage, running_batch: str) -> None:
    await _open(page, stage)
    await _button(page, f"Pause {running_batch}").click()
    await expect(_card(page, running_batch).locator(".pill")).to_contain_text("paused")
    await _button(page, f"Resume {running_batch}").click()
    await expect(_card(page, running_batch).locator(".pill")).to_contain_text("running")


async def test_stop_ends_a_batch_in_good_order(page: Page, stage: Stage, running_batch: str) -> None:
    await _open(page, stage)
    await _button(page, f"Stop {running_batch}").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("cannot go on")
    await dialog.get_by_label("Reason").fill("wrong powder")
    await dialog.get_by_role("button", name=f"Stop {running_batch}").click()
    await expect(_card(page, running_batch)).to_have_count(0)
    await expect(page.locator(".past")).to_contain_text(running_batch)
    assert (await row_of(stage, running_batch)).state is S.STOPPED


async def test_abort_takes_two_steps(page: Page, stage: Stage, running_batch: str) -> None:
    await _open(page, stage)
    await _button(page, f"Abort {running_batch}").click()
    await page.get_by_label("Reason").fill("fire drill")
    await _button(page, "Next: confirm abort").click()
    await expect(page.get_by_text("Second step")).to_be_visible()
    assert stage.plant.cell.batches[running_batch].state is S.RUNNING
    await _button(page, f"Abort {running_batch} now").click()
    await expect(page.locator(".past")).to_contain_text(running_batch)
    assert (await row_of(stage, running_batch)).state is S.ABORTED


async def test_a_dialog_that_is_cancelled_commands_nothing(page: Page, stage: Stage, running_batch: str) -> None:
    await _open(page, stage)
    await _button(page, f"Stop {running_batch}").click()
    await page.get_by_label("Reason").fill("no")
    await _button(page, "Cancel").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    assert stage.plant.cell.batches[running_batch].state is S.RUNNING


async def test_a_prompt_is_answered_with_the_lot_that_is_proposed(page: Page, stage: Stage, asking_batch: str) -> None:
    await _open(page, stage)
    card = _card(page, asking_batch)
    await expect(card.locator("[data-prompt]")).to_contain_text("Li2S")
    proposed = stage.plant.cell.batches[asking_batch].proposed_lots["Li2S"]
    await expect(card.get_by_label("Lot number")).to_have_value(proposed)
    await card.get_by_role("button", name="Answer").click()
    await expect(card.locator("[data-prompt]").filter(has_text="Li2S")).to_have_count(0)
    bound = stage.plant.cell.batches[asking_batch].lots["Li2S"]
    assert bound.lot_no == proposed


async def test_a_refusal_is_told_in_words_and_stays_until_it_is_dismissed(
    page: Page, stage: Stage, asking_batch: str
) -> None:
    await _open(page, stage)
    card = _card(page, asking_batch)
    await card.get_by_label("Lot number").fill("L-NONE")
    await card.get_by_role("button", name="Answer").click()
    message = page.locator(".told")
    await expect(message).to_contain_text("there is no lot 'L-NONE'; usable lots of Li2S: ")
    await asyncio.sleep(3.5)
    await expect(message).to_be_visible()
    await _button(page, "Dismiss").click()
    await expect(message).to_have_count(0)
    assert stage.plant.cell.batches[asking_batch].lots == {}


async def test_typed_text_outlives_what_happens_around_it(page: Page, stage: Stage, asking_batch: str) -> None:
    await _open(page, stage)
    field = _card(page, asking_batch).get_by_label("Lot number")
    await field.fill("L-half-ty")
    await stage.plant.batches.hold(asking_batch, by="test", because="somebody else")
    await expect(_card(page, asking_batch).locator(".pill")).to_contain_text("held")
    await stage.plant.batches.restart(asking_batch, by="test", because="somebody else")
    await expect(_card(page, asking_batch).locator(".pill")).to_contain_text("running")
    await expect(field).to_have_value("L-half-ty")


async def test_a_unit_says_why_it_waits(page: Page, stage: Stage, asking_batch: str) -> None:
    await _open(page, stage)
    await expect(page.locator("[data-unit=WS-111] .wait")).to_contain_text(f"{asking_batch}: ")
    await expect(_card(page, asking_batch).locator(".waiting")).to_contain_text("scan a lot of Li2S")


async def test_an_interlock_is_shown_by_name(page: Page, stage: Stage) -> None:
    await _open(page, stage)
    stage.program("UT").tags["GB-101.PH.Interlock"] = 1
    try:
        await expect(page.locator("[data-unit=GB-101] .alarm")).to_contain_text(
            "Hydrogen sulfide in room (I2_H2S_ROOM)"
        )
        await expect(page.locator("[data-live=abnormal]")).to_contain_text("GB-101")
    finally:
        stage.program("UT").tags["GB-101.PH.Interlock"] = 0
    await expect(page.locator("[data-live=abnormal]")).to_have_count(0)


async def test_values_of_a_silent_plc_are_greyed_and_the_reason_is_told(page: Page, stage: Stage) -> None:
    await _open(page, stage)
    value = page.locator("[data-tag='FU-301.TC_CORE']")
    await expect(value).to_have_attribute("data-mark", "")
    stage.plcs["SY"].scanning = False
    try:
        await expect(value).to_have_attribute("data-mark", "stale")
        await expect(value.locator(".value")).to_contain_text("?")
        await expect(page.locator("[data-link=SY]")).to_contain_text("the heart of SY (PlcHb) has not beaten")
        await expect(page.locator("[data-unit=FU-301] .pill")).to_contain_text("not known")
        await expect(page.locator("[data-live=links]")).to_contain_text("2 of 3")
        await expect(page.locator("[data-link=FM]")).to_contain_text("link usable")
    finally:
        stage.plcs["SY"].scanning = True
    await expect(value).to_have_attribute("data-mark", "")


async def test_a_silent_engine_is_seen_within_three_seconds(
    page: Page, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on = asyncio.Event()
    scan = Cell.scan

    async def stuck(cell: Cell) -> None:
        await goes_on.wait()
        await scan(cell)

    await _open(page, stage)
    await expect(page.locator("[data-live=engine]")).to_contain_text("Engine scanning")
    monkeypatch.setattr(Cell, "scan", stuck)
    began_s = time.monotonic()
    try:
        await expect(page.locator("[data-live=banner]")).to_contain_text("No data since")
        assert time.monotonic() - began_s < 4.5  # three seconds of silence, and what a busy browser takes to show it
        await expect(page.locator("[data-live=engine]")).to_contain_text("Engine silent")
    finally:
        goes_on.set()
        monkeypatch.undo()
    await expect(page.locator("[data-live=banner]")).to_have_count(0)


async def test_a_new_batch_is_made_on_the_page(page: Page, stage: Stage) -> None:
    before = {row.batch_no for row in await stage.plant.batches.list()}
    await _open(page, stage)
    await _button(page, "New batch").click()
    await page.locator("[data-mark=recipe]").click()
    await page.get_by_role("option", name="R1 – Li6PS5Cl powder by the solid-state route").click()
    size = page.get_by_label("Batch size")
    await expect(size).to_have_value("1 kg")
    await size.fill("9 kg")
    await _button(page, "Create batch").click()
    await expect(page.locator(".told")).to_contain_text("9 kg")
    await _button(page, "Dismiss").click()
    await size.fill("1 kg")
    await _button(page, "Create batch").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    made = {row.batch_no for row in await stage.plant.batches.list()} - before
    assert len(made) == 1
    await expect(_card(page, made.pop())).to_contain_text("R1")


async def test_the_page_speaks_chinese(page: Page, stage: Stage, running_batch: str) -> None:
    await _open(page, stage, "/?lang=zh")
    await expect(page.locator("[data-unit=FU-301]")).to_contain_text("退火炉")
    await expect(_button(page, f"保持 {running_batch}")).to_be_visible()
    await expect(_card(page, running_batch).locator(".pill")).to_contain_text("运行中")


async def test_the_lots_are_listed_and_traced(page: Page, stage: Stage) -> None:
    lot = (await stage.plant.lots.list(material="LiCl"))[0].lot.lot_no
    await _open(page, stage, "/lots")
    await expect(page.locator(f"tr[data-lot={lot}]")).to_contain_text("ACME LiCl-7")
    await page.locator(f"tr[data-lot={lot}]").get_by_role("button", name="Trace").click()
    await expect(page.locator(f"[data-trace] tr[data-lot={lot}]")).to_contain_text("5000 g")
