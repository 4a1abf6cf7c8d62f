"""Runs the command line as `python -m zusage`, for machines on which scripts are not on the path."""

from zusage.cli import run

run()
