"""`mes recipe dry-run`: a batch of a recipe on a simulated plant of its own, as fast as it goes."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from mes.cli.options import ConfigOption, DataOption, JsonOption, Refused, assignments
from mes.cli.written import clean, show, show_json, tell


def dry_run(
    recipe: Annotated[str, typer.Argument(metavar="RECIPE", help="Recipe id, such as R1, or a file.")],
    size: Annotated[
        str | None, typer.Option("--size", metavar="QUANTITY", help="Such as '50 m' (default: the recipe's).")
    ] = None,
    values: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A formula value, such as soak_time='240 min'; repeatable."),
    ] = None,
    results: Annotated[
        list[str] | None,
        typer.Option(
            "--results",
            metavar="GATE.RESULT=VALUE",
            help="A result that a gate is given, such as 'QC.purity=93 %'; again: that of the next asking.",
        ),
    ] = None,
    answers: Annotated[
        list[str] | None,
        typer.Option("--answer", metavar="ELEMENT=VALUE", help="What the prompt of an element is answered."),
    ] = None,
    maps: Annotated[
        Path | None,
        typer.Option("--maps", metavar="DIR", help="Tag maps to simulate (default: those of mes.toml, else all)."),
    ] = None,
    speed: Annotated[
        float | None,
        typer.Option(
            "--speed", metavar="N", min=0.1, max=100_000, help="Process seconds per wall second (default: chosen)."
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Seed of the simulated plant.")] = 1,
    svg: Annotated[
        Path | None, typer.Option("--svg", metavar="FILE", help="Write the chart of the times there, as SVG.")
    ] = None,
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="DIR", help="Keep the books of the batch in this new folder.")
    ] = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run a batch of a recipe on a simulated plant of its own, as fast as it goes, and tell what came of it.

    The plant is a process that lives as long as the command; material, operator and results are played, all as it
    should be unless told otherwise. Nothing is written into the data folder. Exit code 1 when the batch did not come
    to its end, with what it waited for.
    """
    from mes.cli.dry_run_text import document, gantt_document, text
    from mes.cli.ending import ToldToEnd, run_until_told
    from mes.cli.installation import config_of
    from mes.model.quantity import parse_quantity
    from mes.rehearsal.rehearse import Wish, rehearse

    formula = {
        name: parse_quantity(value) for name, value in assignments(values, "--set", "soak_time='240 min'").items()
    }
    where = config_of(data, config)
    wish = Wish(
        recipe=recipe,
        recipe_folder=where.recipe_folder,
        size=None if size is None else parse_quantity(size),
        formula=formula,
        speed=speed,
        seed=seed,
        results=tuple(results or ()),
        answers=tuple(answers or ()),
    )
    with _folder(keep) as folder, _line() as progress:
        try:
            found = run_until_told(rehearse(wish, _maps(where, maps, folder), folder, progress))
        except ToldToEnd as ending:
            raise typer.Exit(128 + ending.number) from None
    if svg is not None:
        _write(svg, gantt_document(found))
    if as_json:
        show_json(document(found))
    else:
        show(text(found, columns=shutil.get_terminal_size((110, 24)).columns))
        if keep is not None:
            show(f"the books are in {keep}: mes record {found.batch_no} --data {keep}")
    if not found.completed:
        raise typer.Exit(1)


def _maps(where: Any, folder: Path | None, work: Path) -> Any:
    """Read the maps to simulate; raises `TagMapError`, `Refused`, `PlcNotStarted`."""
    import asyncio

    from mes.app import read_maps
    from mes.plc.tagfile import read_map
    from mes.simulated.plcs import hand_over_maps

    if folder is not None:
        paths = sorted(folder.glob("*.toml"))
        if not paths:
            raise Refused(f"{folder}: there is no tag map (*.toml) in this folder")
        return [read_map(path) for path in paths]
    if where.plc:
        return read_maps(where)
    return [read_map(path) for path in asyncio.run(hand_over_maps(work / "exported"))]


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """Give the folder for everything the dry run writes: one that vanishes, or a new one that is kept."""
    if keep is None:
        with TemporaryDirectory(prefix="mes-dry-run-") as folder:
            yield Path(folder)
        return
    if keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
        raise Refused(f"{keep} is there already; name a new folder to keep the books in")
    try:
        keep.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(f"{keep}: it cannot be made: {error.strerror or error}") from None
    yield keep.absolute()


@contextmanager
def _line() -> Iterator[Callable[[Any], None]]:
    """Show how far it is in one line of a terminal, and take the line away at the end; elsewhere show nothing."""
    from mes.cli.gantt import hours_text
    from mes.cli.written import width

    if not sys.stderr.isatty():
        yield lambda moment: None
        return
    columns = shutil.get_terminal_size((80, 24)).columns - 1

    def shown(moment: Any) -> None:
        times = f"{hours_text(moment.elapsed_s)} of about {hours_text(moment.expected_s)} h"
        line = clean(f"{moment.done}/{moment.steps}  {times}  x{moment.speed:g}  {moment.doing}")
        while width(line) > columns:
            line = line[:-1]
        sys.stderr.write(f"\r{line}\x1b[K")
        sys.stderr.flush()

    try:
        yield shown
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


def _write(file: Path, svg: str) -> None:
    try:
        file.write_text(svg, encoding="utf-8")
    except OSError as error:
        raise Refused(f"{file}: the chart cannot be written: {error.strerror or error}") from None
    tell(f"{file}: chart of the times")
