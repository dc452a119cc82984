"""Grammar of the subset of IEC 61131-3 structured text that the reference program uses."""

from __future__ import annotations

from lark import Lark, Token, Tree

GRAMMAR = r"""
start: (type_decl | function | function_block | program | configuration)*

type_decl: "TYPE"i (NAME ":" array_type ";")+ "END_TYPE"i
array_type: "ARRAY"i "[" INT ".." INT "]" "OF"i NAME
function: "FUNCTION"i NAME ":" NAME var_block* body "END_FUNCTION"i
function_block: "FUNCTION_BLOCK"i NAME var_block* body "END_FUNCTION_BLOCK"i
program: "PROGRAM"i NAME var_block* body "END_PROGRAM"i
configuration: "CONFIGURATION"i NAME "RESOURCE"i NAME "ON"i NAME task instance "END_RESOURCE"i "END_CONFIGURATION"i
task: "TASK"i NAME "(" "INTERVAL"i ":=" DURATION "," "PRIORITY"i ":=" INT ")" ";"
instance: "PROGRAM"i NAME "WITH"i NAME ":" NAME ";"

var_block: section var_decl* "END_VAR"i
section: "VAR"i -> local
    | "VAR"i "CONSTANT"i -> constant
    | "VAR_INPUT"i -> input
    | "VAR_OUTPUT"i -> output
    | "VAR_IN_OUT"i -> in_out
var_decl: NAME [location] ":" NAME [":=" literal] ";"
location: "AT"i LOCATION

body: statement*
?statement: assign | invoke | if_ | case | for_
assign: NAME ["[" expr "]"] ":=" expr ";"
invoke: NAME "(" argument ("," argument)* ")" ";"
argument: NAME ":=" expr
if_: "IF"i expr "THEN"i body ("ELSIF"i expr "THEN"i body)* [else_] "END_IF"i ";"
else_: "ELSE"i body
case: "CASE"i expr "OF"i branch+ [else_] "END_CASE"i ";"
branch: labels ":" body
labels: INT ("," INT)*
for_: "FOR"i NAME ":=" expr "TO"i expr "DO"i body "END_FOR"i ";"

?expr: conjunction | expr "OR"i conjunction -> or_
?conjunction: equality | conjunction "AND"i equality -> and_
?equality: comparison | equality EQUAL comparison -> compare
?comparison: sum | comparison ORDER sum -> compare
?sum: product | sum SIGN product -> arithmetic
?product: unary | product FACTOR unary -> arithmetic
?unary: "NOT"i unary -> not_ | primary
?primary: literal | "(" expr ")"
    | NAME -> variable
    | NAME "[" expr "]" -> element
    | NAME "." NAME -> member
    | NAME "." NAME "[" expr "]" -> member_element
    | NAME "(" expr ("," expr)* ")" -> apply
literal: INT -> integer | HEX -> hex | REAL -> real | "TRUE"i -> true | "FALSE"i -> false

NAME: /[a-z_][a-z0-9_]*/i
REAL: /\d+\.\d+/
HEX: /16#[0-9a-f]+/i
INT: /\d+(?!\d|\.\d|#)/
DURATION: /T#\d+ms/i
LOCATION: /%[IQM][XWD]\d+(\.\d)?/
EQUAL: "<>" | "="
ORDER: /<=|>=|<(?!>)|>/
SIGN: "+" | "-"
FACTOR: "*" | "/" | "MOD"i
COMMENT: /\(\*[\s\S]*?\*\)/
%ignore COMMENT
%ignore /\s+/
"""

PARSER = Lark(GRAMMAR, parser="lalr", propagate_positions=True, maybe_placeholders=True)


def parse(source: str) -> Tree[Token]:
    """Parse structured text; raises lark.UnexpectedInput with line and column."""
    return PARSER.parse(source)
