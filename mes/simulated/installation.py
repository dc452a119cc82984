"""An installation over a simulated plant: where its PLCs listen, and the configuration of the engine that uses them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from mes.config import FILE_NAME, Config, load
from mes.simulated.plcs import RunningPlc


def free_url(url: str) -> str:
    """Give the URL of a map on loopback with port 0: two simulated plants on one machine must not meet."""
    scheme, _, rest = url.partition("://")
    _, slash, path = rest.partition("/")
    return f"{scheme}://127.0.0.1:0{slash}{path}"


def write_configuration(
    folder: Path,
    plcs: Sequence[RunningPlc],
    *,
    mark: str,
    speed: float,
    page_port: int | None = None,
    heartbeat_timeout_s: int | None = None,
) -> Config:
    """Write `mes.toml` for these PLCs into a data folder, and read it.

    The tag maps lie in `maps/` of the folder. `mark` is the first line, `speed` process seconds by wall second;
    without `heartbeat_timeout_s` (wall seconds) that of the product stands.
    """
    tables: list[tuple[str, Mapping[str, object]]] = [("[cell]", {"name": "pilot", "speed": speed})]
    if page_port is not None:
        tables.append(("[page]", {"port": page_port}))
    for plc in plcs:
        table: dict[str, object] = {"map": f"maps/{plc.tag_map.name}", "url": plc.url}
        if heartbeat_timeout_s is not None:
            table["heartbeat_timeout_s"] = heartbeat_timeout_s
        tables.append(("[[plc]]", table))
    lines = [mark]
    for heading, values in tables:
        lines += [heading, *(f"{name} = {json.dumps(value)}" for name, value in values.items()), ""]
    (folder / FILE_NAME).write_text("\n".join(lines), encoding="utf-8")
    return load(data=folder)
