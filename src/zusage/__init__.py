"""Service promises you can afford, explain and keep."""

__version__ = "0.1.0"
