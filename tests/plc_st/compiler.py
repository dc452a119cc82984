"""Compiles the structured text subset to Python, as strict about types as the compilers of PLC makers.

A program or function block becomes a class: attributes `v_<name>` in lower case, as names are not case-sensitive, and
`scan()` for one call. VAR_IN_OUT is by reference: arrays are shared, other values are copied in and back.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from lark import Token, Tree

from tests.plc_st.expressions import Expressions
from tests.plc_st.grammar import parse
from tests.plc_st.units import Source, StError, Unit, Variable
from tests.plc_st.words import BOOL, RANGES, REAL, RUNTIME, UINT, Array

READ_ONLY = ("constant", "input")


class Compiled:
    """A compiled source; raises StError, or lark.UnexpectedInput where it is no structured text at all."""

    def __init__(self, text: str) -> None:
        self.interval_ms = 0
        self.located: dict[str, Variable] = {}
        self._source = Source()
        self._namespace: dict[str, Any] = dict(RUNTIME)
        self._program = ""
        for tree in parse(text).children:
            match tree.data:
                case "type_decl":
                    self._arrays(tree)
                case "function":
                    self._function(tree)
                case "function_block" | "program":
                    self._block(tree)
                case _:
                    self._configuration(tree)

    def program(self) -> Any:
        """Give the program as after a download: everything at its initial value."""
        return self._namespace[f"c_{self._program}"]()

    def block(self, name: str) -> Any:
        """Give an instance of a function block."""
        return self._namespace[f"c_{name.lower()}"]()

    def function(self, name: str) -> Any:
        """Give a function."""
        return self._namespace[f"f_{name.lower()}"]

    # Declarations

    def _arrays(self, tree: Tree[Token]) -> None:
        for name, array in zip(tree.children[::2], tree.children[1::2], strict=True):
            low, high, of = array.children
            self._source.arrays[name.lower()] = Array(low=int(low), high=int(high), of=of.upper())

    def _configuration(self, tree: Tree[Token]) -> None:
        (task,) = tree.find_data("task")
        (instance,) = tree.find_data("instance")
        if task.children[0] != instance.children[1] or instance.children[2].lower() != self._program:
            raise StError(tree, "the configuration names another task or program")
        self.interval_ms = int(task.children[1][2:-2])

    def _function(self, tree: Tree[Token]) -> None:
        name, returns, *sections, body = tree.children
        unit = self._unit(name, sections, prefix="")
        unit.returns = self._source.type_named(returns, tree)
        result = Variable(name=unit.name, type=unit.returns, section="local", code=f"v_{unit.name}")
        unit.variables[unit.name] = result
        own = [f"{variable.code} = {self._initial(variable)}" for variable in unit.of("local")]
        lines = [*own, *Body(self._source, unit).lines(body), f"return {result.code}"]
        self._run([f"def f_{unit.name}({', '.join(one.code for one in unit.of('input'))}):", *_indented(lines)])
        self._source.functions[unit.name] = unit

    def _block(self, tree: Tree[Token]) -> None:
        name, *sections, body = tree.children
        unit = self._unit(name, sections, prefix="self.")
        made = [f"{variable.code} = {self._initial(variable)}" for variable in unit.variables.values()]
        scan = Body(self._source, unit).lines(body)
        methods = ["def __init__(self):", *_indented(made), "def scan(self):", *_indented(scan)]
        self._run([f"class c_{unit.name}:", *_indented(methods)])
        if tree.data == "program":
            self._program = unit.name
            self.located = {one.name: one for one in unit.variables.values() if one.address}
        else:
            self._source.blocks[unit.name] = unit

    def _unit(self, name: Token, sections: Sequence[Tree[Token]], prefix: str) -> Unit:
        unit = Unit(name=name.lower())
        for section in sections:
            kind, *declared = section.children
            for one in declared:
                own, location, type_name, initial = one.children
                if own.lower() in unit.variables:
                    raise StError(one, f"{own} is declared twice in {name}")
                unit.variables[own.lower()] = Variable(
                    name=own.lower(),
                    type=self._source.type_named(type_name, one),
                    section=str(kind.data),
                    code=f"{prefix}v_{own.lower()}",
                    initial="" if initial is None else self._literal(unit, initial, type_name),
                    address="" if location is None else str(location.children[0]),
                )
        return unit

    def _literal(self, unit: Unit, tree: Tree[Token], type_name: str) -> str:
        return Expressions(self._source, unit).of_type(tree, type_name.upper())

    def _initial(self, variable: Variable) -> str:
        if variable.type in self._source.blocks:
            return f"c_{variable.type}()"
        if variable.type in self._source.arrays:
            array = self._source.arrays[variable.type]
            return f"[{_zero(array.of)}] * {array.high - array.low + 1}"
        return variable.initial or _zero(variable.type)

    def _run(self, lines: Sequence[str]) -> None:
        exec("\n".join(lines), self._namespace)  # what runs is the reference program of this project


class Body:
    """Translates the statements of one unit."""

    def __init__(self, source: Source, unit: Unit) -> None:
        self._source = source
        self._unit = unit
        self._expressions = Expressions(source, unit)

    def lines(self, body: Tree[Token]) -> list[str]:
        lines: list[str] = []
        for statement in body.children:
            lines += getattr(self, f"_{statement.data}")(statement, *statement.children)
        return lines or ["pass"]

    def _assign(self, tree: Tree[Token], name: Token, index: Tree[Token] | None, value: Tree[Token]) -> list[str]:
        variable = self._expressions.variable(name, tree)
        if variable.section in READ_ONLY or variable.type in self._source.blocks:
            raise StError(tree, f"{name} cannot be assigned")
        if index is not None:
            code, of = self._expressions.element(name, index, tree)
            return [f"{code} = {self._expressions.of_type(value, of)}"]
        target = f"{variable.code}[:]" if variable.type in self._source.arrays else variable.code
        return [f"{target} = {self._expressions.of_type(value, variable.type)}"]

    def _invoke(self, tree: Tree[Token], name: Token, *arguments: Tree[Token]) -> list[str]:
        instance = self._expressions.variable(name, tree)
        if instance.type not in self._source.blocks:
            raise StError(tree, f"{name} is no function block")
        given = {argument.children[0].lower(): argument.children[1] for argument in arguments}
        block = self._source.blocks[instance.type]
        before, after = [], []
        for one in block.of("input"):
            if one.name in given:
                value = self._expressions.of_type(given.pop(one.name), one.type)
                before.append(f"{instance.code}.v_{one.name} = {value}")
        for one in block.of("in_out"):
            if one.name not in given or given[one.name].data != "variable":
                raise StError(tree, f"{one.name} of {name} needs a variable: it is VAR_IN_OUT")
            code = self._expressions.of_type(given.pop(one.name), one.type)
            before.append(f"{instance.code}.v_{one.name} = {code}")
            if one.type not in self._source.arrays:
                after.append(f"{code} = {instance.code}.v_{one.name}")
        if given:
            raise StError(tree, f"{name} has no input {', '.join(given)}")
        return [*before, f"{instance.code}.scan()", *after]

    def _if_(self, tree: Tree[Token], *parts: Tree[Token]) -> list[str]:
        *pairs, otherwise = parts
        lines: list[str] = []
        for condition, body in zip(pairs[::2], pairs[1::2], strict=True):
            lines.append(f"{'elif' if lines else 'if'} {self._expressions.of_type(condition, BOOL)}:")
            lines += _indented(self.lines(body))
        return lines + self._else(otherwise)

    def _case(self, tree: Tree[Token], selector: Tree[Token], *parts: Tree[Token]) -> list[str]:
        *branches, otherwise = parts
        lines = [f"selector = {self._expressions.of_type(selector, UINT)}"]
        for branch in branches:
            labels, body = branch.children
            numbers = ", ".join(str(int(label)) for label in labels.children)
            lines.append(f"{'elif' if len(lines) > 1 else 'if'} selector in ({numbers},):")
            lines += _indented(self.lines(body))
        return lines + self._else(otherwise)

    def _else(self, otherwise: Tree[Token] | None) -> list[str]:
        return [] if otherwise is None else ["else:", *_indented(self.lines(otherwise.children[0]))]

    def _for_(self, tree: Tree[Token], name: Token, *parts: Tree[Token]) -> list[str]:
        variable = self._expressions.variable(name, tree)
        if variable.type not in RANGES:
            raise StError(tree, f"{name} cannot count")
        first, last = (self._expressions.of_type(part, variable.type) for part in parts[:2])
        lines = _indented(self.lines(parts[2]))
        return [f"for {variable.code} in range({first}, {last} + 1):", *lines]


def _zero(type_name: str) -> str:
    return {BOOL: "False", REAL: "0.0"}.get(type_name, "0")


def _indented(lines: Sequence[str]) -> list[str]:
    return [textwrap.indent(line, "    ") for line in lines]
