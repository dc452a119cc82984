"""The plant without servers, at the limit of the machine; with a play, as an MES would run it."""

from __future__ import annotations

import json
import math
import sys
import time
from pathlib import Path

from plc_sim.cell import Cell
from plc_sim.control.material import MaterialDoor
from plc_sim.faults.order import process_seconds
from plc_sim.plant import TICK_S
from plc_sim.play.digest import Digest
from plc_sim.play.player import Player
from plc_sim.play.playfile import read_play
from plc_sim.play.script import SCAN_S, Play
from plc_sim.serve import Service, write_truth

IMAGES_EVERY_S = 3600.0


def run_headless(service: Service, text: str, play_file: Path | None = None) -> None:
    """Run for a process time such as `12h`, with a play or idle, and print what came of it as one JSON line.

    Raises ValueError for what is no time or no play. The truth is written at the end when it is wanted; retained values
    and servers are left alone.
    """
    ticks = round(process_seconds("--headless", text) / TICK_S)
    cell = service.cell
    play = None
    if play_file is not None:
        play = read_play(play_file, [plc.tag_map for plc in cell.plcs.values()])
    began_s = time.perf_counter()
    told = played(cell, service.material, ticks, play)
    wall_s = time.perf_counter() - began_s
    write_truth(service)
    times = {"process_time_s": cell.process_time_s, "wall_s": round(wall_s, 3)}
    speed = round(cell.process_time_s / wall_s) if wall_s else None
    sys.stdout.write(json.dumps({**times, "speed": speed, **told}, ensure_ascii=False) + "\n")


def played(cell: Cell, material: MaterialDoor | None, ticks: int, play: Play | None = None) -> dict[str, object]:
    """Run a new cell for so many ticks, and tell the digest of what it has shown and how the play went.

    A scan comes every `scan_s` of the play, whatever the wall clock says: commands are taken, and what phases, alarms
    and signals show is renewed, at scans only. The last scan is shorter when the time ends before.
    """
    per_scan = round((SCAN_S if play is None else play.scan_s) / TICK_S)
    images_every = max(1, math.ceil(IMAGES_EVERY_S / TICK_S / per_scan))
    cell.advance(0)
    player = Player(play, cell, material) if play is not None else None
    digest = player.floor.digest if player is not None else Digest()
    for scan in range(1, math.ceil(ticks / per_scan) + 1):
        if player is not None:
            player.look()
        cell.advance(min(per_scan, ticks - cell.ticks))
        if scan % images_every == 0:
            digest.take_images(cell)
    return {"digest": digest.ended(cell, material), **({} if player is None else player.told())}
