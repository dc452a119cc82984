"""The page on the recipes that come with mes: what each makes, on what, how long, and the dry run that was made of it.

Run as a program it renews docs/reference/recipe-library.md; with ids of recipes it dry-runs these first (a minute each)
and keeps what came of it in tests/recipes/library_runs.json.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mes.model.procedure import Group, phases, walk
from mes.model.recipe import MasterRecipe
from mes.recipes.library import library
from mes.recipes.reader import read_recipe
from mes.recipes.schedule import expected_schedule

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "recipe-library.md"
RUNS = ROOT / "tests" / "recipes" / "library_runs.json"
MAPS = ROOT / "plc_sim" / "maps"
BEGIN = "<!-- made of mes/recipes/library by tests/recipe_library.py -->"
END = "<!-- end of what is made -->"
HEAD = """\
| recipe | makes | size | units | expected | dry run: size, time, product, mass balance |
|---|---|---|---|---|---|"""


def digest_of(text: str) -> str:
    """Give a digest of a recipe's text without its comment lines, in 12 hexadecimal digits."""
    kept = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    return hashlib.sha256("\n".join(kept).encode()).hexdigest()[:12]


def units_of(master: MasterRecipe) -> Sequence[str]:
    """Name the units of a recipe in the order of its procedure; a class that one is chosen of as `any MILL`."""
    groups = [element for element in walk(master.procedure) if isinstance(element, Group)]
    names = [f"any {one.wanted.unit_class}" if one.wanted else one.unit for one in groups]
    used = [unit for one in groups for unit in one.uses]
    return list(dict.fromkeys(name for name in (*names, *used) if name))


def hours(seconds: float) -> str:
    """Give a time as hours and minutes, such as 39:20 h."""
    minutes = round(seconds / 60)
    return f"{minutes // 60}:{minutes % 60:02} h"


def row(path: Path, runs: Mapping[str, Mapping[str, Any]]) -> str:
    """Give the row of one recipe."""
    master = read_recipe(path)
    size, low, high = master.size.default, master.size.minimum, master.size.maximum
    limits = "" if low == high else f" ({low} to {high})"
    run = runs.get(master.recipe_id)
    told = "-" if run is None else f"{run['size']}, {hours(run['process_s'])}, {run['product']}, {run['balance']}"
    cells = (
        f"`{master.recipe_id}`",
        master.title["en"],
        f"{size} {master.size.uom}".removesuffix(" 1") + limits,
        ", ".join(units_of(master)),
        hours(expected_schedule(master.procedure).total_s),
        told,
    )
    return "| " + " | ".join(cells) + " |"


def known_runs() -> Mapping[str, Mapping[str, Any]]:
    """Give what came of the dry runs, by recipe id."""
    found: Mapping[str, Mapping[str, Any]] = json.loads(RUNS.read_text("utf-8"))
    return found


def table() -> str:
    """Give the table of all recipes that come with mes."""
    return "\n".join([BEGIN, HEAD, *(row(path, known_runs()) for path in library(None)), END])


def renewed(page: str) -> str:
    """Give the page with the table put in anew; raises `ValueError` when the marks are missing."""
    before, _, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"the page has no part between {BEGIN} and {END}")
    return f"{before}{table()}{after}"


def not_run() -> Iterator[str]:
    """Name the recipes that were not dry-run as they are now, or did not come to their end."""
    runs = known_runs()
    for path in library(None):
        master = read_recipe(path)
        run = runs.get(master.recipe_id)
        if run is None or run["digest"] != digest_of(path.read_text("utf-8")) or not run["completed"]:
            yield master.recipe_id


def dry_run(path: Path) -> Mapping[str, Any]:
    """Dry-run a recipe at its default size and give what the page tells of it."""
    with tempfile.TemporaryDirectory() as empty:
        command = [sys.executable, "-m", "mes", "recipe", "dry-run", str(path)]
        options = ["--maps", str(MAPS), "--data", empty, "--json"]
        ended = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, check=False)
    if not ended.stdout:
        raise RuntimeError(f"{path.name}: {ended.stderr}")
    found = json.loads(ended.stdout)
    products = [line["actual"] for line in found["material"] if line["role"] == "product" and line["actual"]]
    closure = found["mass_balance"]["closure_percent"]
    return {
        "digest": digest_of(path.read_text("utf-8")),
        "completed": found["completed"],
        "size": _text(found["size"]),
        "process_s": round(found["process_s"]),
        "product": " + ".join(map(_text, products)),
        "balance": "-" if closure is None else f"{float(closure):+.2f} %",
        "phases": sum(1 for _ in phases(read_recipe(path).procedure)),
    }


def _text(amount: Mapping[str, Any] | str) -> str:
    if isinstance(amount, str):
        return amount
    return f"{float(amount['value']):.6g} {amount['uom']}".removesuffix(" 1")


def main(wanted: Sequence[str]) -> None:
    """Dry-run the wanted recipes, and renew the page."""
    for path in library(None):
        recipe_id = read_recipe(path).recipe_id
        if recipe_id in wanted or "all" in wanted:
            runs = dict(known_runs()) | {recipe_id: dry_run(path)}
            RUNS.write_text(json.dumps(dict(sorted(runs.items())), indent=2) + "\n", encoding="utf-8")
            sys.stdout.write(f"{recipe_id}: {runs[recipe_id]}\n")
    PAGE.write_text(renewed(PAGE.read_text("utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
