"""Random recipes that fit the shipped plant: pieces in random number and order, random names, values and comments."""

from __future__ import annotations

import random
import textwrap
from collections.abc import Callable

HEAD = """\
recipe: GEN
version: "1.0"
title: {en: Made at random}
product: Powder
batch_size: {default: 1 kg, minimum: 0.5 kg, maximum: 1.5 kg}
formula:
  soak: {default: 550 degC, minimum: 540 degC, maximum: 580 degC}
inputs:
  salt: {material: Salt, per: 600 g, assay_corrected: true}
  sugar: {material: Sugar, per: 400 g}
outputs:
  powder: {material: Powder, per: 900 g}
losses: {per: 100 g}
procedure:
"""

WEIGH = """\
- unit_procedure: Weigh
  unit: WS-111
  operations:
    - operation: Weigh all
      phases:
        - phase: WEIGH
          name: Weigh salt
          scan: [salt]
          parameters: {target: $input.salt, tolerance: 0.5 %}
          consume: [{input: salt, report: net_weight}]
        - phase: WEIGH
          name: Weigh sugar
          scan: [sugar]
          parameters: {target: 0.5 * $input.sugar}
          consume: [{input: sugar, report: net_weight}]
"""

ANNEAL = """\
- unit_procedure: Anneal
  unit: FU-301
  uses: [AR-003]
  exceptions:
    - exception: Ramp failed
      failure: RAMP_TIMEOUT
      do:
        - prompt: Look at the heaters
          text: {en: Look at the heaters.}
      then: {jump: Cool}
  operations:
    - operation: Anneal
      phases:
        - phase: ANNEAL
          requires: SCR-002.PH > 11 and AR-003.P_AR > 5 bar
          parameters: {soak_temp: $soak, count_above: 540 degC}
    - operation: Cool
      phases:
        - phase: COOL
"""

MILL = """\
- unit_procedure: Mill
  unit: {class: MILL, where: jar_volume >= 1 L}
  operations:
    - repeat:
        - operation: Mill
          phases:
            - phase: MILL
              parameters: {speed: 500 rpm, run_time: 2 h}
            - gate: QC
              results: {peak: {uom: "%", minimum: 0, maximum: 100, spec: [0, 5]}}
              on_fail: continue
      until: result("QC", peak) <= 5 %
      at_most: 3
      name: Mill until clean
"""

SCRUB = """\
- acquire: [SCR-002]
- wait: SCR-002.PH > 11.5 for 1 min
  within: 1 h
- release: [SCR-002]
"""

BOXES = """\
- parallel:
    - unit_procedure: Left box
      unit: GB-101
      operations:
        - operation: Inertise left
          phases:
            - phase: INERTISE
              sync: both boxes
    - unit_procedure: Right box
      unit: GB-102
      operations:
        - operation: Inertise right
          phases:
            - phase: INERTISE
              sync: both boxes
"""

ASK = """\
- prompt: Fines
  text: {en: Say how much is fine.}
  answer: {number: {uom: "%", minimum: 0, maximum: 100}}
- choose:
    - when: answer("Fines") > 20 %
      do:
        - unit_procedure: Sieve
          unit: SV-402
          operations:
            - operation: Sieve
              phases:
                - phase: SIEVE
    - otherwise:
        - wait: 10 min
  name: Sieve it
"""

PACK = """\
- unit_procedure: Pack
  unit: PK-501
  operations:
    - operation: Pack
      phases:
        - phase: PACK
          parameters: {bag_mass: 0.25 * $size}
          produce: [{output: powder, report: packed_mass, from: [salt, sugar]}]
"""

PIECES = {"mill": MILL, "scrub": SCRUB, "boxes": BOXES, "ask": ASK}


def made_recipe(dice: random.Random, name: str = "") -> str:
    """A valid recipe text that weighs, anneals and packs, and has the piece `name` and one or two others besides."""
    others = [other for other in PIECES if other != name]
    chosen = dice.sample(others, dice.choice([1, 2])) + ([name] if name else [])
    dice.shuffle(chosen)
    pieces = [PIECES[one] for one in chosen]
    pieces.insert(dice.randint(0, len(pieces)), ANNEAL)
    body = "".join(_laid_out(piece, dice) for piece in pieces)
    text = HEAD + _laid_out(WEIGH, dice) + body + _laid_out(PACK, dice)
    for old, values in VALUES.items():
        text = text.replace(old, dice.choice(values))
    return text


VALUES = {
    "run_time: 2 h": ("run_time: 2 h", "run_time: 90 min"),
    "at_most: 3": ("at_most: 3", "at_most: 7"),
    "P_AR > 5 bar": ("P_AR > 5 bar", "P_AR > 4.5 bar", "P_AR > 500000 Pa"),
    "- wait: 10 min": ("- wait: 10 min", "- wait: 600 s"),
}


def _laid_out(piece: str, dice: random.Random) -> str:
    lines = []
    for line in textwrap.indent(piece, "  ").splitlines():
        if dice.random() < 0.1:
            lines.append(dice.choice(["", "  # a remark: [not read]"]))
        lines.append(line)
    return "\n".join(lines) + "\n"


Break = Callable[[str], str]


def put(old: str, new: str) -> Break:
    """The change that puts `new` in the place of `old`, which must be there exactly once."""

    def broken(text: str) -> str:
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in\n{text}"
        return text.replace(old, new)

    return broken


def drop(start: str) -> Break:
    """The change that leaves out the one line that begins so."""

    def broken(text: str) -> str:
        lines = text.splitlines()
        (index,) = (place for place, line in enumerate(lines) if line.strip().startswith(start))
        return "\n".join(lines[:index] + lines[index + 1 :]) + "\n"

    return broken


def both(first: Break, second: Break) -> Break:
    """One change after the other."""
    return lambda text: second(first(text))


def first(old: str, new: str) -> Break:
    """The change that puts `new` in the place of the first `old`."""
    return lambda text: text.replace(old, new, 1)
