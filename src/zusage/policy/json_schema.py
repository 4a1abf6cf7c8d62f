"""The models of a written policy come in, the JSON Schema of a policy file goes out, criteria and promises included."""

from __future__ import annotations

from typing import Any

from zusage.policy.document import METRICS, OWN
from zusage.policy.terms import COMMON, MODES
from zusage.policy.written import WrittenPolicy

_CELL_FIELDS = {
    *COMMON,
    *(name for modes in MODES.values() for mode in modes.values() for name in mode.needs + mode.may),
}
_CUT: dict[str, Any] = {
    "anyOf": [
        {"type": "number"},
        {"type": "string"},
        {"type": "object", "properties": {"from": {}, "stay": {}}, "required": ["from"], "additionalProperties": False},
    ],
    "description": "what a customer must reach; `stay` is what members must keep to remain",
}
_RULE: dict[str, Any] = {
    "anyOf": [
        {
            "type": "object",
            "properties": {"all": {"$ref": "#/$defs/Rule"}, "any": {"$ref": "#/$defs/Rule"}}
            | {name: {"$ref": "#/$defs/Cut"} for name in METRICS},
            "patternProperties": {f"^{OWN}": {"$ref": "#/$defs/Cut"}},
            "additionalProperties": False,
        },
        {"type": "array", "items": {"$ref": "#/$defs/Rule"}, "minItems": 1},
    ],
    "description": "metrics with their cuts: all of them, or any of several",
}
_AXIS: dict[str, Any] = {
    "type": "object",
    "maxProperties": 1,
    "additionalProperties": {"anyOf": [{"$ref": "#/$defs/Cut"}, {"type": "array", "items": {"$ref": "#/$defs/Cut"}}]},
}
_GRID: dict[str, Any] = {
    "type": "object",
    "properties": {
        "rows": _AXIS,
        "columns": _AXIS,
        "cells": {"type": "array", "items": {"type": "array", "items": {"type": ["string", "integer"]}}},
    },
    "required": ["rows", "columns", "cells"],
    "additionalProperties": False,
    "description": "two metrics with cuts, best first, and a class for each cell",
}
_CELL: dict[str, Any] = {
    "anyOf": [
        {"type": "null"},
        {"type": "boolean"},
        {"type": "string"},
        {
            "type": "object",
            "properties": {name: {} for name in _CELL_FIELDS},
            "additionalProperties": False,
        },
    ],
    "description": "a mode, or a mode with its fields; `none` where nothing is promised",
}


def schema() -> dict[str, Any]:
    """The JSON Schema of a policy file, for editors that check and complete while one writes."""
    found = WrittenPolicy.model_json_schema()
    parts = found["$defs"]
    parts["ServiceClass"]["properties"]["when"] = {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/Rule"}]}
    parts["Classes"]["properties"]["grid"] = {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/Grid"}]}
    parts["Service"]["properties"]["promise"] = {"$ref": "#/$defs/Cell"}
    row = {"type": "object", "additionalProperties": {"$ref": "#/$defs/Cell"}}
    found["properties"]["matrix"] = {"type": "object", "additionalProperties": row}
    return found | {"$defs": parts | {"Cut": _CUT, "Rule": _RULE, "Grid": _GRID, "Cell": _CELL}}
