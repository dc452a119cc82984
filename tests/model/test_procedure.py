"""The procedure tree: the order in which it is walked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mes.model.procedure import Element, Group, Level, Order, phases, walk
from mes.model.steps import PhaseStep, PromptStep


def phase(path: str) -> PhaseStep:
    return PhaseStep(path=path, name=path, unit="FU-301", phase_class="ANNEAL")


def prompt(path: str) -> PromptStep:
    return PromptStep(path=path, name=path, text={"en": "Confirm"})


def group(path: str, *children: Element, order: Order = Order.SEQUENCE) -> Group:
    return Group(path=path, name=path, level=Level.BLOCK, order=order, children=children)


leaves = st.sampled_from([phase, prompt]).map(lambda make: make("leaf"))
trees = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4).map(lambda made: group("group", *made)))


def test_parents_come_before_children_and_children_in_recipe_order() -> None:
    tree = group("p", group("u1", phase("u1.a"), prompt("u1.ask")), group("u2", phase("u2.b"), order=Order.PARALLEL))
    assert [element.path for element in walk(tree)] == ["p", "u1", "u1.a", "u1.ask", "u2", "u2.b"]


def test_phases_are_the_equipment_phases_in_recipe_order_without_prompts() -> None:
    tree = group("p", phase("a"), prompt("ask"), group("u", phase("b"), group("v", phase("c"))), phase("d"))
    assert [step.path for step in phases(tree)] == ["a", "b", "c", "d"]


def test_a_single_phase_walks_as_itself() -> None:
    alone = phase("a")
    assert list(walk(alone)) == [alone]
    assert list(phases(alone)) == [alone]
    assert list(phases(prompt("ask"))) == []


@given(trees)
def test_the_walk_of_a_group_is_the_group_and_then_the_walks_of_its_children(tree: Element) -> None:
    below = [found for child in getattr(tree, "children", ()) for found in walk(child)]
    assert list(walk(tree)) == [tree, *below]
    assert list(phases(tree)) == [found for found in [tree, *below] if found.kind == "phase"]
