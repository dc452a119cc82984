"""The few words of a chart in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

_TEXTS: Mapping[str, tuple[str, str]] = {
    "otherwise": ("otherwise", "否则"),
    "until": ("until {condition}", "直到 {condition}"),
    "again": ("else again, at most {n} rounds", "否则重复，最多 {n} 轮"),
    "round": ("round {n} of at most {most}", "第 {n} 轮，最多 {most} 轮"),
    "within": ("within {time}, else held", "{time} 内，否则保持"),
    "after": ("after {time}", "{time} 后"),
    "requires": ("starts when {condition}", "启动条件：{condition}"),
    "uses": ("also holds {units}", "同时占用 {units}"),
    "unit_of": ("a {unit_class}", "一台 {unit_class}"),
    "preferred": ("preferably {units}", "优先 {units}"),
    "longest idle": ("idle for longest", "空闲最久者"),
    "operator": ("operator chooses", "由操作员选择"),
    "where": ("where {condition}", "满足 {condition}"),
    "leaves clean": ("leaves it clean", "用后洁净"),
    "leaves dirty": ("leaves it dirty", "用后待清洗"),
    "acquire": ("acquire {units}", "占用 {units}"),
    "release": ("release {units}", "释放 {units}"),
    "steps": ("{n} steps", "{n} 个步骤"),
    "one_step": ("1 step", "1 个步骤"),
    "expected": ("expected {time}", "预计 {time}"),
    "update": ("when {condition}: {values}", "当 {condition}：{values}"),
    "on_failure": ("on failure {name}", "故障 {name}"),
    "on_any_failure": ("on any failure", "任何故障"),
    "on_condition": ("when {condition}", "当 {condition}"),
    "on_exception": ("on exception: {names}", "异常处理：{names}"),
    "return": ("then goes on where it was", "然后从原处继续"),
    "jump": ("then jumps to {target}", "然后跳转到 {target}"),
    "end": ("then ends the batch", "然后结束批次"),
    "times": ("at most {n} times, then held", "最多 {n} 次，之后保持"),
    "anywhere": ("Anywhere in the recipe", "配方任意位置"),
    "gate_spec": ("{name} {low} to {high} {uom}", "{name} {low} 至 {high} {uom}"),
    "gate_ask": ("out of spec: a person decides", "超标：由人决定"),
    "gate_continue": ("out of spec: goes on", "超标：继续"),
    "sample": ("sample of {sample}", "样品 {sample}"),
    "confirm": ("confirm", "确认"),
    "number": ("number, {low} to {high} {uom}", "数值 {low} 至 {high} {uom}"),
    "text": ("text", "文本"),
    "lot": ("scan lot of {input}", "扫描 {input} 批号"),
    "choice": ("one of: {choices}", "选择：{choices}"),
    "sync": ("together: {name}", "同步：{name}"),
    "transfer": ("transfer: {name}", "转移：{name}"),
    "scan": ("scan lot of {inputs}", "扫描 {inputs} 批号"),
    "h_min": ("{h} h {m:02} min", "{h} 小时 {m:02} 分"),
    "min": ("{m} min", "{m} 分钟"),
    "s": ("{s} s", "{s} 秒"),
}


def say(language: str, key: str, **parts: object) -> str:
    """Give the text of that key with its parts filled in; raises `KeyError` for a key that does not exist."""
    english, chinese = _TEXTS[key]
    return (chinese if language == "zh" else english).format(**parts)


def time_text(language: str, seconds: float) -> str:
    """Give a duration as hours and minutes, minutes, or seconds."""
    whole = round(seconds)
    if whole >= 3600:
        return say(language, "h_min", h=whole // 3600, m=whole // 60 % 60)
    if whole >= 60 and whole % 60 == 0:
        return say(language, "min", m=whole // 60)
    return say(language, "s", s=whole)
