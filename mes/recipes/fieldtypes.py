"""The words and amounts that fields of a recipe text hold, each with its pattern for editors."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema

AMOUNT = r"[+-]?[0-9]+(\.[0-9]+)?( \S+)?"
REFERENCE = r"\$(size|input\.[A-Za-z][A-Za-z0-9_]*|[a-z][a-z0-9_]*)"
EXPRESSION = r"\S*\(.*\).*|.* [-+*/] .*|.*[*/+].*\$.*|.*\$.*[*/+].*|-?\$lot\.\S+|-\$\S+"
"""What may be an expression: brackets, an operator beside spaces or references, or a property of a lot."""


def _text_of_number(value: object) -> object:
    """Bare numbers are amounts of unit 1; everything else goes on as it is to be judged."""
    return str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


def _decimal_of_number(value: object) -> object:
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _amount(pattern: str, description: str, examples: list[str | int]) -> WithJsonSchema:
    schema = {
        "type": ["string", "number"],
        "pattern": f"^({pattern})$",
        "description": description,
        "examples": examples,
    }
    return WithJsonSchema(schema)


Amount = Annotated[
    str,
    BeforeValidator(_text_of_number),
    StringConstraints(pattern=f"^({AMOUNT})$", max_length=60),
    _amount(
        AMOUNT,
        "A number, a space and a unit of measure; a bare number only for a pure number.",
        ["550 degC", "0.1 %", 3],
    ),
]
ParameterText = Annotated[
    str,
    BeforeValidator(_text_of_number),
    StringConstraints(pattern=f"^({AMOUNT}|{REFERENCE}|{EXPRESSION})$", max_length=400),
    _amount(
        f"{AMOUNT}|{REFERENCE}|{EXPRESSION}",
        "An amount with its unit, $name of a formula value, $size of the batch, $input.NAME (the need for it), or an "
        'expression of these, of $lot.NAME.PROPERTY and of report("Step", name).',
        ["3 degC/min", "$soak_temperature", "$size", "$input.Li2S", "0.4 * $size"],
    ),
]
ConditionText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=2000),
    Field(
        description="A condition over tags, results and answers.",
        examples=["FU-301.TC_CORE >= 540 degC for 2 min", 'result("QC", li2s_peak) <= 5 %'],
    ),
]
Bare = Annotated[Decimal, BeforeValidator(_decimal_of_number), WithJsonSchema({"type": "number"})]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=40)]
FormulaName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Called = Annotated[str, StringConstraints(pattern=r"^[^/\s]([^/\n]*[^/\s])?$", max_length=80)]
Unit = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9-]*$", max_length=40), Field(examples=["BM-201"])]
PhaseClass = Annotated[
    str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_-]*$", max_length=40), Field(examples=["WEIGH", "MILL"])
]
ReportName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=40)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
