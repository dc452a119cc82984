"""The charts that the documentation shows: one of every construct, and those of the recipes that come with mes.

Run as a program it renews docs/explanation/procedure-chart.md and its pictures.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mes.model.procedure import walk
from mes.model.states import ProceduralState
from mes.recipes.chart import chart_svg
from mes.recipes.chart_sight import Depth
from mes.recipes.library import library
from mes.recipes.reader import read_recipe
from tests.recipes.procedures import example

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "explanation"
PAGE = FOLDER / "procedure-chart.md"
BEGIN = "<!-- drawn from mes/recipes/library by tests/recipe_charts.py -->"
END = "<!-- end of what is drawn -->"
NOTATION, LIVE = "images/chart-notation.svg", "images/chart-live.svg"
S = ProceduralState


def _live() -> str:
    """Draw the example as a batch that mills a second time while a box waits."""
    mill, box = "parallel 1/Mill", "parallel 1/Unloading box"
    again = f"{mill}/Mill until clean"
    running = ("", "parallel 1", mill, again, f"{again}/Mill", f"{again}/Mill/Mill")
    charged = {f"{mill}/Charge", f"{mill}/Charge/Weigh Li2S", f"{mill}/Charge/Check the jar"}
    states = {element.path: S.IDLE for element in walk(example())}
    states |= dict.fromkeys(running, S.RUNNING) | dict.fromkeys(charged, S.COMPLETE)
    states |= dict.fromkeys((box, f"{box}/Make inert", f"{box}/Make inert/Make inert"), S.HELD)
    waits = {f"{box}/Make inert/Make inert": "AR-003.P_AR > 5 bar, now 4.2 bar"}
    return chart_svg(example(), states=states, waits=waits, rounds={again: 2}, heading=["B-0007 · running"])


def pictures() -> Mapping[str, str]:
    """Give every picture by its place beside the page."""
    found = {NOTATION: chart_svg(example(), level=Depth.PHASE), LIVE: _live()}
    for path in library(None):
        master = read_recipe(path)
        heading = [f"{master.recipe_id} {master.version} · {master.title['en']}"]
        found[f"images/chart-{master.recipe_id}.svg"] = chart_svg(master.procedure, heading=heading)
    return found


def gallery() -> str:
    """Give the part of the page that shows the recipes that come with mes."""
    parts = [BEGIN]
    for path in library(None):
        master = read_recipe(path)
        said = f"{master.recipe_id}: {master.title['en']}"
        parts.append(f"### {said}\n\n![Chart of {said}, folded to operations.](images/chart-{master.recipe_id}.svg)")
    return "\n\n".join([*parts, END])


def renewed(page: str) -> str:
    """Give the page with the gallery put in anew; raises `ValueError` when the marks are missing."""
    before, _, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"the page has no part between {BEGIN} and {END}")
    return f"{before}{gallery()}{after}"


def stale() -> list[str]:
    """Name what is not as it would be drawn now, and pictures of recipes that are gone."""
    wanted = pictures()
    wrong = [name for name, svg in wanted.items() if _written(FOLDER / name) != svg]
    wrong += [
        f"images/{file.name}" for file in (FOLDER / "images").glob("chart-*.svg") if f"images/{file.name}" not in wanted
    ]
    page = PAGE.read_text("utf-8")
    return [*wrong, PAGE.name] if renewed(page) != page else wrong


def _written(file: Path) -> str:
    return file.read_text("utf-8") if file.exists() else ""


def main() -> None:
    """Renew the page and its pictures."""
    wanted = pictures()
    for file in (FOLDER / "images").glob("chart-*.svg"):
        if f"images/{file.name}" not in wanted:
            file.unlink()
    for name, svg in wanted.items():
        (FOLDER / name).write_text(svg, encoding="utf-8")
    PAGE.write_text(renewed(PAGE.read_text("utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
