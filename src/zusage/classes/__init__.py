"""Service classes: accounts and a policy come in, each unit's class with its parts and what would change it go out."""

from zusage.classes.assign import assign_classes
from zusage.classes.levers import LEVERS
from zusage.classes.parts import long_parts

__all__ = ["LEVERS", "assign_classes", "long_parts"]
