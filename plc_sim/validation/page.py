"""The page about the validation: text, table and figures, written from the judged rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from plc_sim.physics.conduction import TAPPED_DENSITY, press_through
from plc_sim.validation.figures import figures
from plc_sim.validation.judgement import Judged
from plc_sim.validation.simulated import (
    FIT_DEGC,
    PRESSED_MPA,
    glass_ceramic_ms_cm,
    left_out,
    made_ms_cm,
    pressed_ms_cm,
)
from plc_sim.validation.words import counts, error_text, is_off, published_text, tolerance_text, value_text

IMAGES = "images"

OPENING = """# Validation against publications

What the models of the simulated plant give for measurements that others have published, and how far off it is. This
page is written by `python -m plc_sim validate --write docs/explanation/validation.md`; a test keeps it fresh. The rows
are in `plc_sim/validation/anchors.csv`, the models are explained in [the models of the plant](plant-models.md), and
[decision 12](../decisions/0012-what-a-published-row-may-prove.md) says how a row gets its role.

Most publications were read as abstracts. The models are good for testing a MES and for training; they are no evidence
of safety and no base for the design of a plant.

## How to read it
A row has one role, given for the reason in its note and not for its result:

| role | what agreement means |
|---|---|
| hold-out | The row was used for no parameter. It must be met within its tolerance, else the command ends with 1. |
| trend | The publication leaves conditions open, or the material is another one. Only the direction is judged. |
| fit | Fewer parameters than points: agreement says that the form of the equation is right. |
| calibration | The row has set a parameter. Agreement proves nothing. |
| not covered | The plant has no model for it. |
"""

CLOSING = """
## What no publication backs
These are design defaults, chosen to be plausible; no row above tests them: the rates of crystallisation between the
two ends of a route, the specific power and energy of the mills, breakage and damage by milling, the factor of the
binder, the flow curve of the slurry, heat transfer and falling rate of the dryer, the bound solvent, every number of
the calender, the furnace and its controller, the quality of Li2S routes other than the two of row A7, the noise and
drift of gauges, and that Li6PS5Cl reacts with water as the sulfide of rows C1 and C2 does.
[The models of the plant](plant-models.md) marks each parameter.
"""

SCOPE = """The held-out rows test how conductivity goes with temperature and with pressing. None tests a rate in the
furnace or the mill, the slurry, the calender or the gauges. B1c and B1d hold one and the same number of the model
against two measurements, and the source of B2b is a vendor's summary of a paper. Trends are weak tests: a model that
only gives more for hotter or longer meets A2 and A5 whatever its numbers are.
"""

WHY_MISSED = """
A2 is missed by a factor of two because nothing in its abstract tells its powder from that of A1. Taken with the quality
of the commercial Li2S of A7b it would come close; but the reagents of A1 were bought too, so the choice could only be
made by looking at the result, and it is not made.

A5 has another composition than the one whose ends are calibrated: the published powders conduct more at 180 °C and less
at 400 °C than the model's.

