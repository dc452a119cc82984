"""The JSON Schema that editors use is the one of the models, and it knows what editors ask for."""

from __future__ import annotations

import json
import re

from mes.recipes.library import SHIPPED
from mes.recipes.schema import SCHEMA_FILE, recipe_schema
from mes.recipes.strict_yaml import parse_yaml, read_text


def test_the_committed_schema_is_fresh() -> None:
    assert SCHEMA_FILE.read_text("utf-8") == recipe_schema(), "run `python -m mes.recipes.schema`"


def test_the_schema_refuses_unknown_keys_and_describes_choices() -> None:
    schema = json.loads(recipe_schema())
    definitions = schema["$defs"]
    assert schema["additionalProperties"] is False
    assert all(model["additionalProperties"] is False for model in definitions.values())
    assert definitions["OutputText"]["properties"]["role"]["enum"] == ["product", "intermediate", "sample"]
    pattern = definitions["PhaseText"]["properties"]["parameters"]["patternProperties"]
    (amount,) = pattern.values()
    for text in ("550 degC", "-3 %", "3", "$size", "$input.Li2S", "$soak_time"):
        assert re.search(amount["pattern"], text), text
    for text in ("550degC", "1e5 g", "$input.", "$Size", "550 degC "):
        assert not re.search(amount["pattern"], text), text


def test_shipped_recipes_name_the_schema_for_editors_and_use_only_its_keys() -> None:
    known = set(json.loads(recipe_schema())["properties"])
    for path in SHIPPED.glob("*.yaml"):
        first = read_text(path).splitlines()[0]
        assert first == "# yaml-language-server: $schema=../recipe.schema.json"
        assert (path.parent / "../recipe.schema.json").resolve() == SCHEMA_FILE
        assert set(parse_yaml(read_text(path), path.name).value) <= known
