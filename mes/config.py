"""What an installation decides: where its data are, which PLCs it has, where the page is served (`mes.toml`)."""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

FILE_NAME = "mes.toml"


class ConfigError(Exception):
    """The configuration cannot be used; the message names the file, the key, and what to write."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,31}$")]


class CellTable(_Table):
    """`[cell]`: the process cell. `speed` is how fast process time runs; other than 1 is for simulated plants only."""

    name: Name = "pilot"
    speed: float = Field(default=1.0, gt=0, le=100_000, allow_inf_nan=False)


class DatabaseTable(_Table):
    """`[database]`: an SQLAlchemy URL; the default is the SQLite file `mes.db` in the data folder."""

    url: str = ""


class PageTable(_Table):
    """`[page]`: where the page is served; loopback unless said otherwise."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)


class SecurityTable(_Table):
    """`[plc.security]`: how the MES comes in to a secured OPC UA server. Files are relative to the data folder.

    Empty `certificate` and `key` are those of `mes plc certificate`, an empty `server_certificate` is what
    `mes plc trust` has pinned, an empty `application_uri` is the one in the certificate.
    """

    policy: Literal["Basic256Sha256"] = "Basic256Sha256"
    certificate: str = ""
    key: str = ""
    server_certificate: str = ""
    application_uri: str = ""
    user: str = ""
    password_file: str = ""
    password_env: str = ""

    @model_validator(mode="before")
    @classmethod
    def _no_password_here(cls, given: Any) -> Any:
        if isinstance(given, dict) and "password" in given:
            raise ValueError(
                "a password does not belong into this file, which is copied and shown around; write it into a file "
                "that only you can read and name that in password_file, or name an environment variable in password_env"
            )
        return given

    @model_validator(mode="after")
    def _user_and_password(self) -> SecurityTable:
        if self.user and bool(self.password_file) == bool(self.password_env):
            raise ValueError("a user needs a password: give either password_file or password_env")
        if not self.user and (self.password_file or self.password_env):
            raise ValueError("there is a password but no user; give user, too")
        return self


class PlcTable(_Table):
    """`[[plc]]`: one PLC. `map` is its tag map (relative to this file), `url` overrides the one in the map.

    Without `security` the connection is neither encrypted nor signed.
    """

    map: str
    url: str = ""
    heartbeat_timeout_s: int = Field(default=10, ge=0, le=3600)
    security: SecurityTable | None = None


class _Document(_Table):
    cell: CellTable = CellTable()
    database: DatabaseTable = DatabaseTable()
    page: PageTable = PageTable()
    plc: tuple[PlcTable, ...] = ()


class Config(_Table):
    """One installation. `folder` is the data folder, `file` the configuration it was read from (None: defaults)."""

    folder: Path
    file: Path | None = None
    cell: CellTable = CellTable()
    database: DatabaseTable = DatabaseTable()
    page: PageTable = PageTable()
    plc: tuple[PlcTable, ...] = ()

    @property
    def database_url(self) -> str:
        """URL of the database."""
        return self.database.url or f"sqlite:///{self.folder / 'mes.db'}"

    def map_path(self, plc: PlcTable) -> Path:
        """Give the path of a PLC's tag map, relative paths from where the configuration lies."""
        base = self.file.parent if self.file else self.folder
        return base / plc.map

    @property
    def recipe_folder(self) -> Path:
        """Folder in which an installation keeps recipes of its own, beside those that come with `mes`."""
        return self.folder / "recipes"


def user_folder() -> Path:
    """Give the user's data folder, the default of `--data`."""
    return Path(platformdirs.user_data_dir("mes", appauthor=False))


def load(*, data: Path | None = None, file: Path | None = None) -> Config:
    """Read the configuration: `file` if given, else `mes.toml` in the data folder if it is there, else the defaults.

    Raises `ConfigError`.
    """
    folder = data or (file.parent if file else user_folder())
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder} is a file; the data folder must be a folder")
    path = file or folder / FILE_NAME
    if not path.exists():
        if file is not None:
            raise ConfigError(f"{file}: there is no such file; write one (see docs/reference/configuration.md)")
        return Config(folder=folder.absolute())
    try:
        document = _Document.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: this is not TOML: {error}") from None
    except ValidationError as error:
        raise ConfigError("\n".join(_in_words(path, problem) for problem in error.errors())) from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    return Config(folder=folder.absolute(), file=path.absolute(), **dict(document))


def _in_words(path: Path, problem: Any) -> str:
    where = ".".join(str(part) for part in problem["loc"])
    if problem["type"] != "extra_forbidden":
        return f"{path}: {where}: {problem['msg'].removeprefix('Value error, ')}"
    known = _keys(problem["loc"])
    near = get_close_matches(str(problem["loc"][-1]), known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(known)}"
    return f"{path}: {where} is not known{hint}"


def _keys(place: tuple[int | str, ...]) -> list[str]:
    tables: dict[str, type[BaseModel]] = {
        "cell": CellTable,
        "database": DatabaseTable,
        "page": PageTable,
        "plc": PlcTable,
    }
    if "security" in place[:-1]:
        return list(SecurityTable.model_fields)
    return list((tables[str(place[0])] if len(place) > 1 else _Document).model_fields)
