"""The rules that hold for every file of the house."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
LONGEST_FILE = 300
LONG_FOR_A_REASON: dict[str, str] = {}
"""Path from the root -> why the file may be longer. Kept empty: split the file instead."""

PINNED = re.compile(r"^(?P<name>[a-z0-9._-]+)==(?P<version>[^ ;\\]+)", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|mailto:)(?P<path>[^)#\s]+)(?:#[^)]*)?\)")

# Each word is written in two parts, so that this file does not hold what it looks for.
FORBIDDEN = [
    first + second
    for first, second in (
        ("/wo", "rk/"),
        ("/ro", "ot/"),
        ("/tm", "p/w"),
        ("uv", "env"),
        ("/.lib", "rary"),
        ("farm-", "studio"),
        ("pypi", ".org"),
        ("python", "hosted.org"),
        ("npm", "js.org"),
    )
]


def committed_texts() -> Iterator[Path]:
    """Every text file that belongs to the project."""
    yield from (path for path in ROOT.iterdir() if path.is_file() and path.suffix not in {".db", ".lock"})
    yield from ROOT.glob("*.lock")
    for folder in ("mes", "plc_sim", "tests", "docs", "bench", ".ci"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and not {"__pycache__", ".hypothesis"} & set(path.parts):
                yield path


def markdown_files() -> list[Path]:
    return [path for path in committed_texts() if path.suffix == ".md"]


def source_files() -> list[Path]:
    return [path for folder in ("mes", "plc_sim") for path in (ROOT / folder).rglob("*.py")]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def requirements_of(group: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    texts = project["project"]["dependencies"] if group == "project" else project["dependency-groups"][group]
    return [Requirement(text) for text in texts]


def versions_in(lock: str) -> dict[str, set[Version]]:
    versions: dict[str, set[Version]] = {}
    for pin in PINNED.finditer((ROOT / lock).read_text("utf-8")):
        versions.setdefault(canonicalize_name(pin["name"]), set()).add(Version(pin["version"]))
    return versions


@pytest.mark.parametrize(
    ("group", "lock"),
    [("project", "requirements.lock"), ("dev", "requirements.lock"), ("bootstrap", "bootstrap.lock")],
)
def test_the_lock_is_in_step_with_pyproject(group: str, lock: str) -> None:
    locked = versions_in(lock)
    for requirement in requirements_of(group):
        versions = locked.get(canonicalize_name(requirement.name), set())
        fits = versions and all(requirement.specifier.contains(version) for version in versions)
        assert fits, f"{lock} has {versions or 'nothing'} for '{requirement}': run `make lock`"


@pytest.mark.parametrize("lock", ["requirements.lock", "bootstrap.lock"])
def test_the_lock_pins_by_hash_and_names_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert blocks
    for block in blocks:
        assert PINNED.match(block), f"{lock}: not an exact version: {block.splitlines()[0]}"
        assert "--hash=sha256:" in block, f"{lock}: no hash: {block.splitlines()[0]}"
    assert not re.search(r"https?://|--index-url|--find-links|@ file:", text)


def test_no_file_names_a_machine_or_a_registry() -> None:
    found = []
    for path in committed_texts():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{name_of(path)}: {word}" for word in FORBIDDEN if word in text]
    assert not found


def test_every_source_file_stays_short() -> None:
    sizes = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in source_files()}
    too_long = {name: size for name, size in sizes.items() if size >= LONGEST_FILE and name not in LONG_FOR_A_REASON}
    assert not too_long, f"{LONGEST_FILE} lines or more: split by what each part is for: {too_long}"
    assert all(sizes.get(name, 0) >= LONGEST_FILE for name in LONG_FOR_A_REASON), "an exception is no longer needed"


def test_no_module_has_a_name_that_says_nothing() -> None:
    banned = {"common", "data", "handler", "handlers", "helper", "helpers", "info", "manager", "misc", "util", "utils"}
    assert not [name_of(path) for path in source_files() if path.stem in banned]


def test_the_floors_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run([linter, "--no-cache", "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_wheel_carries_every_file_of_both_packages(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    built = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        in_wheel = set(archive.namelist())
    packages = [path for path in committed_texts() if path.relative_to(ROOT).parts[0] in {"mes", "plc_sim"}]
    assert {name_of(path) for path in packages} <= in_wheel


def test_every_link_in_the_docs_leads_to_a_file() -> None:
    broken = [
        f"{name_of(page)}: {link['path']}"
        for page in markdown_files()
        for link in LINK.finditer(page.read_text("utf-8"))
        if not (page.parent / link["path"]).exists()
    ]
    assert not broken


def test_every_page_can_be_reached_from_the_index() -> None:
    reached: set[Path] = set()
    to_read = [ROOT / "docs" / "index.md"]
    while to_read:
        page = to_read.pop()
        if page in reached or page.suffix != ".md" or not page.is_file():
            continue
        reached.add(page)
        to_read += [(page.parent / link["path"]).resolve() for link in LINK.finditer(page.read_text("utf-8"))]
    pages = {path.resolve() for path in (ROOT / "docs").rglob("*.md")}
    assert not [name_of(page) for page in sorted(pages - reached)], "link them in docs/index.md"


def test_every_decision_is_numbered_complete_and_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "index.md").read_text("utf-8")
    decisions = sorted(path for path in folder.glob("*.md") if path.name != "index.md")
    assert [path.name[:4] for path in decisions] == [f"{number:04}" for number in range(1, len(decisions) + 1)]
    for path in decisions:
        assert f"({path.name})" in index, f"{path.name} is missing in docs/decisions/index.md"
        headings = re.findall(r"^## (\w+)", path.read_text("utf-8"), flags=re.MULTILINE)
        assert headings == ["Status", "Context", "Decision", "Consequences"], path.name
