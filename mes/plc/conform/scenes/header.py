"""The header of the PLC: identity, and the hearts of both sides."""

from __future__ import annotations

import asyncio
from statistics import median

from mes.plc.conform.sheet import Sheet
from mes.plc.conform.trial import KEEPING_TMO_S, PlcOnTrial

BEAT_LIMIT_S = 0.1
STALE_S = 1.0
ECHOED = (0xFFFF, 0, 1, 0x8000)
ALIVE_LIMIT_S = 3.0


async def listen(plc: PlcOnTrial) -> bool:
    """Listen without writing anything, and note how the heart of the PLC beats; True when that of another MES does."""
    first = await plc.header("IfVersion", "ProgramId", "BootId", "PlcHb", "MesHb")
    sheet = plc.sheet
    _note_identity(plc, first)
    beats: list[tuple[float, float, int]] = []
    mes_hearts = {first["MesHb"]}
    end_s = plc.now_s() + plc.limits.listen_s
    while plc.now_s() < end_s:
        asked_s = plc.now_s()
        now = await plc.header("PlcHb", "MesHb")
        beats.append((asked_s, plc.now_s(), now["PlcHb"]))
        mes_hearts.add(now["MesHb"])
        await asyncio.sleep(plc.poll_s)
    _note_heart(sheet, beats, plc.scan_s)
    return len(mes_hearts) > 1


def _note_identity(plc: PlcOnTrial, first: dict[str, int]) -> None:
    sheet, tag_map = plc.sheet, plc.tag_map
    version = first["IfVersion"]
    sheet.expect("HDR-01", version == 1, seen=f"IfVersion {version}", contract="IfVersion is 1")
    says = f"ProgramId is {tag_map.program_id} as in the tag map"
    sheet.expect(
        "HDR-02", first["ProgramId"] == tag_map.program_id, seen=f"ProgramId {first['ProgramId']}", contract=says
    )
    sheet.expect("HDR-03", first["BootId"] != 0, seen=f"BootId {first['BootId']}", contract="BootId is never 0")


def _note_heart(sheet: Sheet, beats: list[tuple[float, float, int]], scan_s: float) -> None:
    """A value seen at two reads has stood at least from the end of the first to the begin of the last of them."""
    stood: list[float] = []
    since_s, value = beats[0][1], beats[0][2]
    for asked_s, got_s, beat in beats:
        if beat == value:
            last_s = asked_s
            continue
        stood.append(max(0.0, last_s - since_s))
        since_s, value, last_s = got_s, beat, asked_s
    longest = max([*stood, last_s - since_s])
    usual = median(stood) if stood else longest
    seen = f"{len(stood)} beats, usually {usual * 1000:.0f} ms apart, at most {longest * 1000:.0f} ms"
    good = bool(stood) and usual <= BEAT_LIMIT_S + scan_s and longest < STALE_S
    says = "PlcHb moves at least every 100 ms; unchanged for 1 s, every tag of the PLC is stale"
    sheet.expect("HDR-04", good, seen=seen, contract=says)


async def both_hearts(plc: PlcOnTrial) -> None:
    """Write MesHb and look for its echo; then let it beat, and look for CommOk."""
    for value in ECHOED:
        await plc.write_header(MesHb=value)
        shown = await plc.shows("MesHbEcho", value, plc.ack_limit_s)
        seen = f"MesHbEcho {shown} after {plc.ack_limit_s:.2f} s"
        says = "MesHbEcho is MesHb as the PLC sees it"
        plc.sheet.expect("HDR-05", shown == value, written=f"MesHb {value}", seen=seen, contract=says)
    await plc.write_header(MesTmo=KEEPING_TMO_S)
    plc.beating = True
    shown = await plc.shows("CommOk", 1, ALIVE_LIMIT_S)
    seen = f"CommOk {shown} after {ALIVE_LIMIT_S:g} s of beats"
    plc.sheet.expect("HDR-06", bool(shown & 1), seen=seen, contract="CommOk bit 0: the heartbeat of the MES moves")


async def same_boot(plc: PlcOnTrial) -> None:
    """See that the PLC has not been restarted meanwhile."""
    boot_id = (await plc.header("BootId"))["BootId"]
    seen = f"BootId {plc.boot_id} at the begin, {boot_id} now"
    plc.sheet.expect(
        "HDR-03", boot_id == plc.boot_id, seen=seen, contract="a new BootId after every start, and then only"
    )
