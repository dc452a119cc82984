"""Both recipes as the phases the units see, for tests that need a plant half way through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.plc_sim.units.bench import Bench

Step = tuple[str, str, dict[str, float]]

LI6PS5CL = (0.428, 0.414, 0.158)
"""Parts of Li2S, P2S5 and LiCl in a charge."""


def powder_steps(charge_g: float) -> list[Step]:
    return [
        *(("WS-111", "WEIGH", {"target": round(part * charge_g, 2)}) for part in LI6PS5CL),
        ("BM-201", "LOAD", {"expected_mass": charge_g}),
        ("BM-201", "PREMIX", {}),
        ("BM-201", "SEAL", {}),
        ("BM-201", "MILL", {"run_time": 0.5}),
        ("BM-201", "UNLOAD", {}),
        ("FU-301", "CHARGE", {}),
        ("FU-301", "ANNEAL", {"soak_temp": 200.0, "count_above": 150.0, "soak_time": 5.0, "ramp": 5.0}),
        ("FU-301", "COOL", {"controlled_to": 150.0, "end_temp": 50.0}),
        ("FU-301", "DISCHARGE", {}),
        ("JM-401", "JET_MILL", {}),
        ("SV-402", "SIEVE", {}),
        ("VD-403", "VACUUM_DRY", {"duration": 30.0}),
        ("PK-501", "PACK", {}),
        ("PK-501", "SAMPLE", {}),
    ]


def extension_steps() -> list[Step]:
    """Every phase of the synthesis extension, for a plant that runs dry."""
    return [
        ("BM-202", "LOAD", {"expected_mass": 1000.0}),
        ("BM-202", "PREMIX", {}),
        ("BM-202", "SEAL", {}),
        ("BM-202", "MILL", {"run_time": 0.5}),
        ("BM-202", "UNLOAD", {}),
        ("BL-211", "CHARGE", {}),
        ("BL-211", "BLEND", {}),
        ("BL-211", "DISCHARGE", {}),
        ("RX-251", "CHARGE_SOLVENT", {"target": 4000.0}),
        ("RX-251", "REACT", {"expected_mass": 500.0, "duration": 12.0, "temperature": 30.0}),
        ("RX-251", "FILTER", {}),
        ("RX-251", "DISTIL", {}),
        ("RX-251", "DISCHARGE", {}),
        ("DM-651", "CHARGE", {"target": 500.0}),
        ("DM-651", "CHARGE", {"target": 1.0}),
        ("DM-651", "MIX", {}),
        ("DM-651", "FIBRILLATE", {}),
        ("DM-651", "DISCHARGE", {}),
        ("SH-652", "PRESHEET", {}),
        *(("SH-652", "CALENDER", {}),) * 8,
        ("SH-652", "WIND", {}),
    ]


def film_steps(powder_g: float, length_m: float) -> list[Step]:
    """97:3 at 50 wt%: solvent and binder, powder, let-down solvent, then the web."""
    binder = powder_g * 3.0 / 97.0
    solution_solvent = 9.0 * binder
    letdown = powder_g + binder - solution_solvent
    return [
        ("MX-601", "DOSE", {"target": solution_solvent}),
        ("MX-601", "DOSE", {"target": binder}),
        ("MX-601", "DISSOLVE", {"duration": 60.0}),
        ("MX-601", "DOSE", {"target": powder_g}),
        ("MX-601", "KNEAD", {}),
        ("MX-601", "DOSE", {"target": letdown}),
        ("MX-601", "DISPERSE", {}),
        ("MX-601", "DEGAS", {}),
        ("FL-603", "FILTER", {}),
        ("CT-701", "THREAD", {}),
        ("CT-701", "COAT", {"length": length_m}),
        ("CA-801", "CALENDER", {}),
        ("RD-851", "VACUUM_DRY", {}),
        ("SL-902", "SLIT", {}),
    ]


PILOT_STEPS: dict[str, list[Step]] = {
    "BC": [
        ("BC-101", "CHARGE", {"target": 2.0}),
        ("BC-101", "DRY", {"moisture_max": 5.0}),
        ("TO-102", "PREHEAT", {}),
        ("BC-101", "CARBONISE", {"ramp": 10.0, "hold_temp": 400.0, "hold_time": 5.0}),
        ("BC-101", "COOL", {}),
        ("BC-101", "DISCHARGE", {}),
        ("TO-102", "SHUT_DOWN", {}),
    ],
    "FB": [
        ("HD-202", "LOAD", {"target": 4.0}),
        ("HD-202", "LOAD", {"target": 1.0}),
        ("HD-202", "DRY", {"expected_mass": 5.0, "duration": 60.0}),
        ("HD-202", "CONVEY", {}),
        ("FB-201", "HEAT_UP", {}),
        ("FB-201", "RECEIVE", {}),
        ("FB-201", "BLOW", {"length": 50.0}),
        ("FB-201", "PURGE", {}),
    ],
    "MF": [
        ("GD-302", "PREPARE", {}),
        ("IM-301", "LOAD", {"target": 3.0}),
        ("IM-301", "HEAT_UP", {}),
        ("IM-301", "MOULD", {"shots": 20.0}),
        ("IM-301", "PURGE", {}),
        ("GD-302", "VENT", {}),
    ],
}
"""Three pilot lines that make no battery material: biochar, blown film, foamed parts."""


def run_steps(bench: Bench, steps: Sequence[Step], idle_ticks: int = 0) -> list[Mapping[str, float]]:
    """Run the phases one after the other, with idle time before each; gives their reports."""
    reports = []
    for unit, phase, changed in steps:
        bench.idle(idle_ticks)
        reports.append(bench.run(unit, phase, **changed))
    return reports
