"""`mes plc`: check tag maps by themselves and against the live PLCs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from mes.cli.options import ConfigOption, DataOption, JsonOption, Refused
from mes.cli.plc_certificates import certificate, trust
from mes.cli.plc_conform import conform
from mes.cli.written import show, show_json, tell

app = typer.Typer(help="Tag maps and the PLCs they describe.", no_args_is_help=True, rich_markup_mode=None)
app.command()(conform)
app.command()(certificate)
app.command()(trust)


@app.command()
def check(
    maps: Annotated[
        list[Path] | None, typer.Argument(metavar="[MAP]...", help="Tag maps (default: those of the configuration).")
    ] = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check tag maps without a PLC: each in itself, then all together as one process cell.

    Exit code 1 when something is wrong.
    """
    from mes.cli.installation import config_of, refuse_without_plc
    from mes.plc.check import check
    from mes.plc.tagfile import read_map
    from mes.plc.tagmap import TagMapError, process_cell

    paths = list(maps or [])
    if not paths:
        where = config_of(data, config)
        refuse_without_plc(where)
        paths = [where.map_path(plc) for plc in where.plc]
    reports = [check(path) for path in paths]
    together: tuple[str, ...] = ()
    if not any(report.errors for report in reports):
        try:
            process_cell([read_map(path) for path in paths])
        except TagMapError as error:
            together = error.errors
    errors = [line for report in reports for line in report.errors] + list(together)
    if as_json:
        show_json({"maps": reports, "together": together})
    else:
        for report in reports:
            if not report.errors:
                counts = f"{report.units} units, {report.slots} slots, {report.phases} phases, {report.tags} tags"
                show(f"{report.path}: PLC {report.plc} at {report.url}, {counts}: good")
    for line in errors:
        tell(line)
    if errors:
        raise typer.Exit(1)


@app.command()
def probe(
    tag_map: Annotated[
        Path | None,
        typer.Argument(metavar="[MAP]", help="Tag map (default: each of the configuration, at its configured url)."),
    ] = None,
    url: Annotated[str, typer.Option("--url", metavar="URL", help="Where the PLC is, instead of the map's url.")] = "",
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare tag maps with the live PLCs; only reads.

    Exit code 1 when a PLC cannot be reached or does not fit its map.
    """
    from mes.cli.installation import config_of, refuse_without_plc
    from mes.plc.check import probe
    from mes.plc.drivers import open_port, port_opener

    if tag_map:
        wanted: list[tuple[Path, str, Callable[..., Any]]] = [(tag_map, url, open_port)]
    else:
        if url:
            raise Refused("--url needs the tag map of the PLC that is there: `mes plc probe MAP --url URL`")
        where = config_of(data, config)
        refuse_without_plc(where)
        wanted = [(where.map_path(plc), plc.url, port_opener(where, plc)) for plc in where.plc]
    reports = [asyncio.run(probe(path, at, open_port=opener)) for path, at, opener in wanted]
    if as_json:
        show_json(reports)
    for report in reports:
        if not as_json:
            counts = f"{report.good} tags are good, {len(report.findings)} findings"
            show(f"{report.plc} at {report.source}, {report.protection}: {counts}")
        if report.notice:
            tell(f"{report.plc}: {report.notice}")
        for finding in report.findings:
            tell(str(finding))
    if any(report.findings for report in reports):
        raise typer.Exit(1)
