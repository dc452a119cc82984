"""The database of an installation, opened for a command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from mes.cli.options import Refused
from mes.config import Config
from mes.store.database import Database


@contextmanager
def existing(config: Config) -> Iterator[Database]:
    """Open the database of an installation that has one; raises `StoreError` that says how to make it, `Refused`."""
    with usable_url(config):
        database = Database(config.database_url)
    with database:
        yield database


@contextmanager
def made(config: Config) -> Iterator[Database]:
    """Open the database of an installation, made when there is none yet; raises `StoreError`, `Refused`."""
    from mes.app import opened

    with ExitStack() as stack:
        with usable_url(config):
            database = stack.enter_context(opened(config))
        yield database


@contextmanager
def usable_url(config: Config) -> Iterator[None]:
    """Turn what a wrong `[database] url` leads to into `Refused`."""
    try:
        yield
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise Refused(
            f"{config.file or config.folder}: [database] url {config.database.url!r} cannot be used: {error}; "
            "leave it out for the SQLite file in the data folder"
        ) from None
