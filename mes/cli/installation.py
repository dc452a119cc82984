"""The installation that `--data` or `--config` names: its configuration and its equipment."""

from __future__ import annotations

from pathlib import Path

from mes.cli.options import Refused
from mes.config import FILE_NAME, Config, load
from mes.model.equipment import ProcessCell


def config_of(data: Path | None, config: Path | None) -> Config:
    """Read the configuration that the two options name; raises `ConfigError`."""
    return load(data=data, file=config)


def equipment_of(config: Config) -> ProcessCell:
    """Give the equipment of the configured process cell; raises `TagMapError`, or `Refused` when there is no PLC."""
    from mes.app import read_equipment

    refuse_without_plc(config)
    return read_equipment(config)


def refuse_without_plc(config: Config) -> None:
    """Raise `Refused` unless the configuration names a PLC."""
    if not config.plc:
        raise Refused(
            f"{config.file or config.folder / FILE_NAME}: no PLC is configured, so there is no equipment to run "
            'a batch on; write there for each PLC a table [[plc]] with map = "FILE", its tag map '
            "(docs/reference/configuration.md), or let `mes demo` set up simulated ones"
        )
