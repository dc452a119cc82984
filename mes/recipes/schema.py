"""The JSON Schema of recipe texts, for completion in editors; `python -m mes.recipes.schema` writes it anew."""

from __future__ import annotations

import json
from pathlib import Path

from mes.recipes.document import RecipeText

SCHEMA_FILE = Path(__file__).with_name("recipe.schema.json")


def recipe_schema() -> str:
    """Give the JSON Schema as the text of its file."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **RecipeText.model_json_schema(by_alias=True)}
    return json.dumps(_for_editors(schema), indent=2, ensure_ascii=False) + "\n"


def _for_editors(node: object) -> object:
    """Leave out what would only be noise in a completion list: generated titles and empty defaults."""
    if isinstance(node, list):
        return [_for_editors(item) for item in node]
    if not isinstance(node, dict):
        return node
    cleaned = {
        key: _for_editors(value)
        for key, value in node.items()
        if not (key == "title" and isinstance(value, str)) and not (key == "default" and value in ("", [], {}))
    }
    if "patternProperties" in cleaned:
        cleaned["additionalProperties"] = False
    return cleaned


if __name__ == "__main__":
    SCHEMA_FILE.write_text(recipe_schema(), encoding="utf-8", newline="\n")
