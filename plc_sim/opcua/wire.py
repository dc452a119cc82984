"""OPC UA connections that obey the condition of the link, below the library's own handling of messages."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, cast

from asyncua import ua
from asyncua.common.utils import ServiceError
from asyncua.crypto.permission_rules import SimpleRoleRuleset
from asyncua.server.binary_server_asyncio import BinaryServer, OPCUAProtocol
from asyncua.server.server import Server
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes

from plc_sim.link import LinkConditions

BUSY = {
    1: StatusCodes.BadServiceUnsupported,
    4: StatusCodes.BadDeviceFailure,
    5: StatusCodes.BadServerTooBusy,
    6: StatusCodes.BadServerTooBusy,
    10: StatusCodes.BadNoCommunication,
    11: StatusCodes.BadTimeout,
}
"""Modbus exception code -> what OPC UA has for it; any other is BadDeviceFailure."""
PUBLISH = ua.NodeId(ua.Int32(ObjectIds.PublishRequest_Encoding_DefaultBinary))


def refuse_when_busy(conditions: LinkConditions) -> None:
    """Raise the service error of a busy device, if it is one."""
    if conditions.busy_code:
        raise ServiceError(BUSY.get(conditions.busy_code, StatusCodes.BadDeviceFailure))


class BusyRules(SimpleRoleRuleset):
    """The library's rules of who may call which service, and none of them while the device is busy.

    Publish stays: its requests wait at the server for long, they ask for nothing at once.
    """

    def __init__(self, conditions: LinkConditions) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._conditions = conditions

    def check_validity(self, user: Any, action_type_id: ua.NodeId, body: Any) -> bool:
        if action_type_id != PUBLISH:
            refuse_when_busy(self._conditions)
        return bool(super().check_validity(user, action_type_id, body))  # type: ignore[no-untyped-call]


class _Outgoing(asyncio.Transport):
    """What a connection sends, late or held back as the link demands, always in order."""

    def __init__(self, transport: asyncio.Transport, conditions: LinkConditions) -> None:
        super().__init__()
        self._transport = transport
        self._conditions = conditions
        self._loop = asyncio.get_running_loop()
        self._late: deque[tuple[float, bytes]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def close(self) -> None:
        self._forget()
        self._transport.close()

    def abort(self) -> None:
        self._forget()
        self._transport.abort()

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        conditions = self._conditions
        if not self._late and not conditions.frozen and not conditions.delay_s:
            self._transport.write(data)
            return
        # Messages are numbered: one that comes after a late one must not overtake it.
        due_s = max(self._loop.time() + conditions.delay_s, self._late[-1][0] if self._late else 0.0)
        self._late.append((due_s, bytes(data)))
        self.notice()

    def notice(self) -> None:
        """Send what is due under the present conditions, and come back for the rest."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._late and not self._conditions.frozen:
            due_s, data = self._late[0]
            if due_s > self._loop.time():
                self._timer = self._loop.call_at(due_s, self.notice)
                return
            self._late.popleft()
            self._transport.write(data)

    def _forget(self) -> None:
        self._late.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class _Connection(OPCUAProtocol):
    """One client of a server; takes nothing in while the link is frozen."""

    conditions: LinkConditions
    outgoing: _Outgoing | None = None
    held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self.conditions.down:
            cast(asyncio.Transport, transport).abort()
            return
        self.outgoing = _Outgoing(cast(asyncio.Transport, transport), self.conditions)
        super().connection_made(self.outgoing)

    def data_received(self, data: bytes) -> None:
        if not self.conditions.frozen:
            super().data_received(data)
        elif self.outgoing is not None:
            # What comes after this piece stays with the system, and then with the client, as at a device that hangs.
            self.held += data
            self.outgoing.pause_reading()

    def notice(self) -> None:
        """Do what the conditions have become."""
        if self.outgoing is None or self.outgoing.is_closing():
            return
        if self.conditions.down:
            self.outgoing.abort()
            return
        self.outgoing.notice()
        if self.held and not self.conditions.frozen:
            data, self.held = self.held, b""
            self.outgoing.resume_reading()
            super().data_received(data)


class _Listener(BinaryServer):
    """The listening socket of a server."""

    conditions: LinkConditions

    def _make_protocol(self) -> OPCUAProtocol:
        connection = _Connection(self.iserver, self._policies, self.clients, self.closing_tasks, self.limits)
        connection.conditions = self.conditions
        return connection


class ConditionedServer(Server):
    """A server of the library whose connections obey `conditions`; they notice a change at the next `notice`."""

    conditions: LinkConditions

    async def start(self) -> None:
        """Listen; raises OSError when the address cannot be used."""
        await self._setup_server_nodes()
        host, port = self._get_bind_socket_info()
        self.bserver = _Listener(self.iserver, host or "", port or 0, self.limits)
        self.bserver.conditions = self.conditions
        self.bserver.set_policies(self._policies)
        await self.bserver.start()
        await self.iserver.start()

    def notice(self) -> None:
        """Let every connection do what the conditions have become."""
        for client in tuple(self.bserver.clients) if self.bserver else ():
            if isinstance(client, _Connection):
                client.notice()
