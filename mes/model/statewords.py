"""How a procedural state is said and shown wherever people see it: word, sign and kind, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

from mes.model.states import ProceduralState

S = ProceduralState

GLYPH: Mapping[ProceduralState, str] = {
    S.IDLE: "–",
    S.RUNNING: "▶",
    S.COMPLETE: "✓",
    S.PAUSED: "❚❚",
    S.HELD: "❚❚",
    S.STOPPED: "■",
    S.ABORTED: "✕",
}
"""A state that is not listed is on its way to another one: "…"."""

PILL: Mapping[ProceduralState, str] = {
    S.IDLE: "idle",
    S.COMPLETE: "done",
    S.PAUSED: "waits",
    S.HELD: "waits",
    S.HOLDING: "waits",
    S.STOPPED: "ended",
    S.ABORTING: "bad",
    S.ABORTED: "bad",
}
"""Kind of look by state; the others are "going". Amber waits for a person, red went wrong."""

_CHINESE: Mapping[ProceduralState, str] = {
    S.IDLE: "空闲",
    S.STARTING: "启动中",
    S.RUNNING: "运行中",
    S.COMPLETING: "完成中",
    S.COMPLETE: "已完成",
    S.PAUSING: "暂停中",
    S.PAUSED: "已暂停",
    S.RESUMING: "继续中",
    S.HOLDING: "保持中",
    S.HELD: "已保持",
    S.RESTARTING: "重新开始中",
    S.STOPPING: "停止中",
    S.STOPPED: "已停止",
    S.ABORTING: "中止中",
    S.ABORTED: "已中止",
    S.RESETTING: "复位中",
}


def state_word(language: str, state: ProceduralState) -> str:
    """Give the word for a state."""
    return _CHINESE[state] if language == "zh" else state.value


def glyph(state: ProceduralState) -> str:
    """Give the sign of a state."""
    return GLYPH.get(state, "…")


def pill(state: ProceduralState) -> str:
    """Give the kind of look a state is shown in: going, idle, done, waits, ended or bad."""
    return PILL.get(state, "going")
