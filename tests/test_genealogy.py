"""A trace finds every lot, once, with the quantities that a plain walk over the edges gives."""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mes.genealogy import FORMATS, Trace, as_csv, as_dot, as_json, as_table, as_tree, trace
from mes.model.events import LotReceived
from mes.model.quantity import Quantity
from mes.store.booking import book
from mes.store.database import Database
from mes.store.dialect import sqlite_url
from mes.store.edges import Direction, add_edge
from mes.store.errors import NotInBooks
from mes.store.versions import upgrade

AT = datetime(2026, 3, 1, tzinfo=UTC)
Edges = dict[tuple[str, str], Decimal]
_GRAPHS = itertools.count()


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    path: Path = tmp_path_factory.mktemp("genealogy") / "mes.db"
    upgrade(sqlite_url(path))
    with Database(sqlite_url(path)) as opened:
        yield opened


def grams(value: str | Decimal) -> Quantity:
    return Quantity(Decimal(value), "g")


def plant(
    database: Database, made: dict[str, Decimal], edges: Edges, *, material: str = "POWDER", supplier: str = ""
) -> None:
    facts = [
        LotReceived(
            lot_no=lot_no,
            material=material,
            quantity=grams(quantity),
            assay=Decimal(1),
            supplier=supplier,
            supplier_lot="",
            by="ann",
        )
        for lot_no, quantity in made.items()
    ]

    def write(connection: object) -> None:
        book(connection, cell="pilot", at=AT, facts=[("", fact) for fact in facts])
        for (parent, child), quantity in edges.items():
            add_edge(connection, parent=parent, child=child, quantity=grams(quantity))

    database.write_now(write)


amounts = st.decimals(min_value=1, max_value=1000, places=1)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[str, Decimal], Edges]:
    """A genealogy of up to eight lots; numbers are in no relation to the order in which they were made."""
    prefix = f"G{next(_GRAPHS)}"
    size = draw(st.integers(1, 8))
    names = [f"{prefix}-{number}" for number in draw(st.permutations(range(size)))]
    pairs = list(itertools.combinations(names, 2))
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    return {name: draw(amounts) for name in names}, {pair: draw(amounts) for pair in chosen}


def paths(edges: Edges, start: str, direction: Direction) -> Iterator[list[tuple[str, str]]]:
    """Every way from `start`: slow, plain, and without anything in common with the code under test."""
    yield []
    for parent, child in edges:
        near, far = (child, parent) if direction == "backward" else (parent, child)
        if near == start:
            for way in paths(edges, far, direction):
                yield [(parent, child), *way]


def expected(
    made: dict[str, Decimal], edges: Edges, start: str, direction: Direction
) -> dict[str, tuple[int, Decimal]]:
    found: dict[str, tuple[int, Decimal]] = {start: (0, made[start])}
    for way in paths(edges, start, direction):
        if not way:
            continue
        amount = made[start]
        for parent, child in way:
            near = child if direction == "backward" else parent
            amount = amount / made[near] * edges[parent, child]
        far = way[-1][0 if direction == "backward" else 1]
        depth, so_far = found.get(far, (len(way), Decimal(0)))
        found[far] = (min(depth, len(way)), so_far + amount)
    return found


@settings(max_examples=60)
@given(graph=graphs(), direction=st.sampled_from(["backward", "forward"]), which=st.integers(0, 7))
def test_a_trace_is_what_a_plain_walk_finds(
    database: Database, graph: tuple[dict[str, Decimal], Edges], direction: Direction, which: int
) -> None:
    made, edges = graph
    plant(database, made, edges)
    start = list(made)[which % len(made)]
    found = trace(database, start, direction)
    reference = expected(made, edges, start, direction)
    assert found.lots[0].lot_no == start
    assert [lot.lot_no for lot in found.lots] == [
        name for name, _ in sorted(reference.items(), key=lambda item: (item[1][0], item[0]))
    ]
    for lot in found.lots:
        depth, amount = reference[lot.lot_no]
        assert lot.depth == depth
        assert abs(lot.amount.value - amount) <= abs(amount) * Decimal("1e-20")
    among = {pair: quantity for pair, quantity in edges.items() if set(pair) <= reference.keys()}
    assert {(edge.parent, edge.child): edge.quantity.value for edge in found.edges} == among
    for write in FORMATS.values():
        assert start in write(found)


@settings(max_examples=30)
@given(graph=graphs())
def test_backward_and_forward_tell_the_same_amount(database: Database, graph: tuple[dict[str, Decimal], Edges]) -> None:
    made, edges = graph
    plant(database, made, edges)
    child = list(made)[-1]
    for ancestor in trace(database, child).lots[1:]:
        forward = {lot.lot_no: lot.amount for lot in trace(database, ancestor.lot_no, "forward").lots}
        assert abs(forward[child].value - ancestor.amount.value) <= ancestor.amount.value * Decimal("1e-20")


