"""The control API of the simulated plant: what its people do, and what it knows of itself."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_TIMEOUT_S = 10.0


class PlantRefused(Exception):
    """The simulated plant did not take what was carried to it; the message is its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantControl:
    """The control API at a URL, as the plant told it when it came up."""

    url: str

    async def ask(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Read a path, or with a body post to it; raises `PlantRefused`."""
        return await asyncio.to_thread(self._ask, path, None if body is None else json.dumps(body).encode())

    async def process_time_s(self) -> float:
        """Give how much process time has passed in the plant."""
        told = await self.ask("/time")
        return float(told["process_time_s"])

    def _ask(self, path: str, body: bytes | None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - the address comes from the plant that was just started
            self.url + path, data=body, headers={"content-type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            said = refused.read().decode(errors="replace")
            asked = body.decode() if body else ""
            raise PlantRefused(f"the simulated plant refused {path} {asked}: {said}") from None
