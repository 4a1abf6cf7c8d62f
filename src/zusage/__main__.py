"""`python -m zusage`: the command line, for machines on which scripts are not on the path."""

from zusage.cli import run

run()
