"""What every test of the house relies on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import psutil
import pytest

# A deadline per example measures the load of the machine, not the code; each test has its own time limit.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")


SEEDS = "1"
"""Seeds that a test over seeded plants uses where nobody asks for more: `make test ARGS="--seeds 1-20 PATH"`."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--recipes", type=int, default=400, help="how many random plants with one to three random recipes are run"
    )
    parser.addoption("--seeds", default=SEEDS, metavar="FIRST-LAST", help=f"seeds of the plant (default {SEEDS})")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "plant_seed" in metafunc.fixturenames:
        first, _, last = str(metafunc.config.getoption("--seeds")).partition("-")
        metafunc.parametrize("plant_seed", range(int(first), int(last or first) + 1))


HEAVY = ("demo", "plc/conform", "rehearsal/test_dry_run_page.py", "system", "test_docs.py")
"""Tests that run whole plants as processes: one at a time, or they starve each other of the wall time they need."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if any(item.path.is_relative_to(here / part) for part in HEAVY):
            item.add_marker(pytest.mark.xdist_group("plants"))


@pytest.fixture(scope="session")
def browser_path() -> str:
    """The program of a Chromium, Chrome or Edge; fails, never skips, where there is none."""
    finder = Path(__file__).with_name("browser.py")
    found = subprocess.run([sys.executable, str(finder)], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    return found.stdout.strip()


@pytest.fixture(scope="session", autouse=True)
def no_process_is_left_behind() -> Iterator[None]:
    """Fails the session when a test started a process and did not end it."""
    yield
    left = [child for child in psutil.Process().children(recursive=True) if _is_alive(child)]
    commands = {child.pid: " ".join(child.cmdline()) for child in left}
    for child in left:
        child.kill()
    assert not commands, f"processes left running by tests: {commands}"


def _is_alive(child: psutil.Process) -> bool:
    if not child.is_running() or child.status() == psutil.STATUS_ZOMBIE:
        return False
    # The resource tracker of multiprocessing lives as long as the interpreter.
    return "resource_tracker" not in str(child.cmdline())
