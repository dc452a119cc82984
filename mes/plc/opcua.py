"""Driver for OPC UA on asyncua: typed values without time stamps, a subscription with a slow read-back beside it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import TypeVar

from asyncua import ua
from asyncua.client.client import Client
from asyncua.client.ua_client import UaClientState
from asyncua.common.node import Node
from asyncua.common.subscription import OverflowPolicy, Subscription
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.uaerrors import UaError, UaStatusCodeError

from mes.model.reading import Reading
from mes.plc.opcua_access import OpcUaAccess
from mes.plc.opcua_certificates import CertificateProblem
from mes.plc.opcua_security import UNSECURED, OpcUaSecurity
from mes.plc.opcua_values import Brought, data_value, reading_of
from mes.plc.pace import full_every_s, heed_cancellation, known_tags
from mes.plc.port import PlcError, PlcRefused
from mes.plc.tagmap import TagAddress, TagMap
from mes.plc.tomltable import nearest

# Every failure comes back as a PlcError in words; asyncua would log tracebacks of a lost connection as well.
logging.getLogger("asyncua").setLevel(logging.CRITICAL)

TIMEOUT_S = 1.5
SESSION_TIMEOUT_MS = 30_000
NODES_PER_READ = 500
QUEUE = 50_000
REFUSALS = frozenset({"BadUserAccessDenied", "BadNotWritable", "BadTooManyOperations", "BadServiceUnsupported"})
"""Answers to a whole request that leave the session as it is; after any other one the session cannot be relied on."""

T = TypeVar("T")


class OpcUaPort:
    """One connection to a PLC over OPC UA, one asyncua client for its whole life; `timeout_s` and `monotonic` are wall
    time. Node ids are built at connect, because the index of a namespace may change when a PLC is loaded anew. Without
    `access` nothing is encrypted and the MES is anonymous."""

    def __init__(
        self,
        tag_map: TagMap,
        url: str,
        *,
        access: OpcUaAccess | None = None,
        timeout_s: float = TIMEOUT_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.source = url
        self._security = OpcUaSecurity(access) if access is not None else None
        self._map = tag_map
        self._timeout_s = timeout_s
        self._monotonic = monotonic
        self._client = Client(url, timeout=timeout_s, auto_reconnect=False)
        self._client.session_timeout = SESSION_TIMEOUT_MS
        self._client.connection_lost_callback = self._connection_lost
        self._nodes: dict[str, Node] = {}
        self._lost = asyncio.Event()
        self._why = "is not connected"

    @property
    def protection(self) -> str:
        return self._security.protection if self._security else UNSECURED

    @property
    def notice(self) -> str:
        return self._security.notice if self._security else ""

    async def connect(self) -> None:
        namespaces = await self._asked(self._open())
        uri = self._map.namespace
        if uri not in namespaces:
            raise self._fail(f"has no namespace {uri!r}{nearest(uri, namespaces)}; it has {', '.join(namespaces)}")
        index = namespaces.index(uri)
        self._nodes = {
            tag.name: self._client.get_node(ua.NodeId(ua.String(tag.node), ua.Int16(index)))
            for tag in self._map.tags.values()
        }

    async def close(self) -> None:
        lost = self._lost.is_set()
        self._why = "the connection is closed"
        self._lost.set()
        connected = self._client.uaclient.state is UaClientState.CONNECTED
        if lost or not connected:
            # There is no session to take leave of; closing it still ends the tasks of the client.
            self._client.disconnect_socket()
        with suppress(TimeoutError, ConnectionError, OSError, UaError):
            await asyncio.wait_for(self._client.disconnect(), 2 * self._timeout_s)

    async def read(self, tags: Sequence[str]) -> Mapping[str, Reading]:
        readings: dict[str, Reading] = {}
        asked = known_tags(self._map, tags)
        for begin in range(0, len(asked), NODES_PER_READ):
            part = asked[begin : begin + NODES_PER_READ]
            received_s = self._monotonic()
            values = await self._asked(self._client.read_attributes([self._node(tag) for tag in part]))
            for tag, value in zip(part, values, strict=True):
                readings[tag.name] = reading_of(tag, value, received_s)
        return readings

    async def write(self, values: Mapping[str, float | int]) -> None:
        tags = known_tags(self._map, tuple(values))
        try:
            data = [data_value(tag, values[tag.name]) for tag in tags]
        except ValueError as error:
            raise PlcRefused(f"{self._map.name}: cannot be written: {error}") from None
        nodes = [self._node(tag).nodeid for tag in tags]
        try:
            answers = await self._asked(self._client.uaclient.write_attributes(nodes, data, AttributeIds.Value))
        except PlcRefused as error:
            raise PlcRefused(f"{error} to write {', '.join(values)}") from None
        refused = [
            f"{tag.name} ({answer.name})" for tag, answer in zip(tags, answers, strict=True) if not answer.is_good()
        ]
        if refused:
            right = "; the user has not the right to write there" if "BadUserAccessDenied" in refused[0] else ""
            raise PlcRefused(f"{self._map.name} ({self.source}) refused to write {', '.join(refused)}{right}")

    async def watch(self, tags: Sequence[str], *, period_s: float) -> AsyncGenerator[Mapping[str, Reading], None]:
        asked = known_tags(self._map, tags)
        subscription = await self._asked(self._subscription(period_s))
        brought = Brought(self._monotonic)
        pump = asyncio.create_task(brought.pump(subscription))
        try:
            await self._monitor(subscription, asked, period_s)
            yield dict(await self.read(tags))
            last: dict[str, Reading] = {}
            full_s = full_every_s(period_s)
            due_s = self._monotonic() + full_s
            while True:
                await brought.arrival(limit_s=period_s)
                if self._lost.is_set() or pump.done():
                    raise PlcError(f"{self._map.name} ({self.source}) {self._why}")
                changes = brought.take(self._map.tags)
                if self._monotonic() >= due_s:
                    due_s = self._monotonic() + full_s
                    read_back = await self.read(tags)
                    brought.prove_alive({**last, **changes}, read_back, self._map.name, self.source)
                    last = dict(read_back)
                    changes = {**changes, **read_back}
                if changes:
                    yield changes
        finally:
            pump.cancel()
            if not self._lost.is_set():
                with suppress(PlcError):
                    await self._asked(subscription.delete())

    async def present_nodes(self) -> Sequence[str]:
        """Give the string identifiers of the nodes that the PLC has in the namespace of the map, found by browsing."""
        index = next(iter(self._nodes.values())).nodeid.NamespaceIndex
        found: list[str] = []
        seen: set[ua.NodeId] = set()
        front = [self._client.get_objects_node()]
        while front:
            answers = await self._asked(self._client.browse_nodes(front))
            front = []
            for _, answer in answers:
                for reference in answer.References or ():
                    node = reference.NodeId
                    if node.NamespaceIndex != index or node in seen:
                        continue
                    seen.add(node)
                    found.append(str(node.Identifier))
                    front.append(self._client.get_node(node))
        return found

    async def _open(self) -> list[str]:
        try:
            if self._security is not None:
                await self._security.apply(self._client, self.source, self._timeout_s)
            await self._client.connect()
        except CertificateProblem as error:
            raise self._fail(str(error)) from None
        except UaStatusCodeError as error:
            words = self._security.refusal(type(error).__name__) if self._security else ""
            if words:
                raise self._fail(words) from None
            raise
        except UaError as error:
            if self._security is None and "No matching endpoints" in str(error):
                raise self._fail("lets nobody in without security; set [plc.security] in mes.toml") from None
            raise
        self._why = "does not answer any more"
        return await self._client.get_namespace_array()

    async def _subscription(self, period_s: float) -> Subscription:
        # Bare numbers would ask for a keep-alive of 45 minutes; these give one each 20 periods.
        parameters = ua.CreateSubscriptionParameters()
        parameters.RequestedPublishingInterval = period_s * 1000
        parameters.RequestedLifetimeCount = 300
        parameters.RequestedMaxKeepAliveCount = 20
        parameters.MaxNotificationsPerPublish = 0
        parameters.PublishingEnabled = True
        return await self._client.create_subscription(
            parameters, handler=None, queue_maxsize=QUEUE, overflow=OverflowPolicy.DISCONNECT
        )

    async def _monitor(self, subscription: Subscription, tags: Sequence[TagAddress], period_s: float) -> None:
        nodes = [self._node(tag) for tag in tags]
        answers = await self._asked(
            subscription.subscribe_data_change(nodes, queuesize=20, sampling_interval=ua.Double(period_s * 500))
        )
        refused = [
            f"{tag.node!r} ({answer.name})"
            for tag, answer in zip(tags, answers, strict=True)
            if isinstance(answer, ua.StatusCode)
        ]
        if refused:
            raise PlcRefused(
                f"{self._map.name} ({self.source}) cannot watch {', '.join(refused[:5])}"
                f"{f' and {len(refused) - 5} more' if len(refused) > 5 else ''}; compare the tag map with the PLC"
            )

    async def _asked(self, request: Awaitable[T]) -> T:
        if self._lost.is_set():
            if asyncio.iscoroutine(request):
                request.close()
            raise PlcError(f"{self._map.name} ({self.source}) {self._why}")
        try:
            answer = await request
        except UaStatusCodeError as error:
            name = type(error).__name__
            if name in REFUSALS:
                raise PlcRefused(f"{self._map.name} ({self.source}) refused the request: {name}") from None
            raise self._fail(f"answered {name}") from None
        except ConnectionRefusedError:
            raise self._fail("does not accept connections; is the PLC on and is the address right?") from None
        except (TimeoutError, ConnectionError, OSError, UaError) as error:
            raise self._fail(f"gave no valid answer ({type(error).__name__}: {error})") from None
        heed_cancellation()
        return answer

    def _node(self, tag: TagAddress) -> Node:
        node = self._nodes.get(tag.name)
        if node is None:
            raise PlcError(f"{self._map.name} ({self.source}) is not connected")
        return node

    def _fail(self, text: str) -> PlcError:
        # One client is never used again after a failure: reconnected ones were seen with silent subscriptions.
        self._why = text
        self._lost.set()
        self._client.disconnect_socket()
        return PlcError(f"{self._map.name} ({self.source}) {text}")

    async def _connection_lost(self, error: Exception) -> None:
        self._why = f"lost the connection ({type(error).__name__}: {error})"
        self._lost.set()
