"""One recipe that holds every construct of the language and fits the shipped plant; tests break it."""

from __future__ import annotations

FULL = """\
recipe: FULL
version: "1.0"
title: {en: Every construct}
product: Powder
batch_size: {default: 1 kg, minimum: 0.5 kg, maximum: 1.5 kg}
formula:
  mill_speed: {default: 500 rpm, minimum: 400 rpm, maximum: 600 rpm}
  soak: {default: 550 degC, minimum: 540 degC, maximum: 580 degC}
  peak_limit: {default: 5 %, minimum: 1 %, maximum: 10 %}
inputs:
  salt: {material: Salt, per: 500 g, assay_corrected: true}
  sugar: {material: Sugar, per: 480 g, fixed: 20 g}
outputs:
  blend: {material: Blend, role: intermediate}
  powder: {material: Powder, per: 900 g}
  sample: {material: Powder sample, role: sample}
losses: {per: 80 g, fixed: 20 g}
exceptions:
  - exception: Room gas
    when: GD-004.H2S_ROOM1 > 8 ppm for 10 s
    do:
      - prompt: Leave the room
        text: {en: Leave the room and confirm from outside.}
    then: end
procedure:
  - unit_procedure: Weigh
    unit: WS-111
    operations:
      - operation: Weigh all
        phases:
          - phase: WEIGH
            name: Weigh salt
            scan: [salt]
            parameters: {target: $input.salt}
            consume: [{input: salt, report: net_weight}]
          - prompt: Scan sugar
            text: {en: Scan the sugar.}
            answer: {scan: sugar}
          - phase: WEIGH
            name: Weigh sugar
            requires: SCR-002.PH > 11 and GB-101.O2_PPM < 1 ppm
            requires_within: 2 h
            parameters: {target: 0.5 * $input.sugar}
            consume: [{input: sugar, report: net_weight}]
          - prompt: Bed height
            text: {en: Give the bed height.}
            answer: {number: {uom: mm, minimum: 20, maximum: 50}}
  - parallel:
      - unit_procedure: Mill
        unit: {class: MILL, prefer: [BM-201], where: jar_volume >= 1 L}
        operations:
          - operation: Load
            phases:
              - phase: LOAD
                parameters: {expected_mass: $size, bpr: 15}
          - repeat:
              - operation: Mill
                phases:
                  - phase: MILL
                    parameters: {speed: $mill_speed, run_time: 2 h}
                  - gate: QC after milling
                    results: {peak: {uom: "%", minimum: 0, maximum: 100, spec: [0, 5]}}
                    on_fail: continue
            until: result("QC after milling", peak) <= $peak_limit
            at_most: 3
            name: Mill until clean
          - operation: Unload
            phases:
              - phase: UNLOAD
                produce: [{output: blend, report: unloaded_mass, from: [salt, sugar]}]
                loss: [{name: Jar wall, report: loss}]
      - unit_procedure: Box
        unit: GB-102
        operations:
          - operation: Inertise
            phases:
              - phase: INERTISE
  - acquire: [SCR-002]
  - wait: SCR-002.PH > 11.5 for 1 min
    within: 1 h
  - unit_procedure: Anneal
    unit: FU-301
    uses: [AR-003]
    exceptions:
      - exception: Oxygen ingress
        when: FU-301.O2_EXH > 200 ppm for 10 s
        do:
          - prompt: Check the seal
            text: {en: Check the seal of the retort.}
        then: {jump: Cool}
      - exception: Ramp failed
        failure: RAMP_TIMEOUT
        do:
          - prompt: Look at the heaters
            text: {en: Look at the heaters.}
        then: return
        at_most: 1
    operations:
      - operation: Charge
        phases:
          - phase: CHARGE
            parameters: {bed_height: 'answer("Bed height")', expected_mass: 'report("UNLOAD", unloaded_mass)'}
            consume: [{input: blend, all: true}]
      - operation: Anneal
        phases:
          - phase: ANNEAL
            parameters: {soak_temp: $soak, count_above: $soak - 10 K}
            updates:
              - when: FU-301.TC_CORE > 500 degC
                parameters: {argon_flow: 10 NL/min}
      - operation: Cool
        phases:
          - phase: COOL
      - operation: Discharge
        phases:
          - phase: DISCHARGE
            loss: [{name: Left in the saggar, report: loss}]
  - release: [SCR-002]
  - choose:
      - when: result("QC after milling", peak) > 2 %
        do:
          - unit_procedure: Sieve
            unit: SV-402
            operations:
              - operation: Sieve
                phases:
                  - phase: SIEVE
      - otherwise:
          - wait: 10 min
    name: Sieve it?
  - parallel:
      - unit_procedure: Pack
        unit: PK-501
        operations:
          - operation: Pack
            phases:
              - phase: PACK
                transfer: dried powder
                produce: [{output: powder, report: packed_mass, from: [blend]}]
              - phase: SAMPLE
                consume: [{input: powder, report: sample_mass}]
                produce: [{output: sample, report: sample_mass, from: [powder]}]
      - unit_procedure: Dry
        unit: VD-403
        operations:
          - operation: Dry
            phases:
              - phase: VACUUM_DRY
                transfer: dried powder
"""
