"""An open database: one writer thread, and separate connections for reading."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy.exc import DatabaseError

from mes.store.dialect import file_of, make_engine
from mes.store.errors import StoreError
from mes.store.versions import KNOWN_VERSION, place, refuse_newer, unusable, version_of
from mes.store.writer import Work, Writer

T = TypeVar("T")


class Database:
    """Reads and writes as units of work; a write is durable when the call returns. Close it, or use it in a `with`."""

    def __init__(self, url: str) -> None:
        """Open an existing database of the right version.

        Raises `StoreError` when it is not there, is damaged, or has another schema version; nothing is created here.
        """
        self.url = url
        self._reading = make_engine(url, read_only=True)
        try:
            self._refuse_unfit()
        except BaseException:
            self._reading.dispose()
            raise
        self._readers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="mes-reader")
        self._writing = make_engine(url, read_only=False)
        self._writer = Writer(self._writing, url)

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def write(self, work: Work[T]) -> T:
        """Run a unit of work in a write transaction and return when it is durable."""
        return await self._writer.submit(work)

    def write_now(self, work: Work[T]) -> T:
        """Do the same from a thread without an event loop."""
        return self._writer.submit_sync(work)

    async def read(self, work: Work[T]) -> T:
        """Read on a thread of its own, so that a slow disk never stops the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self.read_now, work)

    def read_now(self, work: Work[T]) -> T:
        """Read on this thread, from one consistent state; a write in it is refused by the database."""
        try:
            with self._reading.begin() as connection:
                return work(connection)
        except DatabaseError as error:
            raise unusable(self.url, error) from error

    def close(self) -> None:
        """Write what is queued, then close every connection."""
        self._writer.close()
        self._readers.shutdown()
        self._writing.dispose()
        self._reading.dispose()

    def _refuse_unfit(self) -> None:
        path = file_of(self.url)
        if path is not None and not path.is_file():
            raise StoreError(f"{place(self.url)} does not exist: make it with `mes db upgrade`")
        present = self.read_now(version_of)
        if present is None:
            raise StoreError(
                f"{place(self.url)} has no schema of mes: give the right file, or `mes db upgrade` a new one"
            )
        refuse_newer(present, self.url)
        if present != KNOWN_VERSION:
            raise StoreError(
                f"{place(self.url)} has schema version {present}, this program needs {KNOWN_VERSION}: "
                "bring it forward with `mes db upgrade`"
            )
