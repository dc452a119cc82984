"""The texts of the page in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

from mes.model.equipment import Title
from mes.model.states import Command

LANGUAGES = ("en", "zh")

_COMMANDS: Mapping[Command, tuple[str, str]] = {
    Command.START: ("Start", "启动"),
    Command.PAUSE: ("Pause", "暂停"),
    Command.RESUME: ("Resume", "继续"),
    Command.HOLD: ("Hold", "保持"),
    Command.RESTART: ("Restart", "重新开始"),
    Command.STOP: ("Stop", "停止"),
    Command.ABORT: ("Abort", "中止"),
    Command.RESET: ("Reset", "复位"),
    Command.UPDATE: ("Update parameters", "更新参数"),
}
TEXTS: Mapping[str, tuple[str, str]] = {
    "batches": ("Batches", "批次"),
    "ended": ("Ended batches", "已结束批次"),
    "no_batches": ("No batch is open.", "没有进行中的批次。"),
    "no_ended": ("None yet.", "暂无。"),
    "new_batch": ("New batch", "新建批次"),
    "create": ("Create batch", "创建批次"),
    "recipe": ("Recipe", "配方"),
    "size": ("Batch size", "批量"),
    "size_exactly": ("exactly {size} {uom}", "必须为 {size} {uom}"),
    "size_limits": ("{minimum} to {maximum} {uom}", "{minimum} 至 {maximum} {uom}"),
    "created": ("{batch} created from {recipe}.", "已由 {recipe} 创建 {batch}。"),
    "missing": ("It cannot start before this is received: {missing}", "到料后才能启动：{missing}"),
    "lots": ("Lots", "物料批"),
    "area": ("Overview", "总览"),
    "chart": ("Chart", "流程图"),
    "chart_of": ("Chart of {batch}", "{batch} 流程图"),
    "show_phases": ("Show phases", "显示阶段"),
    "fold_phases": ("Fold phases", "折叠阶段"),
    "cancel": ("Cancel", "取消"),
    "dismiss": ("Dismiss", "关闭"),
    "answer": ("Answer", "提交"),
    "confirm": ("Confirm", "确认"),
    "your_answer": ("Answer", "回答"),
    "lot_no": ("Lot number", "物料批号"),
    "between": ("{minimum} to {maximum} {uom}", "{minimum} 至 {maximum} {uom}"),
    "at_least": ("at least {minimum} {uom}", "不小于 {minimum} {uom}"),
    "at_most": ("at most {maximum} {uom}", "不大于 {maximum} {uom}"),
    "reason": ("Reason (goes into the batch record)", "原因（写入批记录）"),
    "reason_wanted": ("Say why: the reason goes into the batch record.", "请填写原因：将写入批记录。"),
    "hold_means": (
        "All phases go to a safe rest. The batch can go on with Restart.",
        "所有阶段转入安全静止状态。可用“重新开始”继续。",
    ),
    "stop_means": (
        "The batch ends in good order and cannot go on. What it made so far is kept in the books.",
        "批次有序结束，不能再继续。已产出的物料保留在账上。",
    ),
    "abort_means": (
        "The batch ends at once and cannot go on. Use it only when stopping in good order is not possible.",
        "批次立即结束，不能再继续。仅在无法有序停止时使用。",
    ),
    "go_on_to_abort": ("Next: confirm abort", "下一步：确认中止"),
    "abort_now": ("Abort {batch} now", "立即中止 {batch}"),
    "abort_sure": (
        "Second step: every phase of {batch} is cut off now. Material in the units may be lost.",
        "第二步：{batch} 的所有阶段将立即切断，设备内物料可能报废。",
    ),
    "steps": ("{done} of {all} steps", "步骤 {done}/{all}"),
    "remaining": ("about {time} left", "约剩 {time}"),
    "wait_condition": ("condition", "条件"),
    "wait_time": ("time", "时间"),
    "wait_person": ("person", "人员"),
    "wait_confirmation": ("confirmation", "确认"),
    "wait_breakpoint": ("breakpoint", "断点"),
    "wait_unit": ("unit", "设备"),
    "wait_sync": ("start together", "同步启动"),
    "wait_interlock": ("interlock", "联锁"),
    "wait_slot": ("slot", "阶段槽"),
    "wait_plc": ("PLC link", "PLC 连接"),
    "wait_material": ("material", "物料"),
    "wait_batch": ("batch", "批次"),
    "wait_exception": ("exception", "异常处理"),
    "part_true": ("met", "满足"),
    "part_false": ("not met", "不满足"),
    "part_unknown": ("unknown", "未知"),
    "needs": ("needs {needs}", "需要 {needs}"),
    "place": ("place {place} in the queue of {units}", "{units} 排队第 {place} 位"),
    "confirm_element": ("Let {name} begin", "允许 {name} 开始"),
    "mode_automatic": ("automatic", "自动"),
    "mode_semi-automatic": ("semi-automatic", "半自动"),
    "mode_manual": ("manual", "手动"),
    "mode_parts": ("(parts differ)", "（部分不同）"),
    "queue": ("Batch queue", "批次队列"),
    "queue_place": ("Place {place} in the batch queue", "批次队列第 {place} 位"),
    "priority": ("priority {priority}", "优先级 {priority}"),
    "after": ("after {batch}", "在 {batch} 之后"),
    "why_answer": ("Reason, where the record wants one", "原因（如记录要求）"),
    "interlock": ("Interlock", "联锁"),
    "failure": ("Failure", "故障"),
    "because": ("{by}: {why}", "{by}：{why}"),
    "done_well": ("{what}: accepted", "{what}：已接受"),
    "abnormal": ("{units}: interlock or failure", "{units}：联锁或故障"),
    "process_time": ("Process time", "过程时间"),
    "speed": ("{speed}x speed, simulated plant", "{speed} 倍速，仿真装置"),
    "engine_alive": ("Engine scanning", "引擎运行"),
    "engine_silent": ("Engine silent", "引擎无响应"),
    "no_data_since": ("No data since", "无数据，最后更新"),
    "no_data_yet": ("No data from the engine yet", "尚无引擎数据"),
    "links_usable": ("{usable} of {all} PLC links usable", "PLC 连接可用 {usable}/{all}"),
    "link_usable": ("link usable", "连接可用"),
    "link_down": ("link not usable", "连接不可用"),
    "not_known": ("not known", "未知"),
    "lot": ("Lot", "批号"),
    "material": ("Material", "物料"),
    "left": ("Left", "剩余"),
    "made": ("Received or made", "入库或产出"),
    "status": ("Status", "状态"),
    "origin": ("Supplier lot or batch", "供应商批号或生产批次"),
    "expires": ("Expires", "有效期"),
    "trace_of": ("What {lot} was made from", "{lot} 的来源追溯"),
    "amount_in": ("Amount in it", "含量"),
    "depth": ("Step", "层级"),
    "trace": ("Trace", "追溯"),
    "choose_lot": ("Choose Trace on a lot to see what it was made from.", "点击“追溯”查看来源。"),
    "no_lots": ("No lot is in the books yet.", "账上暂无物料批。"),
}


def say(language: str, key: str, **parts: object) -> str:
    """Give the text of that key with its parts filled in; raises `KeyError` for a key that does not exist."""
    english, chinese = TEXTS[key]
    text = chinese if language == "zh" else english
    return text.format(**parts) if parts else text


def command_word(language: str, command: Command) -> str:
    """Give the verb of a command."""
    english, chinese = _COMMANDS[command]
    return chinese if language == "zh" else english


def of_title(language: str, title: Title) -> str:
    """Give a text that the model has in several languages; English where it lacks this one."""
    return title.get(language) or title["en"]
