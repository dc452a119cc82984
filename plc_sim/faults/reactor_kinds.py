"""Faults of the solution reactor by name; the model of the unit makes what follows from them."""

from __future__ import annotations

from plc_sim.faults.of_unit import amount, of_unit

REACTOR_KINDS = (
    of_unit(
        "blanket-loss",
        ("RX-251",),
        amount("pressure", "mbar", 0, 20, 0, "blanket that is left"),
        "The argon blanket of the reactor leaks away.",
        "BLANKET falls over minutes; below 5 mbar interlock RX_BLANKET.",
    ),
    of_unit(
        "solvent-vapour",
        ("RX-251",),
        amount("vapour", "%LEL", 0, 100, 40, "in the enclosure of the reactor"),
        "A flange of the reactor lets solvent out.",
        "LEL rises; from 25 %LEL on interlock RX_LEL, until it is reset with the key.",
    ),
)
