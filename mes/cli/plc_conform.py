"""`mes plc conform`: prove on a live PLC that it keeps MES-Phase v1."""

from __future__ import annotations

import asyncio
import json
import shlex
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from mes.cli.options import ConfigOption, DataOption, JsonOption, Refused
from mes.cli.written import clean, show, tell

RESTART_LIMIT_S = 120.0
T = TypeVar("T")


class ReportFormat(StrEnum):
    """How the report is written."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"


def conform(
    tag_map: Annotated[
        Path | None,
        typer.Argument(
            metavar="[MAP]", help="Tag map of the PLC (default: the one of the configuration, if it has one)."
        ),
    ] = None,
    url: Annotated[str, typer.Option("--url", metavar="URL", help="Where the PLC is, instead of the map's url.")] = "",
    slot: Annotated[
        list[str] | None, typer.Option("--slot", metavar="NAME", help="Check this slot only; repeatable.")
    ] = None,
    phase: Annotated[str, typer.Option("--phase", metavar="CLASS", help="Run this class of phase only.")] = "",
    check: Annotated[
        list[str] | None,
        typer.Option("--check", metavar="ID", help="Only checks that begin so (CMD, EPO-01); repeatable."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Phases of this PLC may really run: do not ask.")] = False,
    although_controlled: Annotated[
        bool, typer.Option("--although-controlled", help="Begin even where another MES beats or a slot is not idle.")
    ] = False,
    restart_command: Annotated[
        str, typer.Option("--restart-command", metavar="COMMAND", help="Restarts the PLC; run without a shell.")
    ] = "",
    restart_by_hand: Annotated[
        bool, typer.Option("--restart-by-hand", help="Ask for a restart of the PLC when it is time.")
    ] = False,
    far_epoch: Annotated[
        bool, typer.Option("--far-epoch", help="Take the epoch over 65535, too (see the how-to before).")
    ] = False,
    mes_timeout: Annotated[
        int, typer.Option("--mes-timeout", metavar="S", min=1, max=60, help="MesTmo to try the silence with, in s.")
    ] = 2,
    rest_limit: Annotated[
        float, typer.Option("--rest-limit", metavar="S", min=1.0, help="Longest time to come to rest, in s.")
    ] = 60.0,
    complete_limit: Annotated[
        float, typer.Option("--complete-limit", metavar="S", min=1.0, help="Longest time to wait for complete, in s.")
    ] = 60.0,
    form: Annotated[ReportFormat, typer.Option("--format", help="Form of the report.")] = ReportFormat.TEXT,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write the report here and print one line.")
    ] = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Prove on a live PLC that it keeps MES-Phase v1. PHASES REALLY RUN: equipment moves.

    Exit code 1 when a check fails, or when the PLC is in use or cannot be reached.
    """
    from mes.plc.conform.conduct import conform as conduct
    from mes.plc.conform.sheet import Verdict
    from mes.plc.conform.trial import Limits
    from mes.plc.conform.wishes import Wishes
    from mes.plc.conform.written import summary
    from mes.plc.drivers import open_port
    from mes.plc.tagfile import read_map

    path, where, opener = (tag_map, url, open_port) if tag_map is not None else _configured(url, data, config)
    described = read_map(path)
    where = where or described.url
    if restart_command and restart_by_hand:
        raise Refused("--restart-command and --restart-by-hand exclude each other; give one of them")
    if output is not None and not output.absolute().parent.is_dir():
        raise Refused(f"--output {output}: there is no folder {output.absolute().parent}; make it first")
    wishes = Wishes(
        slots=tuple(slot or ()),
        phase=phase,
        checks=tuple(check or ()),
        limits=Limits(rest_s=rest_limit, complete_s=complete_limit),
        tmo_s=mes_timeout,
        far_epoch=far_epoch,
        although_controlled=although_controlled,
    )
    slots = ", ".join(wishes.slots or described.slots)
    _ask(yes, f"{described.name} at {where}: phases will really run on {slots}, with parameters on their limits")
    restart = _by_command(restart_command) if restart_command else _by_hand if restart_by_hand else None
    try:
        report = _run(conduct(described, where, wishes, open_port=opener, tell=tell, restart=restart))
    except ValueError as error:
        raise Refused(str(error)) from None
    text = _written(report, ReportFormat.JSON if as_json else form)
    if output is None:
        show(text.removesuffix("\n"))
    else:
        output.write_text(text, encoding="utf-8")
        show(summary(report))
    if report.count(Verdict.FAIL):
        raise typer.Exit(1)


def _configured(url: str, data: Path | None, config: Path | None) -> tuple[Path, str, Callable[..., Any]]:
    """Give map and url of the one PLC of the configuration, and what opens a port to it."""
    from mes.cli.installation import config_of, refuse_without_plc
    from mes.plc.drivers import port_opener

    where = config_of(data, config)
    refuse_without_plc(where)
    paths = [where.map_path(plc) for plc in where.plc]
    if len(paths) > 1:
        raise Refused(f"say which PLC to check: `mes plc conform MAP`; maps are {', '.join(map(str, paths))}")
    return paths[0], url or where.plc[0].url, port_opener(where, where.plc[0])


def _written(report: object, form: ReportFormat) -> str:
    from mes.plc.conform.conduct import ConformanceReport
    from mes.plc.conform.written import as_document, as_junit, as_text

    if not isinstance(report, ConformanceReport):
        raise TypeError(report)
    if form is ReportFormat.JSON:
        return json.dumps(as_document(report), indent=2) + "\n"
    return as_junit(report) if form is ReportFormat.JUNIT else as_text(report) + "\n"


def _ask(yes: bool, warning: str) -> None:
    """Go on only when someone has said that the equipment may move."""
    if yes:
        tell(f"{warning}.")
    elif not sys.stdin.isatty():
        raise Refused(f"{warning}; see that nobody is at the equipment, then add --yes")
    elif not typer.confirm(clean(f"{warning}. Is nobody at the equipment, and may it move?"), err=True):
        raise typer.Exit(1)


def _run(check: Coroutine[object, object, T]) -> T:
    """Run the check; SIGTERM ends it as Ctrl-C does: with every slot brought to idle first."""

    async def until_told() -> T:
        loop = asyncio.get_running_loop()
        work = asyncio.ensure_future(check)
        if sys.platform != "win32":
            loop.add_signal_handler(signal.SIGTERM, work.cancel)
        return await work

    try:
        return asyncio.run(until_told())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


def _by_command(command: str) -> Callable[[], Awaitable[None]]:
    from mes.plc.port import PlcError

    try:
        words = shlex.split(command)
    except ValueError as error:
        raise Refused(f"--restart-command {command!r}: {error}") from None

    async def restart() -> None:
        tell(f"restarting the PLC: {command}")
        try:
            process = await asyncio.create_subprocess_exec(*words)
            code = await asyncio.wait_for(process.wait(), RESTART_LIMIT_S)
        except OSError as error:
            raise PlcError(f"--restart-command {command!r}: {error.strerror or error}") from None
        except TimeoutError:
            process.kill()
            raise PlcError(f"--restart-command {command!r} has not ended within {RESTART_LIMIT_S:g} s") from None
        if code:
            raise PlcError(f"--restart-command {command!r} ended with {code}")

    return restart


async def _by_hand() -> None:
    await asyncio.to_thread(
        typer.prompt, "Restart the PLC now, then press Enter", default="", show_default=False, err=True
    )
