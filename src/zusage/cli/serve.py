"""The verbs of the office: `serve`, `backup`, `restore`."""
# ruff: noqa: PLC0415 - the web framework is an extra and takes a second to import; only these verbs need it

from __future__ import annotations

import os
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zusage.cli.given import Given
from zusage.cli.options import Lang
from zusage.cli.speech import choose_language, screen

if TYPE_CHECKING:
    from collections.abc import Callable

    from zusage.ground.reasons import Reason

DataFolder = Annotated[
    Path | None, typer.Option("--data", help="Folder of the office's data (default: ZUSAGE_DATA, or the system's).")
]


def serve(
    data: DataFolder = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of this machine.")] = 8000,
    office: Annotated[bool, typer.Option("--office", help="Open to the firm's network, by TLS only.")] = False,
    address: Annotated[str, typer.Option(help="With --office: the address people type, https://….")] = "",
    certificate: Annotated[Path | None, typer.Option(help="With --office: the certificate (PEM).")] = None,
    key: Annotated[Path | None, typer.Option(help="With --office: the key of the certificate (PEM).")] = None,
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="With --office: a proxy on this machine does the TLS.")
    ] = False,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer pages.")] = 2,
    browser: Annotated[bool, typer.Option("--open/--no-open", help="Open the office in the browser.")] = True,
    lang: Lang = None,
) -> None:
    """Open the office: pages, jobs and clock, until Ctrl+C."""
    need_web_extra()
    tell = teller(lang)
    from zusage.web.serve import Options
    from zusage.web.serve import serve as serve_office
    from zusage.web.serve.place import default_data

    options = Options(
        data=data or default_data(),
        port=port,
        office=office,
        address=address,
        certificate=certificate,
        key=key,
        behind_proxy=behind_proxy,
        workers=workers,
        browser=browser,
    )
    serve_office(options, tell)


def demo_office(data: Path, port: int, browser: bool, lang: str | None) -> None:
    """The example firm in the office; its data stay in the folder until it is deleted."""
    from zusage.web.serve import Options
    from zusage.web.serve import serve as serve_office

    tell = teller(lang)
    serve_office(Options(data=data, port=port, browser=browser, demo=choose_language(lang, "de")), tell)


def teller(lang: str | None) -> Callable[[Reason], None]:
    """Says a reason on the terminal, in the language asked for."""
    from zusage.ground.words import say

    language, console = choose_language(lang), screen()

    def tell(reason: Reason) -> None:
        console.print(say(reason, language), soft_wrap=True, highlight=False, markup=False)

    return tell


def need_web_extra() -> None:
    """Refuse with the command that installs what the office needs."""
    from zusage.ground.reasons import Refused, mistake

    if not has_web_extra():
        raise Refused([mistake("serve_no_web", command='pip install "zusage[web]"')])


def has_web_extra() -> bool:
    return all(find_spec(name) for name in ("django", "granian", "allauth", "django_tasks_db"))


def backup(
    out: Annotated[Path, typer.Option("--out", "-o", help="The archive to write (.zip).")],
    data: DataFolder = None,
    lang: Lang = None,
) -> None:
    """Write everything the office keeps into one archive, while it runs or not."""
    need_web_extra()
    from zusage.ground.reasons import Reason

    given = Given()
    spoken, office = given.take(choose_language, lang), given.take(_office_of, data)
    given.whole()
    _set_up(office())
    from zusage.web.office.backup import write_backup

    made = write_backup(out, now=datetime.now(UTC))
    size = f"{made.stat().st_size / 1e6:.1f} MB"
    values = {"text": str(made), "size": size.replace(".", ",") if spoken() == "de" else size}
    teller(spoken())(Reason("serve_backup_written", values))


def _office_of(data: Path | None) -> Path:
    """The data folder of an office that is there."""
    from zusage.ground.reasons import Refused, mistake
    from zusage.web.serve.place import SECRET, default_data

    folder = (data or default_data()).expanduser().resolve()
    if not (folder / SECRET).is_file():
        raise Refused([mistake("serve_no_office", text=str(folder))])
    return folder


def restore(
    archive: Annotated[Path, typer.Argument(help="An archive written by `zusage backup` or by the office itself.")],
    data: DataFolder = None,
    lang: Lang = None,
) -> None:
    """Make a new data folder from an archive; nothing that is there is overwritten."""
    need_web_extra()
    from zusage.ground.reasons import Reason
    from zusage.web.serve.place import default_data, refuse_running

    given, folder = Given(), (data or default_data()).expanduser().resolve()
    spoken = given.take(choose_language, lang)
    given.take(refuse_running, folder)
    given.take(lambda: archive.open("rb").close())
    given.whole()
    _set_up(folder)
    from zusage.web.office.backup import restore_backup

    manifest = restore_backup(archive, folder)
    made_on = datetime.fromisoformat(manifest["made_at"]).date()
    teller(spoken())(Reason("serve_restored", {"text": str(folder), "made_on": made_on}))


def _set_up(data: Path) -> None:
    """The office's settings in this process, for a data folder."""
    import django

    from zusage.web.serve.place import SECRET, check_database_url

    check_database_url()

    key = (data / SECRET).read_text("ascii").strip() if (data / SECRET).exists() else "nothing is signed here"
    os.environ["DJANGO_SETTINGS_MODULE"] = "zusage.web.settings"
    os.environ |= {"ZUSAGE_DATA": str(data), "ZUSAGE_SECRET_KEY": key}
    django.setup()
    from zusage.web.serve.prepare import refuse_unreachable

    refuse_unreachable()
