"""The shipped plant, and one small recipe that fits it and from which tests make wrong ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mes.model.equipment import ProcessCell
from mes.plc.tagfile import read_map
from mes.plc.tagmap import process_cell

ROOT = Path(__file__).resolve().parents[2]

SMALL = """\
recipe: T1
version: "1.0"
title: {en: Small, zh: 小}
product: Powder
batch_size: {default: 1 kg, minimum: 0.5 kg, maximum: 2 kg}
formula:
  mill_speed: {default: 500 rpm, minimum: 400 rpm, maximum: 600 rpm}
inputs:
  salt: {material: Salt, per: 500 g, fixed: 0.01 kg, assay_corrected: true}
  sugar: {material: Sugar, per: 480 g}
outputs:
  powder: {material: Powder, role: product, shelf_life: 52 weeks}
procedure:
  - unit_procedure: Weigh
    unit: WS-111
    operations:
      - operation: Weigh all
        phases:
          - phase: WEIGH
            name: Weigh salt
            scan: [salt]
            parameters: {target: $input.salt, tolerance: 0.1 %}
            consume: [{input: salt, report: net_weight}]
          - phase: WEIGH
            name: Weigh sugar
            scan: [sugar]
            requires: SCR-002.PH > 11 and GB-101.O2_PPM < 1 ppm
            parameters: {target: $input.sugar}
            consume: [{input: sugar, report: net_weight}]
          - prompt: Look
            text: {en: Look at it.}
            answer: {number: {uom: g, minimum: 0, maximum: 2.5}}
  - parallel:
      - unit_procedure: Mill
        unit: BM-201
        operations:
          - operation: Mill
            phases:
              - phase: LOAD
                parameters: {expected_mass: $size, bpr: 15}
              - phase: MILL
                parameters: {speed: $mill_speed, run_time: 90 min}
              - phase: UNLOAD
                produce: [{output: powder, report: unloaded_mass, from: [salt, sugar]}]
                loss: [{name: Jar wall, report: loss}]
      - unit_procedure: Box
        unit: GB-102
        operations:
          - operation: Inertise
            phases:
              - phase: INERTISE
"""


@pytest.fixture(scope="session")
def cell() -> ProcessCell:
    """The process cell of the shipped maps."""
    return process_cell([read_map(path) for path in sorted((ROOT / "plc_sim" / "maps").glob("*.toml"))])


@pytest.fixture(scope="session")
def small() -> str:
    """A small recipe without mistakes."""
    return SMALL


@pytest.fixture(scope="session")
def changed() -> Callable[[str, str], str]:
    """Make the small recipe with one place changed; the place must be there exactly once."""

    def change(old: str, new: str) -> str:
        assert SMALL.count(old) == 1, f"{old!r} is {SMALL.count(old)} times in the recipe"
        return SMALL.replace(old, new)

    return change
