"""The text of an expression, and what is said when a text is none; conditions are read with the same grammar."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from mes.model.expression import FUNCTIONS, Arithmetic, Call, Expression, Negative, Term, operands
from mes.model.quantity import PLANT_UOMS, Quantity, UomError, parse_quantity
from mes.model.reference import LOOKUPS, BadReference, ReferenceKind, dollar_reference, named_reference

OPERATORS = ("<", "<=", ">", ">=", "==", "!=")
KEYWORDS = ("and", "or", "not", "for")
DEEPEST = 50

_GRAMMAR = Lark.open_from_package(
    "mes.model", "condition.lark", parser="lalr", lexer="basic", start=["condition", "expression"]
)
_ARITHMETIC = "'+ - * /'"
_WORDS = {
    "TAG": "a tag",
    "QUANTITY": "a quantity such as '540 degC'",
    "OPERATOR": f"an operator ({' '.join(OPERATORS)})",
    "LPAR": "'('",
    "RPAR": "')'",
    "COMMA": "','",
    "PLUS": _ARITHMETIC,
    "MINUS": _ARITHMETIC,
    "STAR": _ARITHMETIC,
    "SLASH": _ARITHMETIC,
    "REFERENCE": "a reference such as '$size'",
    "STRING": "a name in double quotes",
    "$END": "the end",
}
_BEGINNINGS = {"FUNCTION", "LOOKUP", "MINUS"}
_FIXES = {
    "=": "write '==' for equal",
    "=>": "write '>='",
    "=<": "write '<='",
    "\N{GREATER-THAN OR EQUAL TO}": "write '>='",
    "\N{LESS-THAN OR EQUAL TO}": "write '<='",
    "\N{NOT EQUAL TO}": "write '!='",
    "&": "write 'and'",
    "|": "write 'or'",
    "!": "write 'not'",
    "\N{DEGREE SIGN}": "write 'degC' for degrees Celsius",
    "\N{MULTIPLICATION SIGN}": "write '*'",
    "\N{MIDDLE DOT}": "write '*'",
    "\N{DIVISION SIGN}": "write '/'",
    "\N{MINUS SIGN}": "write '-'",
    "\N{EN DASH}": "write '-'",
    "^": "there are no powers; multiply",
    "$": "write '$' and a name, such as '$size'",
    '"': "close the name with '\"' on the same line",
    "'": "names stand in double quotes",
}


class ExpressionError(ValueError):
    """A text that is no expression; the message names the place, what was found and how to mend it.

    `column` counts the characters of the text from 1.
    """

    kind = "expression"

    def __init__(self, problem: str, *, text: str, column: int) -> None:
        super().__init__(f"column {column} of the {self.kind} {text!r}: {problem}")
        self.column = column
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Source:
    """The text being read and the error that is raised for what is wrong with it."""

    text: str
    refusal: type[ExpressionError]

    def refused(self, problem: str, column: int) -> ExpressionError:
        """Give the error that says `problem` at `column`."""
        return self.refusal(problem, text=self.text, column=column)

    def parsed(self, start: Literal["condition", "expression"]) -> Tree[Token]:
        """Give the tree of the text; raises the refusal."""
        try:
            return _GRAMMAR.parse(self.text, start=start)
        except UnexpectedToken as error:
            raise self._misplaced(error) from None
        except UnexpectedCharacters as error:
            raise self._unreadable(error) from None

    def _misplaced(self, error: UnexpectedToken) -> ExpressionError:
        token, accepts = error.token, error.accepts
        if "TAG" in accepts:  # where a term may begin; the bracket and the quantity say enough
            accepts = accepts - _BEGINNINGS
        expected = " or ".join(sorted({_WORDS.get(name, f"'{name.lower()}'") for name in accepts}))
        at_end = token.type == "$END"
        column = len(self.text.rstrip()) + 1 if at_end else column_of(token)
        found = "it ends" if at_end else f"found {str(token)!r}"
        fix = _fix_of(token, self.text[: column - 1])
        return self.refused(f"{found} where {expected} is expected{fix}", column)

    def _unreadable(self, error: UnexpectedCharacters) -> ExpressionError:
        # The lexer's own position in the text is not typed; line and column count from 1.
        position = sum(len(line) + 1 for line in self.text.split("\n")[: error.line - 1]) + error.column - 1
        found = self.text[position]
        fix = _FIXES.get(self.text[position : position + 2]) or _FIXES.get(found, "")
        operators = f"operators are {' '.join(OPERATORS)} + - * /, words are {' '.join(KEYWORDS)}"
        return self.refused(f"{found!r} means nothing here; {fix or operators}", position + 1)


def _fix_of(found: Token, before: str) -> str:
    if found == ">" and before.endswith("<"):
        return "; write '!='"
    if found == "*" and before.endswith("*"):
        return "; there are no powers; multiply"
    match found.type:
        case "OPERATOR":
            return "; a comparison has one operator: join two comparisons with 'and'"
        case "COMMA":
            return "; write a point in a number, and 'and' between comparisons"
        case "QUANTITY" if found[0] in "+-":
            return f"; write {found[0]!r} with spaces on both sides for arithmetic"
        case "LPAR":
            return f"; functions are {', '.join((*FUNCTIONS, *LOOKUPS))}, and '*' or '/' before one needs spaces"
        case "TAG":
            return _fix_of_word(found.lower())
        case _:
            return ""


def _fix_of_word(word: str) -> str:
    near = {"in": ["for"], "during": ["for"]}.get(word) or get_close_matches(word, KEYWORDS, n=1, cutoff=0.5)
    return (
        f"; did you mean {near[0]!r}?"
        if near
        else "; join comparisons with 'and' or 'or'; names and units of measure have no spaces"
    )


def column_of(place: Token | Tree[Token]) -> int:
    """Give where a token, or the first token of a tree, stands."""
    if isinstance(place, Tree):
        return min((column_of(child) for child in place.children), default=1)
    return (place.start_pos or 0) + 1


def parse_expression(text: str) -> Expression:
    """Read an expression such as `report("Weigh Li2S", net_weight) * $lot.Li2S.assay` or `0.4 * $size`.

    Raises `ExpressionError`; a tag is refused too, for its value belongs to a moment. Whether the references exist
    and the units fit is asked of `mes.model.expression_uom`.
    """
    source = Source(text, ExpressionError)
    root = term_of(source.parsed("expression"), source, 0)
    for found in operands(root):
        if isinstance(found, str):
            raise source.refused(_tag_in_expression(found), max(text.find(found), 0) + 1)
    return Expression(root=root)


def _tag_in_expression(word: str) -> str:
    if word in PLANT_UOMS:
        return f"{word!r} is a unit of measure without a number; write '1 {word}'"
    if "." in word or word[0].isupper():
        return (
            f"{word!r} reads as a tag, and tags stand only in conditions; take the value of a report or of the formula"
        )
    meant = " - ".join(f"${part}" for part in word.split("-") if part)
    spaces = " and spaces around '-' to subtract" if "-" in word else ""
    return f"{word!r} reads as a tag; write '$' before a formula value{spaces}: '{meant}'"


def term_of(tree: Tree[Token], source: Source, depth: int) -> Term:
    """Give the term that a tree of the grammar stands for; raises the refusal of `source`."""
    if depth > DEEPEST:
        raise source.refused(f"nested more than {DEEPEST} levels deep; split it", 1)
    terms = [term_of(child, source, depth + 1) for child in tree.children if isinstance(child, Tree)]
    tokens = [child for child in tree.children if isinstance(child, Token)]
    match tree.data:
        case "arithmetic":
            return Arithmetic(terms[0], str(tokens[0]), terms[1])
        case "negative":
            return Negative(terms[0])
        case "call":
            return _call(tokens[0], tuple(terms), source)
        case "tag":
            return str(tokens[0])
        case "quantity":
            return quantity_of(tokens[0], source)
        case _:
            return _reference(tokens, source)


def _call(function: Token, terms: tuple[Term, ...], source: Source) -> Call:
    if function == "abs" and len(terms) != 1:
        raise source.refused(f"abs takes one term, not {len(terms)}", column_of(function))
    if function != "abs" and len(terms) < 2:
        raise source.refused(f"{function} takes two terms or more, with ',' between them", column_of(function))
    return Call(str(function), terms)


def _reference(tokens: list[Token], source: Source) -> Term:
    first, *rest = tokens
    try:
        if first.type == "REFERENCE":
            return dollar_reference(str(first))
        name, *item = (str(token) for token in rest if token.type != "COMMA")
        return named_reference(ReferenceKind(first), name[1:-1], "".join(item))
    except BadReference as error:
        raise source.refused(str(error), column_of(first)) from None


def quantity_of(token: Token, source: Source) -> Quantity:
    """Give the quantity that a token stands for; raises the refusal of `source`."""
    try:
        return parse_quantity(token)
    except UomError as error:
        raise source.refused(str(error) + _spaces_fix(token), column_of(token)) from None


def _spaces_fix(token: Token) -> str:
    return "; arithmetic needs spaces around '*' and '/'" if "*" in token or "/" in token else ""
