"""Templates of letters: plain fields, every mistake with its place, and what says nothing left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from zusage.ground.reasons import Refused
from zusage.ground.words import LANGUAGES, say_finding
from zusage.report.letters.letter import Block
from zusage.report.letters.template import (
    KINDS,
    built_in_text,
    fields_of,
    fill,
    read_template,
    read_templates,
    text_blocks,
)

LIST = (Block("list", items=("eins", "zwei")),)


def blocks(body: str, **fields: object) -> tuple[Block, ...]:
    named = {name.replace("__", "."): value for name, value in fields.items()}
    return fill(read_template(f"Betreff: x\n\n{body}", "down"), named)[1]  # type: ignore[arg-type]  # text or blocks


def mistakes(text: str) -> list[tuple[str, int | None, dict[str, object]]]:
    with pytest.raises(Refused) as refused:
        read_template(text, "down", "down.de.txt")
    return [(found.reason.code, found.where.line, dict(found.reason.values)) for found in refused.value.findings]


def test_lines_are_paragraphs_headings_and_items() -> None:
    assert blocks("eins\nzwei\n\n# Drei\n- vier\n- fünf\nsechs") == (
        Block("paragraph", "eins zwei"),
        Block("heading", "Drei"),
        Block("list", items=("vier", "fünf")),
        Block("paragraph", "sechs"),
    )


def test_fields_are_put_in_and_never_read_again() -> None:
    subject, found = fill(
        read_template("Betreff: Für {customer.name}\n\nGuten Tag { customer.name }, {{so}}", "welcome"),
        {"customer.name": "{firm.name} # - \\ #import"},
    )
    assert subject == "Für {firm.name} # - \\ #import"
    assert found == (Block("paragraph", "Guten Tag {firm.name} # - \\ #import, {so}"),)


def test_a_block_field_expands_between_the_text() -> None:
    assert blocks("Das bleibt:\n{what_stays}\nDanke", what_stays=LIST) == (
        Block("paragraph", "Das bleibt:"),
        *LIST,
        Block("paragraph", "Danke"),
    )


def test_what_says_nothing_is_left_out_with_what_leads_to_it() -> None:
    body = "# Eins\nDas bleibt:\n{what_stays}\n# Zwei\n{reason}\n# Drei\n{what_changes}\n{contact.phone}"
    assert blocks(body, what_changes=LIST) == (Block("heading", "Drei"), *LIST)


def test_the_signature_takes_the_greeting_with_it() -> None:
    body = "Text\n\nMit freundlichen Grüßen\n\n{signature}"
    assert blocks(body, signature=(Block("signature", items=("Berta Beispiel",)),)) == (
        Block("paragraph", "Text"),
        Block("signature", "Mit freundlichen Grüßen", ("Berta Beispiel",)),
    )


def test_an_unknown_field_is_named_with_line_place_and_the_nearest_one() -> None:
    found = mistakes("Betreff: x\n\nGuten Tag {custmer.name},\nText {what_stays} und {kept}\n{ }\n}")
    assert [(code, line, values["at"], values.get("meant")) for code, line, values in found] == [
        ("letters_field_unknown", 3, 11, "customer.name"),
        ("letters_field_not_alone", 4, 6, None),
        ("letters_field_of_others", 4, 23, None),
        ("letters_field_unknown", 5, 1, None),
        ("letters_brace_alone", 6, 1, None),
    ]


def test_mistakes_read_well_in_both_languages() -> None:
    with pytest.raises(Refused) as refused:
        read_template("Betreff: x\n\n  Guten Tag {custmer.name}\n", "welcome", "welcome.de.txt")
    known = ", ".join(fields_of("welcome"))
    (found,) = refused.value.findings
    assert say_finding(found, "de") == (
        "welcome.de.txt, Zeile 3: Zeichen 13: Das Feld {custmer.name} gibt es nicht. "
        f"Möglich sind: {known}. Meinten Sie „customer.name“?"
    )
    assert say_finding(found, "en") == (
        "welcome.de.txt, line 3: Character 13: there is no field {custmer.name}. "
        f"Possible are: {known}. Did you mean “customer.name”?"
    )


@pytest.mark.parametrize("text", ["", "\n\n", "Guten Tag", "Betreff:\n\nText"])
def test_a_template_begins_with_its_subject(text: str) -> None:
    assert [code for code, *_ in mistakes(text)] == ["letters_no_subject"]


def test_a_template_of_a_book_is_refused() -> None:
    assert mistakes("Betreff: x\n" + "a" * 70_000) == [("letters_template_long", None, {"most": 60_000})]


@pytest.mark.parametrize(
    "code", ["{0}", "{customer.__class__}", "{customer.name!r}", "{customer[name]}", "{%s}", "{{{x}"]
)
def test_there_is_no_code_in_fields(code: str) -> None:
    assert mistakes(f"Betreff: x\n\n{code}") != []


def test_the_firms_own_templates_take_the_place_of_those_with_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "down.de.txt").write_text("Betreff: Anders\n\nText", "utf-8")
    (tmp_path / "notiz.txt").write_text("{nichts}", "utf-8")
    own, built_in = read_templates(tmp_path), read_templates()
    assert {key for key, template in own.items() if template != built_in[key]} == {("down", "de")}


def test_a_name_that_is_nearly_one_of_a_template_and_a_folder_without_any_are_told(tmp_path: Path) -> None:
    (tmp_path / "welcom.de.txt").write_text("Betreff: Anders\n\nText", "utf-8")
    for folder, codes in ((tmp_path, ["letters_no_templates", "letters_template_name"]),
                          (tmp_path / "away", ["letters_no_templates"])):  # fmt: skip
        with pytest.raises(Refused) as refused:
            read_templates(folder)
        assert [found.reason.code for found in refused.value.findings] == codes


def test_a_letter_of_a_subject_alone_has_no_blocks_and_an_empty_item_is_left_out() -> None:
    assert fill(read_template("Betreff: Kurz\n", "welcome"), {}) == ("Kurz", ())
    own = read_template("Betreff: x\n\n- eins\n- {firm.phone}\n- zwei\n", "welcome")
    assert fill(own, {"firm.phone": ""})[1] == (Block("list", items=("eins", "zwei")),)


def test_mistakes_of_all_own_templates_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "down.de.txt").write_text("Betreff: x\n\n{nein}", "utf-8")
    (tmp_path / "up.en.txt").write_bytes(b"Subject: \xe4\n")
    with pytest.raises(Refused) as refused:
        read_templates(tmp_path)
    assert [(found.reason.code, found.where.file) for found in refused.value.findings] == [
        ("letters_not_utf8", "up.en.txt"),
        ("letters_field_unknown", "down.de.txt"),
    ]


def test_every_letter_has_a_template_in_both_languages_with_the_same_fields() -> None:
    for kind in KINDS:
        one, other = (read_template(built_in_text(kind, language), kind) for language in LANGUAGES)
        assert [[part.kind for part in item.parts] for item in (one,)] == [[part.kind for part in other.parts]], kind
        assert _named(one) == _named(other), kind


def _named(template: object) -> list[str]:
    parts = getattr(template, "parts")  # noqa: B009
    return [piece.text for part in parts for piece in part.pieces if piece.field]


def test_a_text_of_the_firm_has_no_fields_at_all() -> None:
    assert text_blocks("# Kopf\n{customer.name}\nzwei\n\n- drei\n") == (
        Block("heading", "Kopf"),
        Block("paragraph", "{customer.name} zwei"),
        Block("list", items=("drei",)),
    )


@pytest.mark.parametrize("page", ["briefe.md", "letters.md"])
def test_the_advisers_pages_name_every_field_and_no_other(page: str) -> None:
    text = (Path(__file__).parents[2] / "docs" / "adviser" / page).read_text("utf-8")
    named = set(re.findall(r"`\{([a-z_.]+)\}`", text))
    assert named == {field for kind in KINDS for field in fields_of(kind)}
