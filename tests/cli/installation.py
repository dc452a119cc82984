"""An installation over fake PLCs, and what a command on it printed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAPS = Path(__file__).parents[2] / "plc_sim" / "maps"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        assert self.code == 0, self.err
        return json.loads(self.out)

    def says(self, *words: str) -> None:
        """Fail unless the command was refused with a message that has these words, and nothing else was printed."""
        assert self.code in (1, 2), f"exit code {self.code}: {self.out}{self.err}"
        assert self.out == ""
        assert "Traceback" not in self.err
        assert "mistake in mes itself" not in self.err
        for word in words:
            assert word in self.err, f"{word!r} is not in: {self.err}"


Mes = Callable[..., Ending]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """An installation with the three shipped maps over fake PLCs, in a folder of its own."""

    folder: Path
    mes: Mes

    def __call__(self, *arguments: str | Path) -> Ending:
        """Run a command on this installation."""
        return self.mes(*arguments, "--data", self.folder)

    def journal(self) -> int:
        """Give how many entries the journal has; 0 where there is no database."""
        file = self.folder / "mes.db"
        if not file.exists():
            return 0
        connection = sqlite3.connect(file)
        try:
            return int(connection.execute("SELECT count(*) FROM journal").fetchone()[0])
        finally:
            connection.close()


LOTS = ("L-000001", "L-000002", "L-000003")
"""The lots of a stocked installation: Li2S, P2S5, LiCl."""


def make_installation(folder: Path) -> None:
    """Write the configuration of an installation over fake PLCs."""
    folder.mkdir()
    tables = [
        f"[[plc]]\nmap = '{(MAPS / name).as_posix()}.toml'\nurl = 'fake://cli-{name}'\n" for name in ("sy", "fm", "ut")
    ]
    (folder / "mes.toml").write_text("[cell]\nspeed = 60\n\n" + "\n".join(tables), encoding="utf-8")
