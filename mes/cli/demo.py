"""`mes demo`: the simulated plant, the engine, the page, and an operator who works both lines."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Annotated

import typer

from mes.cli.options import DataOption, JsonOption, Refused
from mes.cli.written import show, show_json, tell

MARK = "# Written by `mes demo`"
"""First line of the configuration that the demonstration writes: only such a one is written again."""


def demo(
    speed: Annotated[
        float, typer.Option("--speed", metavar="N", min=0.1, max=100_000, help="Process seconds per wall second.")
    ] = 1000.0,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Seed of the simulated plant.")] = 1,
    once: Annotated[bool, typer.Option("--once", help="Make one powder lot and its film, then end.")] = False,
    headless: Annotated[bool, typer.Option("--headless", help="Without the page.")] = False,
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="Port of the page (0: any free one).")
    ] = 8080,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Play the demonstration: make Li6PS5Cl powder and film on the simulated plant, and trace the film.

    It starts its own plant and keeps everything in its data folder (a new one each time unless --data names it), and
    goes on until Ctrl-C; with --once or --json it ends after the first film.
    """
    from mes.cli.ending import ToldToEnd, run_until_told
    from mes.cli.serving import page, progress_lines
    from mes.demo.play import Options, play

    if data is not None:
        _refuse_foreign(data)
    shown = [] if headless else [functools.partial(page, host="127.0.0.1", port=port)]
    options = Options(
        speed=speed,
        seed=seed,
        once=once or as_json,
        data=data,
        port=port,
        beside=[*shown, progress_lines],
        say=tell if as_json else show,
    )
    try:
        result = run_until_told(play(options))
    except ToldToEnd as ending:
        if options.once:
            raise typer.Exit(128 + ending.number) from None
        tell("the demonstration has ended")
        return
    if as_json:
        show_json(result.document)
    else:
        show(result.text)


def _refuse_foreign(data: Path) -> None:
    """Keep the demonstration out of the data folder of a real plant, whose configuration it would overwrite."""
    file = data / "mes.toml"
    if file.exists() and not file.read_text(encoding="utf-8", errors="replace").startswith(MARK):
        raise Refused(f"{file} is not of a demonstration, which would overwrite it; name another folder with --data")
