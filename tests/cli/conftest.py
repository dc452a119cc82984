"""The command line as a test uses it: in this process where that is enough."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mes.cli.outcome import run
from tests.cli.installation import Ending, Mes, Site, make_installation


@pytest.fixture
def mes(capsys: pytest.CaptureFixture[str]) -> Mes:
    """Run a command line in this process."""

    def ran(*arguments: str | Path) -> Ending:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Ending(code=code, out=printed.out, err=printed.err)

    return ran


@pytest.fixture
def site(tmp_path: Path, mes: Mes) -> Site:
    """An installation that nobody has used yet."""
    make_installation(tmp_path / "site")
    return Site(folder=tmp_path / "site", mes=mes)


@pytest.fixture(scope="session")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with the raw materials of R1 received, to be copied."""
    folder = tmp_path_factory.mktemp("stock") / "site"
    make_installation(folder)
    for material, assay in (("Li2S", "99.9%"), ("P2S5", "0.99"), ("LiCl", "0.999")):
        command = ("lot", "receive", material, "1000 g", "--assay", assay, "--by", "ann", "--data", str(folder))
        assert run(command) == 0
    return folder


@pytest.fixture
def stocked(stock: Path, tmp_path: Path, mes: Mes) -> Site:
    """An installation of its own with the raw materials of R1 received."""
    folder = tmp_path / "stocked"
    shutil.copytree(stock, folder)
    return Site(folder=folder, mes=mes)
