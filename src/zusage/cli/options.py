"""The options that several verbs share, each written once."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

PolicyFile = Annotated[Path, typer.Option("--policy", "-p", help="The service model (YAML).")]
BookFolder = Annotated[Path, typer.Option("--book", "-b", help="Folder with the firm's files.")]
MappingFile = Annotated[
    Path | None, typer.Option(help="Which column means what (default: mapping.yaml in the folder).")
]
DecimalMarkOption = Annotated[str | None, typer.Option("--decimal", help='Decimal mark of amounts: "," or ".".')]
AsOf = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of the run (default: the last day in the book).")
]
Lang = Annotated[str | None, typer.Option("--lang", help="de or en (default: the policy's or the system's).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
ResultFolder = Annotated[Path, typer.Option("--result", "-r", help="A folder written by `zusage plan`.")]
PageFile = Annotated[Path | None, typer.Option("--out", "-o", help="HTML file to write (default: in the result).")]
Pictures = Annotated[
    str | None,
    typer.Option("--pictures", help="Write the pictures as files beside the result: svg or png."),
]
AbsencesFile = Annotated[
    Path | None, typer.Option(help="Who is away when, as CSV with the columns role, first_on, last_on, people.")
]
