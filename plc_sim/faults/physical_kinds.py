"""Faults of the plant itself by name; the model of the unit makes what follows from them."""

from __future__ import annotations

from plc_sim.faults.of_unit import amount, of_site, of_unit, zone
from plc_sim.faults.reactor_kinds import REACTOR_KINDS

GLOVEBOXES = ("GB-101", "GB-102", "GB-103")
HEATED = (
    *("FU-301", "DR-702", "VD-403", "RD-851", "CA-801", "BC-101", "TO-102", "HD-202", "FB-201", "IM-301"),
    *("RX-251", "DM-651", "SH-652"),
)


_SITE = (
    of_site(
        "argon-loss",
        "AR-003",
        amount("pressure", "bar", 0, 8, 2, "header pressure that is left"),
        "The argon supply fails.",
        "P_AR falls; below 4 bar interlock I18.",
    ),
    of_site(
        "h2s-leak",
        "GD-004",
        amount("concentration", "ppm", 0, 100, 25, "hydrogen sulfide at the nearest point"),
        "Hydrogen sulfide gets into the room.",
        "H2S_ROOM1 rises, the other points less; from 10 ppm at two or 20 at one interlock I2.",
    ),
    of_site(
        "oxygen-depletion",
        "GD-004",
        amount("oxygen", "vol%", 0, 20.9, 17.5, "what the room air falls to"),
        "Argon displaces the air of the room.",
        "O2_ROOM falls; below 19.5 % the alarm, and argon is cut off; below 18 % interlock I3 holds every unit.",
    ),
    of_site(
        "solvent-leak",
        "GD-004",
        amount("vapour", "%LEL", 0, 100, 30, "at the solvent store and the mixer"),
        "Solvent is spilt.",
        "LEL_TOL_STORE and LEL_TOL_MIXER rise.",
    ),
    of_site(
        "dew-point-rise",
        "DRM-001",
        amount("rise", "K", 0, 60, 20, "above normal"),
        "The desiccant wheel of the dry room fails.",
        "DEWPT_SUP and DEWPT_ROOM rise; above -40 degC interlock I16.",
    ),
    of_site(
        "air-change-loss",
        "DRM-001",
        amount("changes", "1/h", 0, 60, 10, "air changes that are left"),
        "A fan of the dry room fails.",
        "ACH and DP_ROOM fall; below 20 1/h interlock I16.",
    ),
    of_site(
        "scrubber-failure",
        "SCR-002",
        amount("fan", "-", 0, 1, 0, "part of the fan's speed that is left"),
        "The fan of the scrubber fails.",
        "FAN_HZ and DP_PACK fall, interlock I17.",
    ),
    of_site(
        "caustic-spent",
        "SCR-002",
        amount("ph", "pH", 0, 14, 9, "what is left"),
        "The caustic of the scrubber is used up.",
        "PH falls and H2S_OUT rises; below pH 10 interlock I17.",
    ),
)

