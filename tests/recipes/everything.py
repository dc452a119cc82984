"""A recipe with every construct of the recipe text, and a process cell with a second mill."""

from __future__ import annotations

from dataclasses import replace

from mes.model.equipment import ProcessCell
from mes.model.quantity import parse_quantity

EVERYTHING = """\
recipe: E1
version: "1.0"
title: {en: Everything}
product: Powder
hold_propagation: unit
batch_size: {default: 1 kg, minimum: 0.5 kg, maximum: 2 kg}
formula:
  mill_speed: {default: 500 rpm, minimum: 400 rpm, maximum: 600 rpm}
  mill_time: {default: 10 h, minimum: 8 h, maximum: 16 h, high: [9 h, 15 h], soft: [9.5 h, 12 h], ask: start}
  rest: {steps: [{up_to: 1 kg, value: 2 min}, {up_to: 2 kg, value: 5 min}], ask: run}
  ratio: {default: 10, per: 2, minimum: 10, maximum: 20}
inputs:
  salt: {material: Salt, per: 500 g, assay_corrected: true, yield: 98 %}
  sugar: {material: Sugar, per: 480 g}
outputs:
  powder: {material: Powder, per: 890 g}
losses: {per: 100 g, fixed: 0.0001 kg}
balance: 2 %
procedure:
  - prompt: Who mills
    text: {en: Choose the shift.}
    answer: {choice: [early, late]}
  - prompt: Which route
    text: {en: 1 is the short one.}
    answer: {number: {uom: "1", minimum: 1, maximum: 3}}
  - prompt: Look at the lot
    text: {en: Scan it once more.}
    answer: {scan: salt}
  - unit_procedure: Weigh
    unit: WS-111
    uses: [SCR-002]
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
            parameters:
              target: report("Weigh salt", net_weight) * $lot.salt.assay * 0.9
            consume: [{input: sugar, report: net_weight}]
  - acquire: [FU-301]
    name: Take the furnace
  - repeat:
      - unit_procedure: Mill
        unit: {class: MILL, choose: longest idle, prefer: [BM-202], where: jar_volume >= 2 L}
        exceptions:
          - exception: Too hot
            when: BM-201.T_JAR > 70 degC for 10 s
            do:
              - operation: Let it cool
                phases:
                  - wait: $rest > 1 min
            then: {jump: Run}
            at_most: 2
        operations:
          - operation: Run
            uses: [SCR-002]
            phases:
              - phase: LOAD
                parameters: {expected_mass: 0.9 * $size, bpr: $ratio}
              - choose:
                  - when: answer("Which route") == 1
                    name: Short
                    do:
                      - wait: 10 min
                  - when: $mill_time > 12 h
                    do:
                      - wait: BM-201.T_JAR < 40 degC
                        within: 2 h
                  - otherwise:
                      - phase: MILL
                        parameters: {speed: $mill_speed, run_time: "min($mill_time, 20 h) / 10"}
                        updates:
                          - when: BM-201.T_JAR > 50 degC
                            parameters: {speed: $mill_speed - 50 rpm}
              - phase: UNLOAD
                produce: [{output: powder, report: unloaded_mass, from: [salt, sugar]}]
                loss: [{name: Jar wall, report: loss}]
              - gate: QC
                sample: powder
                on_fail: continue
                results:
                  peak: {uom: "%", minimum: 0, maximum: 100, spec: [0, 5]}
    name: Mill until clean
    until: result("QC", peak) <= 5 %
    at_most: 3
  - release: [FU-301]
  - parallel:
      - unit_procedure: Box
        unit: GB-102
        operations:
          - operation: Inertise
            phases:
              - phase: INERTISE
                sync: Both boxes
      - unit_procedure: Other box
        unit: GB-103
        operations:
          - operation: Inertise
            phases:
              - phase: INERTISE
                sync: Both boxes
exceptions:
  - exception: Anything else
    failure: any
    do:
      - prompt: Tell somebody
        text: {en: Something failed.}
    then: end
"""


def with_second_mill(cell: ProcessCell) -> ProcessCell:
    """Give the cell with BM-202, a mill like BM-201 on another PLC; their jars hold 2 L and 4 L."""
    first = cell.units["BM-201"]
    mills = {
        "BM-201": replace(first, properties={"jar_volume": parse_quantity("2 L")}),
        "BM-202": replace(first, name="BM-202", plc="SX", properties={"jar_volume": parse_quantity("4 L")}),
    }
    phases = {
        ("BM-202", name): replace(phase, unit="BM-202", plc="SX", slot="BM-202.PH")
        for (unit, name), phase in cell.phases.items()
        if unit == "BM-201"
    }
    return replace(cell, units={**cell.units, **mills}, phases={**cell.phases, **phases})
