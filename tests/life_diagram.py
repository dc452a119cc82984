"""The life of procedural elements as a diagram and a table, drawn from the table in `mes.model.states`.

Run as a program it renews docs/explanation/engine.md.
"""

from __future__ import annotations

from pathlib import Path

from mes.model.states import AT_REST, DONE, FINAL, TRANSITIONS, Command, ProceduralState

PAGE = Path(__file__).resolve().parent.parent / "docs" / "explanation" / "engine.md"
BEGIN = "<!-- drawn from mes/model/states.py by tests/life_diagram.py -->"
END = "<!-- end of what is drawn -->"
IN_TABLE_ONLY = {Command.STOP, Command.ABORT}
"""Possible nearly everywhere: as arrows they would hide all others."""


def diagram() -> str:
    """Give the transitions as mermaid; a command is written on its arrow, an arrow without one is passed by itself."""
    arrows = ["    [*] --> idle"]
    for trigger, source, destination in TRANSITIONS:
        if trigger not in IN_TABLE_ONLY:
            label = "" if trigger == DONE else f" : {trigger}"
            arrows.append(f"    {source} --> {destination}{label}")
    return "\n".join(["```mermaid", "stateDiagram-v2", *arrows, "```"])


def _kind(state: ProceduralState) -> str:
    if state in FINAL:
        return "has ended"
    return "rests" if state in AT_REST else "acts"


def table() -> str:
    """Give every state with the commands that are legal in it and what follows."""
    lines = ["| state | | commands and where they lead | by itself |", "|---|---|---|---|"]
    for state in ProceduralState:
        ways = [(trigger, target) for trigger, source, target in TRANSITIONS if source is state]
        commands = ", ".join(f"{trigger}: {target}" for trigger, target in ways if trigger != DONE)
        then = next((str(target) for trigger, target in ways if trigger == DONE), "")
        lines.append(f"| {state} | {_kind(state)} | {commands} | {then} |")
    return "\n".join(lines)


def drawn() -> str:
    """Give what stands between the marks of the page."""
    return f"{BEGIN}\n{diagram()}\n\n{table()}\n{END}"


def renewed(page: str) -> str:
    """Give the page with what is drawn put in anew; raises `ValueError` when the marks are missing."""
    before, _, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"the page has no part between {BEGIN} and {END}")
    return f"{before}{drawn()}{after}"


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text("utf-8")), encoding="utf-8")
