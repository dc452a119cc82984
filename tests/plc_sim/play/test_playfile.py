"""Play files: what is read, and the one line that names the file, the entry and the nearest right thing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from plc_sim.mapfile import read_map
from plc_sim.play.playfile import read_play
from plc_sim.play.script import Bring, Command, Receive, Reset, Start, Take, Wait
from plc_sim.states import PhaseCommand
from plc_sim.tagmap import TagMap
from tests.plc_sim.heater import MAP_FILE

BLOCK = re.compile(r"^```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHIPPED = Path(__file__).parents[3] / "plc_sim"


@pytest.fixture(scope="module")
def heaters() -> TagMap:
    return read_map(MAP_FILE)


def written(folder: Path, text: str) -> Path:
    path = folder / "play.toml"
    path.write_text(text, encoding="utf-8")
    return path


def line_of(steps: str, more: str = "") -> str:
    return f'[[line]]\nname = "one"\n{more}\nsteps = [{steps}]\n'


def command_of(keys: str) -> str:
    return line_of('{ wait = "1s" }') + f"[[command]]\n{keys}\n"


def refusal(folder: Path, heaters: TagMap, text: str) -> str:
    path = written(folder, text)
    with pytest.raises(ValueError, match=f"^{re.escape(str(path))}: ") as refused:
        read_play(path, [heaters])
    said = str(refused.value)
    return said.removeprefix(f"{path}: ")


def test_all_there_is_to_a_play_is_read(tmp_path: Path, heaters: TagMap) -> None:
    steps = """
      { receive = "L-{round}", material = "Li2S", amount = 5 },
      { bring = "L-{previous}", to = "HE-1" },
      { phase = "HEAT", on = "HE-1.PH", ramp = 30 },
      { wait = "2min" },
      { take = "P-{round}", from = "HE-1.SAMPLES" },"""
    store = '[[line]]\nname = "store"\nsteps = [{ receive = "L-0", material = "Li2S", amount = 5.5 }]\n'
    orders = '[[command]]\nat = "1h"\ndo = "update"\non = "HE-1.PH"\ntarget = 50\n'
    orders += '[[command]]\nat = 10\nreset = "DOOR_OPEN"\non = "HE-1"\n'
    play = read_play(written(tmp_path, 'scan = "5s"\n' + store + line_of(steps, "rounds = 2") + orders), [heaters])
    assert play.scan_s == 5.0
    heat = heaters.slots[0].phases[2]
    assert play.lines[1].rounds == 2
    assert play.lines[1].round(2) == (
        Receive(lot={"lot": "L-2", "material": "Li2S", "amount": 5}),
        Bring(label="L-1", unit="HE-1"),
        Start(slot="HE-1.PH", phase=heat, values=(100.0, 30.0)),
        Wait(seconds=120.0),
        Take(label="P-2", unit="HE-1.SAMPLES"),
    )
    assert play.commands == (
        Reset(at_s=10.0, unit="HE-1", interlock="DOOR_OPEN"),
        Command(at_s=3600.0, slot="HE-1.PH", command=PhaseCommand.UPDATE, changed={"target": 50.0}),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nonsense", "not a TOML file"),
        ("", "no [[line]] entry"),
        ("[line]\n", "line must be written as [[line]] entries"),
        ("[[lines]]\n", "'lines' means nothing here; did you mean line?"),
        ('scan = "0s"\n', "scan = '0s' must be whole seconds, 1 s to 1 h"),
        ("scan = 1.5\n", "scan = 1.5 must be whole seconds"),
        ("[[line]]\n", "[[line]] 1: it needs a name"),
        (line_of(""), "line one: it needs steps"),
        (line_of('{ wait = "1s" }', "rounds = 0"), "line one: rounds = 0 must be"),
        (line_of('{ wait = "1s" }', "runds = 2"), "line one: 'runds' means nothing here; did you mean rounds?"),
        (line_of("3"), "line one: step 1: 3 must be a table"),
        (line_of('{ wait = "1s" }, { to = "HE-1" }'), "line one: step 2: a step has one of phase, bring"),
        (line_of('{ wait = "1s", phase = "HEAT" }'), "line one: step 1: a step has one of"),
        (line_of('{ wait = "soon" }'), "line one: step 1: wait = 'soon' must be a time"),
        (line_of('{ phase = "HEET", on = "HE-1.PH" }'), "slot HE-1.PH has no phase 'HEET'; did you mean HEAT?"),
        (line_of('{ phase = "HEAT", on = "HE1.PH" }'), "no slot is named 'HE1.PH'; did you mean HE-1.PH?"),
        (line_of('{ phase = "HEAT" }'), "it needs on = a name"),
        (line_of('{ phase = "HEAT", on = "HE-1.PH", tarqet = 1 }'), "no parameter is named 'tarqet'; did you mean"),
        (line_of('{ phase = "HEAT", on = "HE-1.PH", target = 901 }'), "target = 901 must be 0.7 to 900 degC"),
        (line_of('{ phase = "HEAT", on = "HE-1.PH", target = true }'), "target = True must be a number, in degC"),
        (line_of('{ phase = "HEAT", on = "HE-1.PH", target = nan }'), "target = nan must be a number"),
        (line_of('{ bring = "L-1", to = "HE-4" }'), "no unit is named 'HE-4'; did you mean HE-3?"),
        (line_of('{ take = "L-1", to = "HE-1" }'), "'to' means nothing here; there is from, take"),
        (line_of('{ receive = "L-1", material = "Li2S" }'), "step 1: it needs amount, as in"),
        (line_of('{ receive = "L-1", material = "Li2S", amount = "5" }'), "amount = '5' must be a number"),
        (line_of('{ receive = "L-1", material = "Li2S", amont = 5 }'), "'amont' means nothing here"),
        (line_of('{ receive = "", material = "Li2S", amount = 5 }'), "receive = '' must be a name"),
        (
            line_of('{ receive = "L", material = "Li2S", amount = 5 }', "rounds = 2"),
            "label L is given twice; put {round} into it",
        ),
        (
            line_of('{ receive = "L-10", material = "Li2S", amount = 5 }, { bring = "L-1", to = "HE-1" }'),
            "line one: nobody receives or takes a container L-1; did you mean L-10?",
        ),
        (command_of('do = "hold"\non = "HE-1.PH"'), "[[command]] 1: at = 'nothing' must be a time"),
        (command_of('at = 5\ndo = "held"\non = "HE-1.PH"'), "[[command]] 1: do = 'held' is no command; did you mean"),
        (command_of('at = 5\ndo = "start"\non = "HE-1.PH"'), "do = 'start' is no command; did you mean restart?"),
        (command_of('at = 5\ndo = "hold"\non = "HE-1.PH"\ntarget = 5'), "'target' means nothing here"),
        (command_of('at = 5\ndo = "update"\non = "HE-1.PH"\ntarget = 1e9'), "target = 1e+09 must be"),
        (command_of('at = 5\nreset = "DOOR_OPEN"\non = "HE-1.PX.Q"\nkey = 1'), "'key' means nothing here"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, heaters: TagMap, text: str, said: str) -> None:
    assert said in refusal(tmp_path, heaters, text)


def test_a_play_that_is_not_there_is_named(tmp_path: Path, heaters: TagMap) -> None:
    with pytest.raises(ValueError, match=r"gone\.toml: cannot read the play: No such file"):
        read_play(tmp_path / "gone.toml", [heaters])


def test_the_shipped_play_fits_the_shipped_maps() -> None:
    maps = [read_map(SHIPPED / "maps" / f"{name}.toml") for name in ("sy", "fm", "ut")]
    play = read_play(SHIPPED / "play" / "both_lines.toml", maps)
    assert {"powder", "film"} <= {line.name for line in play.lines}
    with pytest.raises(ValueError, match=r"line film: step 1: no unit is named 'MX-601'; did you mean JM-401"):
        read_play(SHIPPED / "play" / "both_lines.toml", [maps[0], maps[2]])


def test_the_plays_in_the_documents_are_read(tmp_path: Path) -> None:
    maps = [read_map(SHIPPED / "maps" / "sy.toml")]
    pages = ("how-to/run-the-plant-headless.md", "reference/play-file.md")
    texts = ["".join(BLOCK.findall((SHIPPED.parent / "docs" / page).read_text("utf-8"))) for page in pages]
    plays = [read_play(written(tmp_path, text), maps) for text in texts]
    assert [len(play.lines[0].steps) for play in plays] == [5, 3]
    assert [len(play.commands) for play in plays] == [2, 1]
