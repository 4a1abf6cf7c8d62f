"""Service models: what people write comes in (`read`), the frozen form goes out (`document`); with templates."""

from zusage.policy.json_schema import schema
from zusage.policy.templates import TEMPLATES, template

__all__ = ["TEMPLATES", "schema", "template"]
