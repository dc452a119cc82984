"""The program as a shell sees it: exit codes, streams, no traceback, a quick start."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.cli.installation import Site

SLOW = ("asyncua", "pymodbus", "nicegui", "fastapi", "uvicorn", "rich")
"""What no plain command may load."""


def program(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the real program."""
    command = [sys.executable, "-m", "mes", *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=30, check=False)


def test_success_is_0_with_a_document_on_stdout(stocked: Site) -> None:
    ended = program("lot", "list", "--json", "--data", str(stocked.folder))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert len(json.loads(ended.stdout)) == 3


def test_a_refusal_is_1_with_one_message_on_stderr(stocked: Site) -> None:
    ended = program("lot", "show", "L-1", "--json", "--data", str(stocked.folder))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("mes: there is no lot 'L-1'")
    assert ended.stderr.count("\n") == 1


def test_wrong_usage_is_2() -> None:
    ended = program("lot", "lits")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "list" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_reader_that_goes_away_is_no_error_to_talk_about(stocked: Site) -> None:
    # Long enough not to fit into the pipe, so that writing it fails for sure.
    command = [sys.executable, "-m", "mes", "recipe", "schema", "--data", str(stocked.folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        said = running.stderr.read()
        assert running.wait(30) not in (0, None)
    assert said == b""


@pytest.mark.parametrize("command", [("lot", "list"), ("batch", "list"), ("recipe", "list"), ("db", "check")])
def test_a_plain_command_loads_nothing_slow(stocked: Site, command: tuple[str, ...]) -> None:
    ask = (
        "import sys; from mes.cli.outcome import run; "
        f"code = run({[*command, '--data', str(stocked.folder)]!r}); "
        f"print('loaded', [name for name in {SLOW!r} if name in sys.modules]); sys.exit(code)"
    )
    ended = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[-1] == "loaded []"
