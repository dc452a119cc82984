"""The version of the schema: made and brought forward here, and nowhere by accident."""

from __future__ import annotations

from sqlalchemy import Connection, column, inspect, make_url, select, table
from sqlalchemy.exc import DatabaseError

from mes.store.dialect import file_of, make_engine
from mes.store.errors import StoreError

KNOWN_VERSION = "0002"
"""The newest schema version that this program knows: the head of the migrations."""


def version_of(connection: Connection) -> str | None:
    """Give the schema version of a database; None when it has none."""
    versions = table("alembic_version", column("version_num"))
    if not inspect(connection).has_table(versions.name):
        return None
    return connection.execute(select(versions.c.version_num)).scalar()


def upgrade(url: str) -> str:
    """Make the database, or bring it to the newest schema in one transaction; give the version it has now.

    Raises `StoreError`, and changes nothing, when the database is newer than this program or is not one of ours.
    """
    # Imported here: every command opens a database, few bring one forward.
    from alembic import command
    from alembic.config import Config

    path = file_of(url)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    engine = make_engine(url, read_only=False)
    try:
        with engine.begin() as connection:
            _refuse_foreign(connection, url)
            config = Config()
            # By package, not by path: it must also be found in a wheel, and in a folder whose name has a "%".
            config.set_main_option("script_location", "mes.store:migrations")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        return KNOWN_VERSION
    except DatabaseError as error:
        raise unusable(url, error) from None
    finally:
        engine.dispose()


def _refuse_foreign(connection: Connection, url: str) -> None:
    present = version_of(connection)
    if present is None:
        if tables := inspect(connection).get_table_names():
            found = ", ".join(sorted(tables)[:3])
            raise StoreError(f"{place(url)} is a database of something else (it has tables {found}): give another file")
        return
    refuse_newer(present, url)


def refuse_newer(present: str, url: str) -> None:
    """Raise `StoreError` when the database was written by a newer program."""
    known = KNOWN_VERSION
    if present > known:
        raise StoreError(
            f"{place(url)} has schema version {present}, this program knows up to {known}: "
            "use the newer mes that wrote it"
        )


def place(url: str) -> str:
    """Give the words for a database in messages: its file, or its URL without the password."""
    path = file_of(url)
    if path is not None:
        return f"the database {path}"
    return f"the database {make_url(url).render_as_string(hide_password=True)}"


def unusable(url: str, error: DatabaseError) -> StoreError:
    """Make the readable error for what the database driver says."""
    said = str(error.orig)
    if "not a database" in said or "malformed" in said or "corrupt" in said:
        return StoreError(
            f"{place(url)} is damaged or is no database ({said}): nothing was changed; "
            "put the latest backup in its place"
        )
    if "locked" in said:
        return StoreError(f"{place(url)} is held by another program ({said}): try again when it has finished")
    return StoreError(f"{place(url)} cannot be used: {said}")