D1b shows a limit of M13. It knows no humidity, gives all vapours the same mass transfer, and at 100 °C is ruled by
heat, of which water takes four times as much as NMP: so water dries no faster. For the plant's toluene and xylene,
which take nearly the same heat, this plays no part, but M13 must not be used for other solvents.
"""

CAPTIONS = (
    ("validation-parity.svg", "Every row in mS/cm. Grey rows lie on the line because they drew it."),
    ("validation-temperature.svg", "Four published temperatures and the line with two parameters through them."),
    ("validation-pressing.svg", "Pressing: the lower point sets the level, the upper one is held out."),
    ("validation-porosity.svg", "Porosity: two parameters through two points."),
    ("validation-annealing.svg", "Annealing: the ends are calibrated, the slope between them is a design default."),
    ("validation-exposure.svg", "Exposure of open powder; one published time at one dew point."),
    ("validation-drying.svg", "Drying of the film; the shape is published, the points are not."),
    ("validation-calender.svg", "Calendering; the form is published, the numbers are design defaults."),
)


def write_page(judged: Sequence[Judged], page: Path) -> list[Path]:
    """Write the page and its figures beside it; gives what was written."""
    images = page.parent / IMAGES
    images.mkdir(parents=True, exist_ok=True)
    texts = {page: page_text(judged)} | {images / name: text for name, text in figures(judged).items()}
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    return list(texts)


def page_text(judged: Sequence[Judged]) -> str:
    """Give the page as Markdown."""
    sections = [OPENING, _result(judged), _missed(judged), _beside(judged), _figures(), CLOSING.lstrip("\n")]
    return "\n".join(sections)


def _result(judged: Sequence[Judged]) -> str:
    lines = [
        "## Result",
        counts(judged),
        "",
        SCOPE,
        "| row | material, condition | quantity | published | simulated | error | judged by | role | verdict |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in judged:
        anchor = row.anchor
        verdict = f"**{row.verdict}**" if anchor.role == "hold-out" or row.agrees is False else row.verdict
        cells = (
            anchor.id,
            f"{anchor.material}, {anchor.condition}",
            anchor.quantity,
            published_text(anchor),
            value_text(row.simulated),
            error_text(row.error_rel),
            tolerance_text(anchor),
            anchor.role,
            verdict,
        )
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", "Why each row has its role, and where it comes from:", ""]
    lines += [f"- {row.anchor.id} ({row.anchor.role}; {row.anchor.source}): {row.anchor.note}" for row in judged]
    return "\n".join([*lines, ""])


def _missed(judged: Sequence[Judged]) -> str:
    lines = [
        "## What is missed, and by how much",
        "Every row whose value lies outside its tolerance, or whose judge disagrees, whatever its role:",
        "",
    ]
    missed = [row for row in judged if row.agrees is False or (is_off(row) and row.anchor.judge != "at_most")]
    for row in missed:
        unit = f" {row.anchor.unit}".removesuffix(" -")
        lines.append(
            f"- **{row.anchor.id}** ({row.anchor.role}): published {value_text(row.anchor.published)}{unit}, simulated "
            f"{value_text(row.simulated)}{unit}, {error_text(row.error_rel)}; {row.verdict}."
        )
    if not missed:
        lines.append("- none.")
    return "\n".join([*lines, WHY_MISSED])


def _beside(judged: Sequence[Judged]) -> str:
    rows = {row.anchor.id: row.anchor.published for row in judged}
    lines = [
        "## Predicted without itself: A3",
        "Each temperature predicted by a line through the other three. The outermost one is an extrapolation by 100 K:",
        "",
        "| row | °C | published, mS/cm | predicted, mS/cm | error |",
        "|---|---|---|---|---|",
    ]
    for row_id, predicted in left_out(rows).items():
        error = error_text(predicted / rows[row_id] - 1.0)
        lines.append(
            f"| {row_id} | {FIT_DEGC[row_id]:g} | {value_text(rows[row_id])} | {value_text(predicted)} | {error} |"
        )
    lines += [
        "",
        "## What the held-out pressing leans on: B2b",
        "The relative density before pressing is assumed. What B2b would be with other assumptions; at both ends of "
        "the table it would fail:",
        "",
        "| density before pressing | simulated, mS/cm | error |",
        "|---|---|---|",
    ]
    for density in (0.30, 0.40, 0.50, TAPPED_DENSITY, 0.60, 0.65):
        press = press_through(density)
        simulated = pressed_ms_cm(PRESSED_MPA["B2b"], rows, press)
        error = error_text(simulated / rows["B2b"] - 1.0)
        used = " (used)" if density == TAPPED_DENSITY else ""
        lines.append(f"| {density:.2f}{used} | {value_text(simulated)} | {error} |")
    lines += [
        "",
        "## Shape only: A8",
        "Conductivity (mS/cm) of Li7P3S11 after heating. The rates are set so that 360 °C for 1 h is good, as "
        "published; that hotter or longer is worse then follows from the form. The model also finds 8 h at 320 °C "
        "better than 1 h at 360 °C, which nobody reports:",
        "",
        "| °C | 1 h | 8 h |",
        "|---|---|---|",
    ]
    for degc in (280.0, 320.0, 360.0, 400.0):
        short, long = value_text(glass_ceramic_ms_cm(degc, 1.0)), value_text(glass_ceramic_ms_cm(degc, 8.0))
        lines.append(f"| {degc:.0f} | {short} | {long} |")
    lines += [
        "",
        "## The thermal window",
        "Conductivity (mS/cm) of powder from solution after 5 h, which no publication at hand has as a table:",
        "",
        "| °C | mS/cm |",
        "|---|---|",
    ]
    for degc in (180.0, 300.0, 400.0, 450.0, 500.0, 550.0, 600.0, 650.0):
        lines.append(f"| {degc:.0f} | {value_text(made_ms_cm(soak_degc=degc, soak_h=5.0))} |")
    return "\n".join([*lines, ""])


def _figures() -> str:
    lines = ["## Figures"]
    for name, caption in CAPTIONS:
        lines += ["", f"![{caption}]({IMAGES}/{name})", "", caption]
    return "\n".join([*lines, ""])
