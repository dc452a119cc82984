"""What lists show of a batch that waits, and of one that waits for nothing any more."""

from __future__ import annotations

from dataclasses import replace

from mes.model.states import ProceduralState
from mes.model.steps import PromptStep
from mes.plc.tagmap import process_cell
from tests.engine.recipe import whole_recipe
from tests.engine.works import Works, until


async def test_a_batch_that_has_ended_is_not_listed_as_waiting(works: Works) -> None:
    whole = whole_recipe(process_cell([works.plc.tag_map]))
    last = PromptStep(path="Label", name="Label", text={"en": "Label the bags", "zh": "贴标签"})
    batch_no = works.create(replace(whole, procedure=replace(whole.procedure, children=(last,))))
    async with works.engine():
        works.put(batch_no, "start")
        await until(lambda: works.batch(batch_no).waiting == "Label waits for a person: Label the bags")
        works.put(batch_no, "answer", prompt_id="Label", value="yes")
        await until(lambda: works.batch(batch_no).state is ProceduralState.COMPLETE)
        await until(lambda: batch_no not in works.cell.batches)
    assert works.batch(batch_no).waiting == ""
