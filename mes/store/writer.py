"""The one writer: a thread that puts waiting units of work into one transaction and answers after its commit."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DatabaseError

from mes.store.errors import StoreError
from mes.store.versions import unusable

T = TypeVar("T")
Work = Callable[[Connection], T]
"""A unit of work: all of it is committed or nothing. It touches only its connection, because it may be run twice."""

LARGEST_GROUP = 512


class _UnitFailed(Exception):
    """One unit of a group raised: nothing of the group may be kept as it is."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unit:
    work: Work[Any]
    future: Future[Any]


class Writer:
    """Group commit: units that wait together share one transaction; their futures resolve once it is durable.

    A unit that raises takes nothing with it: the group is rolled back and its units are run one by one.
    """

    def __init__(self, engine: Engine, url: str) -> None:
        self._engine = engine
        self._url = url
        self._units: queue.SimpleQueue[_Unit | None] = queue.SimpleQueue()
        self._door = threading.Lock()
        self._closed = False
        self._connection: Connection | None = None
        self._thread = threading.Thread(target=self._serve, name="mes-writer", daemon=True)
        self._thread.start()

    def put(self, work: Work[T]) -> Future[T]:
        """Queue a unit of work; the future gives its result after the commit, or raises what it raised."""
        future: Future[T] = Future()
        with self._door:
            if self._closed:
                raise StoreError("the store is closed: nothing more is written")
            self._units.put(_Unit(work=work, future=future))
        return future

    async def submit(self, work: Work[T]) -> T:
        """Write from a coroutine; returns when the unit is durable."""
        return await asyncio.wrap_future(self.put(work))

    def submit_sync(self, work: Work[T]) -> T:
        """Write from a thread without an event loop; returns when the unit is durable."""
        return self.put(work).result()

    def close(self) -> None:
        """Write what is queued, then end the thread; a second call does nothing."""
        with self._door:
            if not self._closed:
                self._closed = True
                self._units.put(None)
        self._thread.join()

    def _serve(self) -> None:
        more = True
        while more:
            group, more = self._next_group()
            running = [unit for unit in group if unit.future.set_running_or_notify_cancel()]
            if running:
                self._write(running)
        self._disconnect()

    def _next_group(self) -> tuple[list[_Unit], bool]:
        unit = self._units.get()
        group: list[_Unit] = []
        while unit is not None:
            group.append(unit)
            if len(group) == LARGEST_GROUP:
                return group, True
            try:
                unit = self._units.get_nowait()
            except queue.Empty:
                return group, True
        return group, False

    def _write(self, group: Sequence[_Unit]) -> None:
        try:
            results = self._transaction(group)
        except _UnitFailed as failed:
            if len(group) > 1:
                for unit in group:
                    self._write([unit])
            else:
                group[0].future.set_exception(self._readable(failed.cause))
        except Exception as error:  # begin or commit failed: every waiter must hear it, and the thread must live on
            # After a failed commit or fsync nothing that this connection believes can be trusted.
            self._disconnect()
            for unit in group:
                unit.future.set_exception(self._readable(error))
        else:
            for unit, result in zip(group, results, strict=True):
                unit.future.set_result(result)

    def _transaction(self, group: Sequence[_Unit]) -> list[Any]:
        if self._connection is None:
            self._connection = self._engine.connect()
        results = []
        with self._connection.begin():
            for unit in group:
                try:
                    results.append(unit.work(self._connection))
                except Exception as error:  # whatever a unit raises belongs to its own caller
                    raise _UnitFailed(error) from error
        return results

    def _readable(self, error: Exception) -> Exception:
        if isinstance(error, DatabaseError):
            readable = unusable(self._url, error)
            readable.__cause__ = error
            return readable
        return error

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()
