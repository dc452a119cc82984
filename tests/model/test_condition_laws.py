"""Laws of conditions over any history of readings, good and bad."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mes.model.condition import Condition, ConditionMemory, Truth, Verdict, evaluate, parse_condition
from mes.model.condition_tree import Node
from mes.model.reading import Quality, Reading, missing
from tests.model.trees import comparisons, conditions

Value = float | None
START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
# Kleene's tables are those of minimum and maximum in this order.
RISING = [Truth.FALSE, Truth.UNKNOWN, Truth.TRUE]


def look(text: str, row: dict[str, Value], memory: ConditionMemory, after_s: float) -> Verdict:
    def reading(tag: str) -> Reading:
        value = row[tag]
        return missing("gone") if value is None else Reading(value=value, quality=Quality.GOOD, received_s=0.0)

    now = START + timedelta(seconds=after_s)
    return evaluate(parse_condition(text), reading, dict.fromkeys(row, "1"), memory, now)


PARTS = ("A > 0", "B > 0", "C > 0 for 1 min")
texts = st.recursive(
    st.sampled_from(PARTS),
    lambda inner: st.one_of(
        inner.map("not ({})".format),
        inner.map("({}) for 30 s".format),
        st.tuples(inner, inner).map("({0[0]}) and ({0[1]})".format),
        st.tuples(inner, inner).map("({0[0]}) or ({0[1]})".format),
    ),
    max_leaves=6,
)
rows = st.fixed_dictionaries({tag: st.sampled_from([1.0, 0.0, None]) for tag in "ABC"})
histories = st.lists(rows, min_size=1, max_size=8)


def final(text: str, history: list[dict[str, Value]]) -> Truth:
    memory, truth = ConditionMemory(), Truth.UNKNOWN
    for count, row in enumerate(history):
        verdict = look(text, row, memory, count * 20)
        memory, truth = verdict.memory, verdict.truth
    return truth


@given(texts, texts, histories)
def test_de_morgan_holds_over_any_history(first: str, second: str, history: list[dict[str, Value]]) -> None:
    assert final(f"not (({first}) and ({second}))", history) is final(f"(not ({first})) or (not ({second}))", history)
    assert final(f"not (({first}) or ({second}))", history) is final(f"(not ({first})) and (not ({second}))", history)


@given(texts, texts, histories)
def test_and_and_or_of_any_conditions_follow_the_tables(
    first: str, second: str, history: list[dict[str, Value]]
) -> None:
    one, other = final(first, history), final(second, history)
    assert final(f"({first}) and ({second})", history) is min(one, other, key=RISING.index)
    assert final(f"({first}) or ({second})", history) is max(one, other, key=RISING.index)
    assert final(f"not ({first})", history) is RISING[2 - RISING.index(one)]


@given(texts, histories, st.data())
def test_losing_a_reading_now_or_earlier_only_makes_a_condition_less_known(
    text: str, history: list[dict[str, Value]], draw: st.DataObject
) -> None:
    before = final(text, history)
    where = draw.draw(st.integers(min_value=0, max_value=len(history) - 1))
    tag = draw.draw(st.sampled_from("ABC"))
    poorer = [{**row, tag: None} if count == where else row for count, row in enumerate(history)]
    assert final(text, poorer) in {before, Truth.UNKNOWN}


@given(texts, histories)
def test_an_unmet_condition_always_says_why(text: str, history: list[dict[str, Value]]) -> None:
    verdict = look(text, history[0], ConditionMemory(), 0)
    assert verdict.why
    if verdict.truth is Truth.UNKNOWN:
        assert "(gone)" in verdict.why


@given(conditions(comparisons), st.lists(st.integers(min_value=0, max_value=10_000), min_size=1, max_size=4))
def test_what_nothing_is_known_of_is_unknown_whenever_one_looks(root: Node, seconds: list[int]) -> None:
    condition, memory = Condition(root=root), ConditionMemory()
    for after_s in seconds:
        now = START + timedelta(seconds=after_s)
        verdict = evaluate(condition, lambda tag: missing("gone"), lambda tag: "1", memory, now)
        memory = verdict.memory
        assert verdict.truth is Truth.UNKNOWN
        assert {part.truth for part in verdict.parts} == {Truth.UNKNOWN}


@given(texts, histories)
def test_a_condition_is_true_when_every_part_is_met_and_not_when_none_is(
    text: str, history: list[dict[str, Value]]
) -> None:
    verdict = look(text, history[0], ConditionMemory(), 0)
    met = {part.truth for part in verdict.parts}
    if met == {Truth.TRUE}:
        assert verdict.truth is Truth.TRUE
    if Truth.TRUE not in met:
        assert verdict.truth is not Truth.TRUE
