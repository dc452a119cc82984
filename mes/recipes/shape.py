"""Check a document against the shape of recipes and tell what does not fit in the words of a recipe author."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mes.recipes import levels
from mes.recipes.blocktexts import MOST_TIMES
from mes.recipes.document import RecipeText
from mes.recipes.levels import KINDS
from mes.recipes.problem import Problem, RecipeError, nearest
from mes.recipes.strict_yaml import Document, Place

_PATTERN_SAYS: tuple[tuple[str, str], ...] = (
    (
        r"\$(size",
        "an amount such as '550 degC' (number, space, unit), $name, $size, $input.NAME, or an expression of these",
    ),
    ("[+-]?", "an amount such as '550 degC' (number, space, unit of measure; a bare number only for a pure number)"),
    (r"^[^/\s]", "a name of one line without '/'"),
    ("^[A-Z][A-Z0-9_-]", "a phase class such as MILL (capitals, digits, _ and -)"),
    ("^[A-Z]", "a unit such as BM-201 (capitals, digits and -)"),
    ("^[a-z]", "a name of small letters, digits and _"),
    ("^[A-Za-z]", "a name that begins with a letter and has no spaces"),
    ("^[0-9A-Za-z]", 'a version such as "1.0"'),
)


def shaped(document: Document) -> RecipeText:
    """Give the document as a recipe text; raises `RecipeError` with every place that does not fit."""
    try:
        return RecipeText.model_validate(document.value)
    except ValidationError as error:
        details = error.errors(include_url=False)
    raise RecipeError(_problem(document, detail) for detail in details)


def _problem(document: Document, detail: ErrorDetails) -> Problem:
    place = _place(detail["loc"])
    around = place[:-1]
    key = str(place[-1]) if place else ""
    shown = _shown(detail["input"])
    context = detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            message = f"unknown key {key!r}{nearest(key, _known_keys(detail['loc']))}"
        case "missing" if key == "at_most":
            message = (
                "a repeat needs 'at_most'; write how often at most, such as 'at_most: 3': no loop is without an end"
            )
            return Problem(document.file, document.line(around), message)
        case "missing":
            return Problem(document.file, document.line(around), f"key {key!r} is missing; add it")
        case "union_tag_not_found" | "union_tag_invalid":
            message = _wrong_kind(detail)
        case "string_type":
            single = isinstance(detail["input"], int | Decimal)
            hint = f'put it in quotes: "{shown}"' if single else "write one value after the colon"
            message = f"{key!r} must be text, not {_what(detail['input'])}; {hint}"
        case "decimal_type" | "is_instance_of":
            message = f"{key!r} must be a number without unit and quotes, not {_what(detail['input'])}"
        case "int_type":
            message = f"{key!r} must be a whole number, not {_what(detail['input'])}"
        case "greater_than_equal" | "less_than_equal":
            message = f"{key!r} is {shown}, but must be 1 to {MOST_TIMES}"
        case "bool_type":
            message = f"{key!r} must be true or false, not {shown}"
        case "list_type":
            message = f"{key!r} must be a list (each item after '- '), not {_what(detail['input'])}"
        case "dict_type" | "model_type" | "model_attributes_type":
            message = f"{key!r} must be a mapping (key: value lines), not {_what(detail['input'])}"
        case "string_pattern_mismatch":
            wanted = next(
                (says for part, says in _PATTERN_SAYS if part in str(context["pattern"])), str(context["pattern"])
            )
            message = f"{shown!r} is not {wanted}"
        case "enum" | "literal_error":
            message = f"{shown!r} is not possible for {key!r}; write {context['expected']}"
        case "too_short":
            message = f"{key!r} needs at least {context['min_length']} item(s), has {context['actual_length']}"
        case "too_long":
            message = f"{key!r} takes at most {context['max_length']} item(s), has {context['actual_length']}"
        case _:
            message = f"{key!r}: {detail['msg'][:1].lower()}{detail['msg'][1:]} (here {shown!r})"
    return Problem(document.file, document.line(place), message)


def _wrong_kind(detail: ErrorDetails) -> str:
    item = detail["input"]
    if not isinstance(item, Mapping):
        return f"an item here is a mapping that begins with one of {', '.join(KINDS)}, not {_what(item)}"
    found = str(detail.get("ctx", {}).get("tag", "")).strip("<>")
    if found:
        expected = (
            str(detail.get("ctx", {}).get("expected_tags", "")).replace("'", "").replace("<", "").replace(">", "")
        )
        return f"{_article(found)} {found.replace('_', ' ')} cannot stand here; here may stand: {expected}"
    keys = [str(key) for key in item]
    return f"this item has no key that says what it is{nearest(keys[0], KINDS) if keys else ''}"


def _article(word: str) -> str:
    return "an" if word[0] in "aeo" else "a"


def _place(loc: tuple[int | str, ...]) -> Place:
    """Give the part of an error's location that is in the text: without the tags of the item kinds."""
    place: list[int | str] = []
    for part in loc:
        if not (isinstance(part, str) and (part.startswith("<") or part == "[key]")):
            place.append(part)
    return tuple(place)


def _known_keys(loc: tuple[int | str, ...]) -> set[str]:
    """Give the keys that may stand beside the last part of an error's location."""
    models: set[type[BaseModel]] = {RecipeText}
    for part in loc[:-1]:
        if isinstance(part, str) and part.startswith("<"):
            models = {model for model in models if part.strip("<>") in model.model_fields}
            continue
        inner = [
            found
            for model in models
            for name, field in model.model_fields.items()
            if part in {name, field.alias}
            for found in _models_in(field.annotation)
        ]
        models = set(inner) or models
    return {field.alias or name for model in models for name, field in model.model_fields.items()}


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, str):  # the items inside a block are only named there
        annotation = getattr(levels, annotation, None)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


def _shown(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _what(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int() | Decimal():
            return f"the number {value}"
        case str():
            return f"the text {_shown(value)!r}"
        case list():
            return "a list"
        case _:
            return "a mapping"
