"""A number of letters comes in; how long they take as PDF goes out, beside WeasyPrint on a sample of the same content.

Run with `python -m benchmarks.letters [--counts 1000 10000] [--sample 100] [--rounds 3] [--write-docs]`. Each side runs
in a process of its own, taking turns; medians of the rounds. WeasyPrint needs Pango from the system:
`apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0`.
"""

from __future__ import annotations

import argparse
import html
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from statistics import median

from benchmarks.process import ROOT, Taken, run_once

from zusage.policy.document import Text
from zusage.policy.read import read_policy
from zusage.report.letters import (
    Address,
    Block,
    Cause,
    Contact,
    Letter,
    Sender,
    compose,
    letter_fields,
    letter_pdf,
    print_letters,
    read_templates,
)
from zusage.report.letters.fields import Around, Former, Subject

PAGE = ROOT / "docs" / "developer" / "letters.md"
BEGIN, END = "<!-- letters -->", "<!-- /letters -->"
PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
PANGO = f"WeasyPrint cannot run here: Pango is missing (apt-get install -y {PACKAGES})"
SIDES = {
    "file": "Zusage: all in one file for the printer",
    "each": "Zusage: one tagged file for each customer",
    "weasyprint": "WeasyPrint: one tagged file for each customer",
}


def letters(count: int) -> Iterator[Letter]:
    """Letters of three kinds to invented customers of the example firm, with enclosure and reply slip."""
    policy = read_policy(ROOT / "examples" / "broker" / "policy.yaml").policy
    best, next_one = (item.key for item in policy.classes[:2])
    notice = Text("# Wer verantwortlich ist\n\n" + "Ein Absatz, wie er in solchen Informationen steht. " * 20, "")
    sender = Sender(
        "Muster Makler GmbH", "Probierweg 1", "04109", "Leipzig", "0341 0", "post@example.org", notice=notice
    )
    around = Around(sender, Contact("Bernd Beispiel"), date(2026, 11, 2), date(2027, 3, 1))
    templates = read_templates()
    for number in range(count):
        address = Address("", "Frau", "", f"Petra{number}", "Probe", "", f"Weg {number}", "", "01067", "Dresden")
        kind = ("welcome", "up", "down")[number % 3]
        subject = Subject(f"{number:05d}", address, next_one if kind == "down" else best)
        former = None if kind == "welcome" else Former(policy, best if kind == "down" else next_one)
        code = f"{number:06X}"
        fields = letter_fields(
            kind, policy, subject, around, "de", former=former, cause=Cause("criteria", ("yield",)), code=code
        )
        yield compose(kind, templates[kind, "de"], fields, subject, around, "de", code)


# --- one side, in a process of its own


def work(side: str, count: int) -> None:
    """Make the letters of a side and throw them away."""
    if side == "file":
        size = len(print_letters(list(letters(count))).pdf)
    elif side == "each":
        size = sum(len(letter_pdf(letter)) for letter in letters(count))
    else:
        size = sum(len(_by_weasyprint(letter)) for letter in letters(count))
    print(f"{SIDES[side]}: {count} letters, {size / 1e6:.1f} MB")


def _by_weasyprint(letter: Letter) -> bytes:
    from weasyprint import HTML

    made: bytes = HTML(string=_page(letter)).write_pdf(pdf_variant="pdf/ua-1")
    return made


STYLE = """
@page { size: A4; margin: 20mm 20mm 25mm 25mm; @bottom-left { content: string(firm); font-size: 8pt }
  @bottom-right { content: counter(page) " / " counter(pages); font-size: 8pt } }
body { font: 10.5pt "DejaVu Serif", serif } h1 { font-size: 11pt } h2 { font-size: 10.5pt; break-after: avoid }
.firm { font-size: 15pt; font-weight: bold; string-set: firm content() }
.window { height: 45mm; margin-top: 10mm } .frame { border: 1pt solid; padding: 3mm; break-inside: avoid }
.slip { border-top: 1pt dashed; break-inside: avoid } .notice { break-before: page }
table { border-collapse: collapse; width: 100% } td, th { border-bottom: 1pt solid #ccc; text-align: left }
"""


def _page(letter: Letter) -> str:
    told = html.escape
    slip = "".join(f"<p>☐ {told(item)}</p>" for item in letter.slip.choices) if letter.slip else ""
    return (
        f"<!doctype html><html lang={letter.language}><title>{told(letter.subject)}</title><style>{STYLE}</style>"
        f"<p class=firm>{told(letter.sender.name)}</p>"
        f"<p class=window>{'<br>'.join(map(told, letter.address))}</p><h1>{told(letter.subject)}</h1>"
        f"{''.join(map(_block, letter.blocks))}<div class=frame>{told(letter.objection)}</div>"
        f"<div class=slip>{slip}</div><div class=notice>{''.join(map(_block, letter.notice))}</div></html>"
    )


def _block(block: Block) -> str:
    told = html.escape
    if block.kind == "list":
        return f"<ul>{''.join(f'<li>{told(item)}</li>' for item in block.items)}</ul>"
    if block.kind == "table":
        rows = "".join(f"<tr>{''.join(f'<td>{told(cell)}</td>' for cell in row)}</tr>" for row in block.rows)
        return f"<table><tr>{''.join(f'<th>{told(cell)}</th>' for cell in block.head)}</tr>{rows}</table>"
    if block.kind == "signature":
        return f"<p>{told(block.text)}<br><br><br>{'<br>'.join(map(told, block.items))}</p>"
    return f"<h2>{told(block.text)}</h2>" if block.kind == "heading" else f"<p>{told(block.text)}</p>"


# --- all sides beside each other


def can_compare() -> bool:
    """Whether WeasyPrint finds its libraries; says so where it does not."""
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError):
        print(PANGO)
        return False
    return True


def measure(counts: Sequence[int], sample: int, rounds: int) -> list[str]:
    """The rows of the table."""
    jobs = [("file", count) for count in counts] + [("each", sample)]
    jobs += [("weasyprint", sample)] if can_compare() else []
    found: dict[tuple[str, int], list[Taken]] = {job: [] for job in jobs}
    for _ in range(rounds):
        for side, count in jobs:
            command = [sys.executable, "-m", "benchmarks.letters", "--side", side, "--counts", str(count)]
            found[side, count].append(run_once(command))
    return [_row(side, count, taken) for (side, count), taken in found.items()]


def _row(side: str, count: int, taken: Sequence[Taken]) -> str:
    wall, peak = median(item.wall for item in taken), median(item.peak_mb for item in taken)
    return f"| {SIDES[side]} | {count:,} | {wall:,.1f} s | {wall / count * 1000:,.0f} ms | {peak:,.0f} MB |"


def table(rows: Sequence[str]) -> str:
    """The table as Markdown."""
    return "\n".join(["| how | letters | all | each | memory |", "|---|---:|---:|---:|---:|", *rows])


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--counts", type=int, nargs="+", default=[1000, 10_000])
    asked.add_argument("--sample", type=int, default=100)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--side", choices=list(SIDES))
    asked.add_argument("--write-docs", action="store_true")
    options = asked.parse_args()
    if options.side:
        work(options.side, options.counts[0])
        return
    made = table(measure(options.counts, options.sample, options.rounds))
    print(made)
    if options.write_docs:
        _write(PAGE, made)


def _write(page: Path, made: str) -> None:
    before, rest = page.read_text("utf-8").split(BEGIN)
    _, after = rest.split(END)
    page.write_text(f"{before}{BEGIN}\n{made}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
