"""HTTP responses of the control API."""

from __future__ import annotations

from starlette.responses import Response

from plc_sim.control.answers import json_text


def reply(value: object, status: int = 200) -> Response:
    """Give a JSON response."""
    return Response(json_text(value), status, media_type="application/json")


def refusal(status: int, reason: str) -> Response:
    """Give the response to a request that is not carried out."""
    return reply({"error": reason}, status)