_SYNTHESIS = (
    of_unit(
        "glovebox-leak",
        GLOVEBOXES,
        amount("flow", "mL/min", 0, 5000, 200, "air that leaks in"),
        "A glove has a hole.",
        "O2_PPM and H2O_PPM rise; above 10 ppm interlock I4.",
    ),
    of_unit(
        "purifier-failure",
        GLOVEBOXES,
        amount("part", "-", 0, 1, 0, "part of the purifier that still works"),
        "The gas purifier of a glovebox is saturated.",
        "O2_PPM and H2O_PPM creep up.",
    ),
    of_unit(
        "scale-drift",
        ("WS-111", "MX-601"),
        amount("error", "g", -100, 100, 1, "what the balance reads too much"),
        "A balance reads wrong, and the program believes it.",
        "Weight and report net_weight are as asked; the material is not.",
    ),
    of_unit(
        "cooling-failure",
        ("BM-201", "MX-601", "BM-202", "DM-651"),
        amount("part", "-", 0, 1, 0, "part of the cooling that is left"),
        "The cooling water fails.",
        "T_JAR (mills), T_SL (mixer) or T (fibrillator) rises while it runs; where it gets too hot, an interlock.",
    ),
    of_unit(
        "vibration",
        ("BM-201", "BM-202"),
        amount("speed", "mm/s", 0, 20, 12, "vibration that is added while it turns"),
        "The mill is out of balance.",
        "VIB rises while it turns; interlock I10.",
    ),
    of_unit(
        "heater-failure",
        HEATED,
        zone(),
        "A heater gives no heat.",
        "The temperature of its zone falls behind, whatever the controller asks for; TO-102 takes interlock I33.",
    ),
    of_unit(
        "heater-runaway",
        ("FU-301", "RX-251", "DM-651"),
        zone(),
        "The contactor of a heater is welded: it heats at full power.",
        "The temperature of its zone rises; in the furnace above 620 degC, or 60 K from another zone, interlock I6; in "
        "reactor and fibrillator RX_TEMPERATURE or DM_TEMPERATURE.",
    ),
    of_unit(
        "zone-sensor-failure",
        ("FU-301", "DR-702"),
        zone(),
        "The thermocouple of a zone breaks, and the program sees it.",
        "TZ of the zone leaves its range, Wqc is 0; the furnace takes interlock I6.",
    ),
    of_unit(
        "retort-leak",
        ("FU-301", "BC-101"),
        amount("flow", "NL/min", 0, 20, 1, "air that leaks in"),
        "The door seal of the retort leaks.",
        "O2_EXH rises, above 50 ppm interlock I7; in the kiln O2_KILN, above 4 % interlock I32.",
    ),
    of_unit(
        "vent-blocked",
        ("FU-301", "RX-251"),
        amount("rate", "mbar/min", 0, 200, 20, "how fast the pressure rises"),
        "Sulfur, or what boils over, blocks the vent.",
        "P_RETORT rises, above 200 mbar interlock I5; P of the reactor, above 300 mbar RX_PRESSURE.",
    ),
    of_unit(
        "stuck-valve",
        ("FU-301", "MX-601", "VD-403", "RD-851", "CT-701"),
        None,
        "A valve keeps its last position: argon (furnace), vacuum (mixer and dryers), slurry pump (die).",
        "The flow or pressure stays as it was, whatever the phase commands.",
    ),
    of_unit(
        "filter-clogged",
        ("JM-401", "FL-603", "FB-201", "RX-251"),
        amount("times", "-", 1, 1000, 20, "flow resistance, times the normal one"),
        "A filter clogs.",
        "DP_FILTER (jet mill, interlock I9), DP (slurry filter) or P_MELT (film, interlock I41) rises while it runs; "
        "FILTER of the reactor fails with FILTER_CLOGGED.",
    ),
    of_unit(
        "oxygen-ingress",
        ("MX-601", "DR-702"),
        amount("oxygen", "vol%", 0, 21, 10, "level it settles at"),
        "Air gets into the head of the mixer or into the inert loop of the dryer.",
        "O2_HEAD (mixer) or O2_LOOP (dryer, interlock I13) rises.",
    ),
    of_unit(
        "loop-oxygen",
        ("JM-401",),
        amount("oxygen", "ppm", 0, 20000, 800, "level it settles at"),
        "Air gets into the argon loop of the jet mill.",
        "O2_LOOP rises; above 500 ppm interlock I9.",
    ),
    of_unit(
        "uncleaned",
        ("BM-201", "FU-301", "JM-401", "MX-601", "FL-603", "BM-202", "BL-211"),
        amount("stays", "%", 0, 100, 2, "part of a charge that stays for the next one"),
        "A unit is not cleaned between batches.",
        "Nothing in the tags; the next batch has material of the one before in it.",
    ),
    of_unit(
        "screen-torn",
        ("SV-402",),
        amount("passes", "%", 0, 100, 20, "part of the oversize that gets through"),
        "The screen of the sieve is torn.",
        "OVERSIZE_PCT and report oversize_fraction are too good, and coarse grains are in the product.",
    ),
    of_unit(
        "vacuum-leak",
        ("VD-403", "RD-851"),
        amount("pressure", "mbar", 0, 1000, 50, "lowest pressure that is reached"),
        "A vacuum dryer leaks.",
        "P_VAC stays high; the phase fails with VACUUM_NOT_REACHED.",
    ),
    of_unit(
        "seal-failure",
        ("PK-501",),
        amount("leak", "mbar L/s", 0, 1, 0.01, "of the bags sealed meanwhile"),
        "The sealing bar is worn.",
        "LEAK is high; the phase fails with SEAL_FAILED.",
    ),
)

_FILM = (
    of_unit(
        "agglomerate",
        ("MX-601",),
        amount("size", "um", 0, 500, 80, "D90 of the lumps"),
        "Powder is not wetted and stays in lumps.",
        "Report fineness is high, DP of FL-603 rises faster, VI-712 finds pinholes.",
    ),
    of_unit(
        "pump-fluctuation",
        ("CT-701",),
        amount("swing", "%", 0, 50, 8, "of the flow, each way"),
        "The slurry pump pulses.",
        "PUMP_FLOW, WET_THK and the areal mass swing.",
    ),
    of_unit(
        "web-break",
        ("CT-701", "UW-701", "RW-901"),
        None,
        "The web tears. In the end it is spliced and threaded.",
        "TENSION_UW and TENSION_RW fall to 0, interlock I14.",
    ),
    of_unit(
        "tension-swing",
        ("UW-701", "RW-901"),
        amount("swing", "N", 0, 100, 15, "each way"),
        "The dancer of the web sticks.",
        "TENSION_UW and TENSION_RW swing.",
    ),
    of_unit(
        "exhaust-failure",
        ("DR-702",),
        amount("flow", "m3/h", 0, 300, 60, "exhaust that is left"),
        "The exhaust fan of the dryer fails.",
        "EXH_FLOW falls (below 100 m3/h interlock I12), LEL1..3 rise (I11).",
    ),
    of_unit(
        "damper-unproven",
        ("DR-702",),
        None,
        "The damper of the exhaust does not tell that it is open.",
        "Interlock I12, with EXH_FLOW as it was.",
    ),
    of_unit(
        "guard-open",
        ("CA-801", "IM-301", "SH-652"),
        None,
        "The guard of the nip, or of the mould, stands open.",
        "LINE_FORCE falls to 0 and GAP opens, interlock I15; the moulding machine takes interlock I51, "
        "the sheet calender SH_NIP_GUARD.",
    ),
    of_unit(
        "nip-force-runaway",
        ("CA-801",),
        amount("force", "N/mm", 0, 1000, 950, "what the line force runs to"),
        "The hydraulics of the calender run away.",
        "LINE_FORCE rises; above 900 N/mm interlock I15.",
    ),
    of_unit(
        "blunt-knife",
        ("SL-902",),
        amount("burr", "um", 0, 200, 30, "that it cuts"),
        "A knife of the slitter is blunt.",
        "BURR is high.",
    ),
)

PHYSICAL_KINDS = (*_SITE, *_SYNTHESIS, *REACTOR_KINDS, *_FILM)
