"""Sessions of the simulated PLC's server: every service that depends on the user gets to know who asks."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from asyncua import ua
from asyncua.common.utils import ServiceError
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.server.address_space import AttributeService
from asyncua.server.internal_server import InternalServer
from asyncua.server.internal_session import InternalSession
from asyncua.server.user_managers import UserManager
from asyncua.ua.status_codes import StatusCodes

from plc_sim.link import LinkConditions
from plc_sim.opcua.standard import add_standard_nodes
from plc_sim.opcua.wire import refuse_when_busy


@dataclass
class PlcUser(User):
    """Who asks; `folders` are the units and slots whose tags the user may write, the PLC's name being its header.

    A folder stands for what lies under it too. None: every folder; empty: none.
    """

    role: UserRole = UserRole.User
    folders: tuple[str, ...] | None = None

    def may_write(self, folder: str) -> bool:
        """Tell whether the user may write the tags of `folder` that are written by the MES at all."""
        return self.folders is None or any(folder == one or folder.startswith(f"{one}.") for one in self.folders)


PUBLISHING_MS = (10.0, 3_600_000.0)
"""Publishing intervals a subscription can have; one outside is set to the nearest, as the standard has it."""
ITEMS_AT_ONCE = 100
"""So many monitored items of one request are made before the PLC and other clients have their turn."""
EVERYBODY = PlcUser(name="anonymous")
"""Who asks at a server without security: anybody, who may do anything."""


class OpenGate(UserManager):
    """Lets everybody in."""

    def get_user(
        self,
        iserver: InternalServer,
        username: str | None = None,
        password: str | None = None,
        certificate: bytes | None = None,
    ) -> User | None:
        """Give the one user there is."""
        return EVERYBODY


class UserAttributes(AttributeService):
    """An attribute service whose answers depend on the user."""

    def read_as(self, params: ua.ReadParameters, user: User) -> list[ua.DataValue]:
        """Read for `user`."""
        return self.read(params)


class _Session(InternalSession):
    """One client's session."""

    async def read(self, params: ua.ReadParameters) -> list[ua.DataValue]:
        service = self.iserver.attribute_service
        if isinstance(service, UserAttributes):
            return service.read_as(params, self.user)
        return service.read(params)

    async def create_subscription(
        self,
        params: ua.CreateSubscriptionParameters,
        callback: Callable[..., Any],
        request_callback: Callable[..., Any] | None = None,
    ) -> ua.CreateSubscriptionResult:
        # The library takes any number: next to nothing keeps the processor busy, 0 tells no keep-alives.
        shortest, longest = PUBLISHING_MS
        wanted = params.RequestedPublishingInterval
        # Asked this way round, because NaN is not above the shortest.
        params.RequestedPublishingInterval = ua.Double(min(wanted, longest) if wanted > shortest else shortest)
        return await super().create_subscription(params, callback, request_callback)

    async def create_monitored_items(
        self, params: ua.CreateMonitoredItemsParameters
    ) -> list[ua.MonitoredItemCreateResult]:
        results: list[ua.MonitoredItemCreateResult] = []
        for first in range(0, len(params.ItemsToCreate), ITEMS_AT_ONCE):
            if first:
                await asyncio.sleep(0)
            some = replace(params, ItemsToCreate=params.ItemsToCreate[first : first + ITEMS_AT_ONCE])
            results += await super().create_monitored_items(some)
        return results


class PlcInternalServer(InternalServer):
    """The services behind the connections: few standard nodes, sessions that know their user, a quick end."""

    def __init__(self, gate: UserManager, conditions: LinkConditions) -> None:
        super().__init__(user_manager=gate)
        self._conditions = conditions

    async def load_standard_address_space(self, shelf_file: Path | None = None) -> None:
        """Make the standard nodes that are kept."""
        add_standard_nodes(self.node_mgt_service)

    def create_session(self, name: str, user: User = EVERYBODY, external: bool = False) -> InternalSession:
        """Make the session of a client; refused while the device is busy."""
        refuse_when_busy(self._conditions)
        return _Session(self, self.aspace, self.subscription_service, name, user=User(), external=external)

    def register_server(self, server: object, conf: object = None) -> None:
        """Refuse: a PLC is no place where other servers make themselves known."""
        raise ServiceError(StatusCodes.BadServiceUnsupported)

    async def stop(self) -> None:
        """End at once: the library would wait for the next second of its clock."""
        clock, self.time_task = self.time_task, None
        if clock is not None:
            clock.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await clock
        await super().stop()
