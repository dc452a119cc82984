"""The reference page of all faults, as Markdown; `plc_sim --list-faults` prints it."""

from __future__ import annotations

from plc_sim.faults.catalogue import FAMILIES
from plc_sim.faults.kinds import FaultKind, FaultParameter, Target

HEAD = """# Faults of the simulated plant

Every fault by name, with what it strikes, what a client sees of it, and its parameters. This page is made by
`python -m plc_sim --list-faults`. How to use them: [inject a fault](../how-to/inject-a-fault.md).

Times are process time: at `--speed 100`, `for=60s` is over after 0.6 s on the wall. A fault begins and ends between two
ticks of the plant (1 s of process time), so that the same faults give the same plant at any speed. What a PLC shows, it
shows once a scan: a fault that is shorter than a scan may pass unseen.
"""
STRIKES = {
    Target.PLC: "a PLC, such as `SY`",
    Target.TAG: "a tag, such as `FU-301.TZ1`",
    Target.SLOT: "a slot, such as `FU-301.PH`",
}
NOTES = {
    "The link": "They leave the PLC, its program and the plant alone.",
    "The PLC and its program": "What is lost with the program of a PLC is what a PLC loses: see"
    " [phase interface](phase-interface.md).",
    "Signals": "They lie between an input and what the PLC shows. Its program, its interlocks and its reports go by the"
    " true value; sensors that fail for the program too are faults of the plant. Alarm words follow what is shown.",
    "The plant": "The physics makes what follows: the interlock trips when the value gets there. When the fault ends,"
    " the plant goes back at its own pace.",
}


def faults_page() -> str:
    """Give the page."""
    parts = [HEAD]
    for family, kinds in FAMILIES.items():
        parts.append(f"\n## {family}\n{NOTES[family]}\n")
        parts += [_section(kind) for kind in kinds]
    return "".join(parts)


def _section(kind: FaultKind) -> str:
    lines = [f"\n### {kind.name}", kind.says, "", f"- strikes: {_strikes(kind)}", f"- shows: {kind.effect}"]
    lines += [f"- {_parameter(parameter)}" for parameter in kind.parameters]
    if kind.momentary:
        lines.append("- takes no `for`: it is over as soon as it began")
    return "\n".join(lines) + "\n"


def _strikes(kind: FaultKind) -> str:
    if kind.target is Target.SITE:
        return f"`{kind.units[0]}` (need not be named)"
    return STRIKES.get(kind.target) or ", ".join(f"`{unit}`" for unit in kind.units)


def _parameter(parameter: FaultParameter) -> str:
    if parameter.only:
        limits = "one of " + ", ".join(f"{one:g}" for one in parameter.only)
    else:
        limits = f"{parameter.low:g} to {parameter.high:g}"
    unit = "" if parameter.unit == "-" else f" {parameter.unit}"
    return f"`{parameter.name}`: {parameter.says}; {limits}{unit}, default {parameter.default:g}"