@pytest.fixture
def diamond(database: Database) -> str:
    """One raw lot in two powders, both in one film; gives the prefix of the numbers."""
    name = f"D{next(_GRAPHS)}"
    made = {
        f"{name}-raw": Decimal(100),
        f"{name}-p1": Decimal(50),
        f"{name}-p2": Decimal(40),
        f"{name}-film": Decimal(60),
    }
    edges = {
        (f"{name}-raw", f"{name}-p1"): Decimal(60),
        (f"{name}-raw", f"{name}-p2"): Decimal(40),
        (f"{name}-p1", f"{name}-film"): Decimal(25),
        (f"{name}-p2", f"{name}-film"): Decimal(40),
    }
    plant(database, made, edges)
    return name


def test_a_shared_ancestor_is_counted_once_with_all_that_came_over_both_ways(database: Database, diamond: str) -> None:
    found = trace(database, f"{diamond}-film")
    raw = found.lots[-1]
    assert (raw.lot_no, raw.depth, raw.amount) == (f"{diamond}-raw", 2, grams("70"))
    assert as_table(found).count(f"{diamond}-raw") == 1
    assert len(as_csv(found).splitlines()) == 5


def test_a_tree_shows_every_way_but_opens_a_lot_only_once(database: Database, diamond: str) -> None:
    tree = as_tree(trace(database, f"{diamond}-raw", "forward")).replace(diamond, "D")
    assert tree.splitlines() == [
        "D-raw POWDER",
        "├─ D-p1 POWDER, 60 g",
        "│  └─ D-film POWDER, 25 g",
        "└─ D-p2 POWDER, 40 g",
        "   └─ D-film POWDER, 40 g",
    ]
    name = f"R{next(_GRAPHS)}"
    made = {f"{name}-{letter}": Decimal(1) for letter in "abcd"}
    edges = {("a", "b"): 1, ("a", "c"): 1, ("b", "d"): 1, ("c", "b"): 1}
    plant(
        database,
        made,
        {(f"{name}-{parent}", f"{name}-{child}"): Decimal(one) for (parent, child), one in edges.items()},
    )
    again = as_tree(trace(database, f"{name}-a", "forward")).replace(name, "R")
    assert again.count("R-b POWDER") == 2
    assert again.count("R-d POWDER") == 1
    assert again.count("(see above)") == 1


def test_json_holds_exact_quantities(database: Database, diamond: str) -> None:
    whole = json.loads(as_json(trace(database, f"{diamond}-film")))
    assert (whole["lot_no"], whole["direction"], len(whole["lots"])) == (f"{diamond}-film", "backward", 4)
    assert whole["lots"][0]["made"] == {"value": "60", "uom": "g"}
    assert {"parent": f"{diamond}-p1", "child": f"{diamond}-film", "quantity": {"value": "25", "uom": "g"}} in whole[
        "edges"
    ]


def test_an_unknown_lot_is_told_with_the_nearest(database: Database, diamond: str) -> None:
    with pytest.raises(NotInBooks, match=f"the nearest: .*{diamond}-film"):
        trace(database, f"{diamond}-fil")


@settings(max_examples=40)
@given(material=st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=20))
@pytest.mark.parametrize("supplier", ["=1+1", "+1", "-1", "@SUM(A1)", 'a"b', "x,y"])
def test_no_cell_of_a_csv_can_start_a_formula(database: Database, material: str, supplier: str) -> None:
    lot_no = f"C{next(_GRAPHS)}"
    plant(database, {lot_no: Decimal(1)}, {}, material=material, supplier=supplier)
    _, cells = csv.reader(io.StringIO(as_csv(trace(database, lot_no))))
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert cells[1] == lot_no
    assert cells[7].removeprefix("'") == supplier


def test_a_dot_graph_has_its_texts_quoted(database: Database) -> None:
    lot_no = f"Q{next(_GRAPHS)}"
    plant(
        database,
        {lot_no: Decimal(1), f"{lot_no}b": Decimal(1)},
        {(lot_no, f"{lot_no}b"): Decimal(1)},
        material='a"]; b\\',
    )
    dot = as_dot(trace(database, lot_no, "forward"))
    assert dot.splitlines()[0] == "digraph trace {"
    assert f'  "{lot_no}" [label="{lot_no}\\na\\"]; b\\\\\\n1 g", style=bold];' in dot.splitlines()
    assert f'  "{lot_no}" -> "{lot_no}b" [label="1 g"];' in dot.splitlines()


def test_a_trace_of_a_chain_longer_than_any_call_stack_ends(database: Database) -> None:
    name = f"N{next(_GRAPHS)}"
    names = [f"{name}-{number}" for number in range(300)]
    plant(database, dict.fromkeys(names, Decimal(2)), {pair: Decimal(1) for pair in itertools.pairwise(names)})
    found: Trace = trace(database, names[-1])
    assert [lot.depth for lot in found.lots] == list(range(300))
    assert len(as_tree(found).splitlines()) == 300
