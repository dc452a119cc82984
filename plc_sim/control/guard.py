"""Keeps web pages out of the control API: a browser on this machine may show pages of anybody."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from plc_sim.control.address import ControlAddress
from plc_sim.control.reply import refusal


class Guard:
    """Refuses requests for another host name (DNS rebinding), from another origin, and bodies that are no JSON."""

    def __init__(self, app: ASGIApp, address: ControlAddress) -> None:
        self._app = app
        self._hosts = {f"{host}:{address.port}" for host in ("127.0.0.1", "localhost", "[::1]", address.shown_host)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a refused request, and pass on the others."""
        reason = self._refused(Headers(scope=scope)) if scope["type"] == "http" else ""
        if reason:
            await refusal(403, reason)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _refused(self, headers: Headers) -> str:
        host, origin = headers.get("host", ""), headers.get("origin")
        if host.lower() not in self._hosts:
            return f"host {host!r} is none of {', '.join(sorted(self._hosts))}"
        if origin is not None and origin.lower() not in {f"http://{one}" for one in self._hosts}:
            return f"requests from a page of {origin!r} are not taken"
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return "requests from a page of another site are not taken"
        has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if has_body and kind != "application/json":
            return f"content-type must be application/json, not {kind or 'missing'}"
        return ""
