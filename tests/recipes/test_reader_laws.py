"""Whatever is written by the rules is read, keeps its structure, and binds to the same content every time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mes.model.equipment import ProcessCell
from mes.model.procedure import Element, Group, Order, walk
from mes.model.steps import PhaseStep, PromptStep, WaitStep
from mes.recipes.binding import bind
from mes.recipes.reader import read_recipe

CONDITIONS = st.sampled_from(["SCR-002.PH > 11.5", "GB-102.O2_PPM < 5 ppm for 1 min", "$rest > 12 min"])
QUIET = st.sampled_from(["wait", "prompt"]) | CONDITIONS
TIMES = st.integers(1, 1000)


def blocks(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    some = st.lists(inner, min_size=1, max_size=3)
    branches = st.lists(st.tuples(CONDITIONS, some), min_size=1, max_size=2, unique_by=lambda branch: branch[0])
    return (
        st.tuples(st.just("sequence"), some)
        | st.tuples(st.just("repeat"), some, CONDITIONS, TIMES)
        | st.tuples(st.just("choose"), branches, st.none() | some)
    )


def parallel(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.tuples(st.just("parallel"), st.lists(inner, min_size=2, max_size=3)) | blocks(inner)


ITEMS = st.lists(
    st.recursive(st.just("phase") | QUIET, blocks, max_leaves=5) | st.recursive(QUIET, parallel, max_leaves=6),
    min_size=1,
    max_size=4,
)


def written(item: Any, numbers: Iterator[int]) -> dict[str, Any]:
    """Give an item as the YAML reader wants it; phases and prompts get names of their own."""
    match item:
        case "phase":
            return {"phase": "INERTISE", "name": f"P{next(numbers)}", "parameters": {"hold_time": "$rest / 2"}}
        case "prompt":
            return {"prompt": f"Q{next(numbers)}", "text": {"en": "Look."}}
        case "wait":
            return {"wait": "10 min"}
        case str():
            return {"wait": item, "within": "2 h"}
        case "repeat", inner, until, at_most:
            return {"repeat": [written(one, numbers) for one in inner], "until": until, "at_most": at_most}
        case "choose", branches, otherwise:
            chosen = [{"when": when, "do": [written(one, numbers) for one in inner]} for when, inner in branches]
            last = [{"otherwise": [written(one, numbers) for one in otherwise]}] if otherwise else []
            return {"choose": [*chosen, *last]}
        case kind, inner:
            return {kind: [written(one, numbers) for one in inner]}
    raise AssertionError(item)


def again(element: Element) -> Any:
    """Give the item that an element of the tree was made from."""
    match element:
        case PhaseStep():
            return "phase"
        case PromptStep():
            return "prompt"
        case WaitStep():
            return element.until or "wait"
        case Group(until=until) if until:
            return "repeat", [again(child) for child in element.children], until, element.at_most
        case Group(order=Order.CHOICE):
            branches = [child for child in element.children if isinstance(child, Group)]
            inner = [(one.when, [again(child) for child in one.children]) for one in branches]
            otherwise = inner.pop()[1] if not inner[-1][0] else None
            return "choose", inner, otherwise
        case Group():
            return str(element.order), [again(child) for child in element.children]
    raise AssertionError(element)


HEAD = """\
recipe: L1
version: "1.0"
title: {en: Law}
product: Nothing
batch_size: {default: 1 kg, minimum: 1 kg, maximum: 2 kg}
formula:
  rest: {default: 10 min, per: 2 min, minimum: 5 min, maximum: 30 min, high: [6 min, 25 min], soft: [8 min, 20 min]}
inputs:
  salt: {material: Salt, per: 500 g}
outputs:
  powder: {material: Powder}
"""
ENDS = {
    "operation": "Material",
    "phases": [
        {
            "phase": "WEIGH",
            "scan": ["salt"],
            "parameters": {"target": "$input.salt"},
            "consume": [{"input": "salt", "report": "net_weight"}],
            "produce": [{"output": "powder", "report": "net_weight", "from": ["salt"]}],
        }
    ],
}


@settings(max_examples=25)
@given(items=ITEMS)
def test_a_valid_text_is_read_as_it_is_written_and_binds(cell: ProcessCell, items: list[Any]) -> None:
    numbers = count(1)
    inner = {"operation": "Run", "phases": [written(item, numbers) for item in items]}
    rest = {"operation": "Use", "phases": [{"phase": "INERTISE", "parameters": {"hold_time": "$rest"}}]}
    procedure = [
        {"unit_procedure": "Box", "unit": "GB-102", "operations": [inner, rest]},
        {"unit_procedure": "Weigh", "unit": "WS-111", "operations": [ENDS]},
    ]
    text = HEAD + yaml.safe_dump({"procedure": procedure}, sort_keys=False)
    master = read_recipe(text)
    elements = list(walk(master.procedure))
    assert len({element.path for element in elements}) == len(elements)
    assert all(element.line for element in elements)
    run = next(element for element in elements if element.path == "Box/Run")
    assert isinstance(run, Group)
    assert [again(child) for child in run.children] == items
    control = bind(master, cell)
    assert control.sha256 == bind(read_recipe(f"# moved\n{text}"), cell).sha256
    assert [element.path for element in walk(control.procedure)] == [element.path for element in elements]
