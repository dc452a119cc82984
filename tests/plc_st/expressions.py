"""Expressions of structured text as Python source, with their types checked."""

from __future__ import annotations

from lark import Token, Tree

from tests.plc_st.units import Source, StError, Unit, Variable
from tests.plc_st.words import ANY_INT, BOOL, CONVERSIONS, INT, INTEGERS, RANGES, REAL, WORD, WRAPS

Typed = tuple[str, str]
"""Python source and the type of its value."""


class Expressions:
    """Translates the expressions of one unit."""

    def __init__(self, source: Source, unit: Unit) -> None:
        self._source = source
        self._unit = unit

    def variable(self, name: str, where: Tree[Token]) -> Variable:
        found = self._unit.variables.get(name.lower())
        if found is None:
            raise StError(where, f"unknown variable {name}")
        return found

    def typed(self, tree: Tree[Token]) -> Typed:
        """Translate an expression."""
        result: Typed = getattr(self, f"_{tree.data}")(tree, *tree.children)
        return result

    def of_type(self, tree: Tree[Token], wanted: str) -> str:
        """Translate an expression that has to be of a type; an integer literal takes any type it fits."""
        code, found = self.typed(tree)
        if found == ANY_INT and wanted in RANGES:
            low, high = RANGES[wanted]
            if low <= int(code, 0) <= high:
                return code
        if found != wanted:
            raise StError(tree, f"{found} where {wanted} is needed")
        return code

    def element(self, name: Token, index: Tree[Token], where: Tree[Token]) -> Typed:
        """Translate an element of an array, on either side of an assignment."""
        variable = self.variable(name, where)
        return self._placed(variable.code, variable.type, index, where)

    def _placed(self, code: str, of_type: str, index: Tree[Token], where: Tree[Token]) -> Typed:
        array = self._source.arrays.get(of_type)
        if array is None:
            raise StError(where, f"{of_type} is no array")
        return f"{code}[place({self.of_type(index, INT)}, {array.low}, {array.high})]", array.of

    def _integer(self, tree: Tree[Token], text: Token) -> Typed:
        return str(int(text)), ANY_INT

    def _hex(self, tree: Tree[Token], text: Token) -> Typed:
        return str(int(text[3:], 16)), ANY_INT

    def _real(self, tree: Tree[Token], text: Token) -> Typed:
        return f"single({text})", REAL

    def _true(self, tree: Tree[Token]) -> Typed:
        return "True", BOOL

    def _false(self, tree: Tree[Token]) -> Typed:
        return "False", BOOL

    def _variable(self, tree: Tree[Token], name: Token) -> Typed:
        variable = self.variable(name, tree)
        return variable.code, variable.type

    def _element(self, tree: Tree[Token], name: Token, index: Tree[Token]) -> Typed:
        return self.element(name, index, tree)

    def _member(self, tree: Tree[Token], block: Token, name: Token) -> Typed:
        instance = self.variable(block, tree)
        outputs = self._source.blocks[instance.type].of("output") if instance.type in self._source.blocks else []
        for output in outputs:
            if output.name == name.lower():
                return f"{instance.code}.v_{output.name}", output.type
        raise StError(tree, f"{block} has no output {name}")

    def _member_element(self, tree: Tree[Token], block: Token, name: Token, index: Tree[Token]) -> Typed:
        return self._placed(*self._member(tree, block, name), index, tree)

    def _apply(self, tree: Tree[Token], name: Token, *given: Tree[Token]) -> Typed:
        if name.upper() in CONVERSIONS and len(given) == 1:
            taken, result, code = CONVERSIONS[name.upper()]
            return code.format(self.of_type(given[0], taken)), result
        if name.upper() == "SHL" and len(given) == 2:
            return f"(({self.of_type(given[0], WORD)} << {self.of_type(given[1], INT)}) & 0xFFFF)", WORD
        function = self._source.functions.get(name.lower())
        if function is None:
            raise StError(tree, f"unknown function {name}")
        inputs = function.of("input")
        if len(inputs) != len(given):
            raise StError(tree, f"{name} takes {len(inputs)} values, not {len(given)}")
        codes = [self.of_type(one, taken.type) for one, taken in zip(given, inputs, strict=True)]
        return f"f_{function.name}({', '.join(codes)})", function.returns

    def _or_(self, tree: Tree[Token], left: Tree[Token], right: Tree[Token]) -> Typed:
        return self._logical(tree, left, right, "or", "|")

    def _and_(self, tree: Tree[Token], left: Tree[Token], right: Tree[Token]) -> Typed:
        return self._logical(tree, left, right, "and", "&")

    def _logical(self, tree: Tree[Token], left: Tree[Token], right: Tree[Token], words: str, bits: str) -> Typed:
        a, b, found = self._same(tree, left, right)
        if found not in (BOOL, WORD):
            raise StError(tree, f"{words.upper()} of {found}: only BOOL and WORD have bits")
        return f"({a} {words if found == BOOL else bits} {b})", found

    def _not_(self, tree: Tree[Token], inner: Tree[Token]) -> Typed:
        return f"(not {self.of_type(inner, BOOL)})", BOOL

    def _compare(self, tree: Tree[Token], left: Tree[Token], sign: Token, right: Tree[Token]) -> Typed:
        a, b, found = self._same(tree, left, right)
        if sign not in ("=", "<>") and found not in (*INTEGERS, REAL, ANY_INT):
            raise StError(tree, f"{found} has no order")
        return f"({a} {({'=': '==', '<>': '!='}).get(sign, sign)} {b})", BOOL

    def _arithmetic(self, tree: Tree[Token], left: Tree[Token], sign: Token, right: Tree[Token]) -> Typed:
        a, b, found = self._same(tree, left, right)
        sign = sign.upper()
        if found == REAL and sign != "MOD":
            return (f"divided({a}, {b})" if sign == "/" else f"single({a} {sign} {b})"), REAL
        if found in WRAPS and sign in ("+", "-", "*"):
            return WRAPS[found].format(f"{a} {sign} {b}"), found
        if found in ("UINT", "UDINT") and sign == "MOD":
            return f"({a} % {b})", found
        raise StError(tree, f"{sign} of {found} is not part of this subset")

    def _same(self, tree: Tree[Token], left: Tree[Token], right: Tree[Token]) -> tuple[str, str, str]:
        (a, a_type), (b, b_type) = self.typed(left), self.typed(right)
        if a_type == b_type:
            return a, b, a_type
        if a_type == ANY_INT:
            return self.of_type(left, b_type), b, b_type
        if b_type == ANY_INT:
            return a, self.of_type(right, a_type), a_type
        raise StError(tree, f"{a_type} and {b_type} do not mix")
