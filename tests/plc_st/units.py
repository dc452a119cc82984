"""What the compiler knows of a source: its variables, functions, blocks and array types."""

from __future__ import annotations

from dataclasses import dataclass, field

from lark import Token, Tree

from tests.plc_st.words import ELEMENTARY, Array


class StError(Exception):
    """The source breaks a rule of the language; the message begins with the line."""

    def __init__(self, where: Tree[Token], what: str) -> None:
        super().__init__(f"line {where.meta.line}: {what}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One variable; `section` is where it was declared, `code` how compiled code reaches it."""

    name: str
    type: str
    section: str
    code: str
    initial: str = ""
    address: str = ""


@dataclass(slots=True, kw_only=True)
class Unit:
    """One function, function block or program: its variables by name in lower case."""

    name: str
    variables: dict[str, Variable] = field(default_factory=dict)
    returns: str = ""

    def of(self, *sections: str) -> list[Variable]:
        return [variable for variable in self.variables.values() if variable.section in sections]


@dataclass(slots=True, kw_only=True)
class Source:
    """Everything declared so far, by name in lower case."""

    arrays: dict[str, Array] = field(default_factory=dict)
    functions: dict[str, Unit] = field(default_factory=dict)
    blocks: dict[str, Unit] = field(default_factory=dict)

    def type_named(self, name: str, where: Tree[Token]) -> str:
        """Give a type as it is used further on: elementary types in capitals, others in lower case."""
        if name.upper() in ELEMENTARY:
            return name.upper()
        if name.lower() in self.arrays or name.lower() in self.blocks:
            return name.lower()
        raise StError(where, f"unknown type {name}")
