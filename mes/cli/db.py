"""`mes db`: make, bring forward and examine the database."""

from __future__ import annotations

import typer

from mes.cli.options import ConfigOption, DataOption, JsonOption
from mes.cli.written import show, show_json, tell

app = typer.Typer(help="The database of an installation.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def upgrade(data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Make the database, or bring it to the schema of this version of mes."""
    from mes.cli.books import usable_url
    from mes.cli.installation import config_of
    from mes.store.versions import place, upgrade

    where = config_of(data, config)
    with usable_url(where):
        version = upgrade(where.database_url)
    if as_json:
        show_json({"database": place(where.database_url), "version": version})
    else:
        show(f"{place(where.database_url)} has schema version {version}")


@app.command()
def check(data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Examine the database: the file, the hash chain of the journal, lots against the journal, the genealogy.

    Exit code 1 when something is wrong; nothing is changed.
    """
    from mes.cli.books import usable_url
    from mes.cli.installation import config_of
    from mes.store.check import check
    from mes.store.versions import place

    where = config_of(data, config)
    with usable_url(where):
        findings = check(where.database_url)
    if as_json:
        show_json({"database": place(where.database_url), "findings": findings})
    for finding in findings:
        tell(f"{finding.where}: {finding.what}")
    if findings:
        raise typer.Exit(1)
    if not as_json:
        show(f"{place(where.database_url)}: journal, lots and genealogy hold")
