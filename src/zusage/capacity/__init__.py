"""Capacity: what is owed and the hours there are come in, whether the promises can be kept goes out."""

from zusage.capacity.load import HoursCheck, Load, check_hours

__all__ = ["HoursCheck", "Load", "check_hours"]
