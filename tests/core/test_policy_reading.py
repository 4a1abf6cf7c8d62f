"""Every slip of a policy is reported at once, with its line and a remedy, and nothing makes the reader crash."""

import re
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from zusage.ground.reasons import Refused
from zusage.ground.words import LANGUAGES, say, say_finding
from zusage.policy.document import AnyOf, Criterion, Review
from zusage.policy.read import read_policy, read_policy_text
from zusage.policy.rules import refused
from zusage.policy.templates import template

ABC = template("abc", "en")
RITTER = template("ritter", "en")


MANY_ALIASES = "a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9]\n" + "".join(
    f"{name}: &{name} [{','.join(['*' + before] * 9)}]\n" for before, name in pairwise("abcdefg")
)


def changed(*pairs: tuple[str, str], text: str = ABC) -> str:
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def slips(text: str) -> list[tuple[str, str | None]]:
    """Code and path of each error of a refused policy; each finding can be said in both languages."""
    with pytest.raises(Refused) as caught:
        read_policy_text(text)
    for finding in caught.value.findings:
        assert all(say_finding(finding, language) for language in LANGUAGES)
    return [(found.reason.code, found.where.path) for found in caught.value.findings if found.severity == "error"]


def remarks(text: str) -> list[tuple[str, str, str | None]]:
    return [(found.severity, found.reason.code, found.where.path) for found in read_policy_text(text).findings]


def line(text: str, part: str) -> int:
    return next(number for number, row in enumerate(text.splitlines(), 1) if part in row)


# --- all mistakes at once, in the right place ---------------------------------------------------------------------


def test_all_mistakes_come_at_once_each_with_its_line() -> None:
    text = changed(
        ("  state: SN", "  state: SX"),
        ("practical_share: 40 %", "practical_share: 40"),
        ("cause: asked\n    role: inside\n    minutes: 6", "cause: asked\n    role: insid\n    minutes: six"),
        ("B: next_workday", "B: next_day"),
    )
    with pytest.raises(Refused) as caught:
        read_policy_text(text)
    found = [(item.reason.code, item.where.line) for item in caught.value.findings]
    assert found == [
        ("policy_state", line(text, "state: SX")),
        ("policy_not_share", line(text, "practical_share: 40")),
        ("policy_unknown_role", line(text, "role: insid")),
        ("policy_not_time", line(text, "minutes: six")),
        ("policy_unknown_mode", line(text, "B: next_day")),
    ]


def test_what_is_missing_is_reported_at_the_line_of_its_parent() -> None:
    text = changed(("      practical_share: 40 %\n", ""))
    with pytest.raises(Refused) as caught:
        read_policy_text(text)
    assert [(item.reason.code, item.where.line) for item in caught.value.findings] == [
        ("policy_required", line(text, "    owner:"))
    ]


def test_a_wage_that_would_be_lost_is_a_mistake() -> None:
    assert slips(changed(("      owner: true\n", "      yearly_cost: 1\n"))) == [
        ("policy_wage_without_owner", "resources.roles.owner.imputed_wage")
    ]


def test_a_state_may_be_written_out() -> None:
    assert read_policy_text(changed(("state: SN", "state: Sachsen"))).policy.firm.state == "SN"


def test_an_unknown_field_is_named_even_when_it_is_empty() -> None:
    assert slips(changed(("  overhead: 45000", "  overheads:"))) == [("policy_unknown_field", "resources.overheads")]


def test_an_empty_field_counts_as_left_out() -> None:
    text = changed(("  overhead: 45000", "  overhead:"), ("matrix:\n", "matrix:\n  channels:\n"))
    assert read_policy_text(text).policy.overhead.on(date(2026, 1, 1)) == 0


def test_a_field_that_cannot_be_read_is_not_reported_as_missing_too() -> None:
    text = changed(("imputed_wage: 72000", "imputed_wage: a lot"))
    assert slips(text) == [("policy_not_money", "resources.roles.owner.imputed_wage")]


def test_a_service_whose_measure_cannot_be_read_makes_no_noise_in_the_matrix() -> None:
    assert slips(changed(("measure: response", "measure: respons"))) == [
        ("policy_not_one_of", "services.callback.measure")
    ]


def test_a_role_that_cannot_be_read_is_still_known_by_its_name() -> None:
    text = re.sub(r"    inside:\n(      .*\n)+", "    inside: Petra\n", ABC)
    assert slips(text) == [("policy_not_mapping", "resources.roles.inside")]


def test_an_unknown_field_is_asked_after_by_the_nearest_known_name() -> None:
    with pytest.raises(Refused) as caught:
        read_policy_text(changed(("weekly_hours", "weekly_hors")))
    unknown = next(item for item in caught.value.findings if item.reason.code == "policy_unknown_field")
    assert unknown.reason.values["meant"] == "weekly_hours"
    assert say(unknown.reason, "de").endswith("all_logged. Meinten Sie „weekly_hours“?")


@pytest.mark.parametrize(
    ("wrong", "known"),
    [
        ("cause: aksed", "asked"),
        ("match: [{log: cals}]", "calls"),
        ("match: [{logg: calls}]", "log"),
        ("expected: {per_custmer: 1}", "per_customer"),
    ],
)
def test_words_in_the_depth_are_asked_after_by_the_nearest_known_one(wrong: str, known: str) -> None:
    field = wrong.split(":", maxsplit=1)[0]
    text = changed((next(row.strip() for row in ABC.splitlines() if row.strip().startswith(field + ":")), wrong))
    with pytest.raises(Refused) as caught:
        read_policy_text(text)
    assert caught.value.findings[0].reason.values["meant"] == known


def test_where_no_known_word_is_near_none_is_asked_after() -> None:
    with pytest.raises(Refused) as caught:
        read_policy_text(changed(("weekly_hours", "xyz")))
    unknown = next(item for item in caught.value.findings if item.reason.code == "policy_unknown_field")
    assert "meant" not in unknown.reason.values
    assert say(unknown.reason, "en").endswith("all_logged.")


@pytest.mark.parametrize(
    ("text", "code", "row"),
    [
        ("firm: {name: a}\nfirm: {name: b}\n", "policy_key_twice", 2),
        ("firm:\n\tname: a\n", "policy_tab", 2),
        ("firm: {name: a\nx", "policy_not_yaml", 2),
        ("- a\n- b\n", "policy_not_a_policy", 1),
        ("", "policy_not_a_policy", 1),
        ("just words", "policy_not_a_policy", 1),
        ("valid_from: 2026-02-31\n", "policy_not_yaml", None),
        ("x: " + "[" * 100, "policy_not_yaml", 1),
        ("x: " + "[" * 5000, "policy_too_much", None),
        ("x: 1\n" * 300_000, "policy_too_large", None),
        (MANY_ALIASES, "policy_too_much", None),
    ],
)
def test_a_file_that_is_no_policy_is_refused_with_one_clear_reason(text: str, code: str, row: int | None) -> None:
    with pytest.raises(Refused) as caught:
        read_policy_text(text)
    assert [(item.reason.code, item.where.line) for item in caught.value.findings] == [(code, row)]


def test_files_are_refused_by_name_when_missing_or_not_utf8(tmp_path: Path) -> None:
    file = tmp_path / "concept.yaml"
    with pytest.raises(Refused) as caught:
        read_policy(file)
    assert caught.value.findings[0].reason.code == "policy_not_readable"
    file.write_bytes("firm: {name: Müller}".encode("cp1252"))
    with pytest.raises(Refused) as caught:
        read_policy(file)
    assert caught.value.findings[0].reason.code == "policy_not_utf8"
    file.write_bytes(b"\xef\xbb\xbf" + ABC.encode())
    assert read_policy(file).policy.hash == read_policy_text(ABC).policy.hash


def test_numbers_and_days_may_stand_where_a_name_is_meant() -> None:
    text = changed(("version: 2026-1", "version: 2026"))
    for old, new in (("A", "1"), ("B", "2"), ("C", "3")):
        text = text.replace(f"    {old}:", f"    {new}:").replace(f"like: {old}", f"like: {new}")
    policy = read_policy_text(text).policy
    assert [item.key for item in policy.classes] == ["1", "2", "3", "provisional"]
    assert policy.version == "2026"


def test_one_and_the_text_one_are_the_same_key_to_people() -> None:
    assert slips(changed(("    B:\n      name: {de: Komfort", "    1: {}\n    '1':\n      name: {de: Komfort")))[0] == (
        "policy_key_twice",
        "classes.best_first.1",
    )


def test_anchors_and_merge_keys_may_be_used() -> None:
    text = changed(
        ("    adviser:\n", "    adviser: &people\n"),
        ("    inside:\n", "    inside:\n      <<: *people\n"),
    )
    assert read_policy_text(text).policy.hash == read_policy_text(ABC).policy.hash


# --- criteria -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("age", "age"),
        ("own_Geburtsdatum", "age"),
        ("customerAge", "age"),
        ("Kundenalter", "age"),
        ("own_altersgruppe", "age"),
        ("Anrede", "sex"),
        ("own_Geschlecht", "sex"),
        ("Staatsangehörigkeit", "origin"),
        ("nationality", "origin"),
        ("own_religion", "belief"),
        ("Familienstand", "family"),
        ("own_children", "family"),
        ("Pflegegrad", "health"),
        ("own_disabled", "health"),
    ],
)
def test_criteria_about_who_someone_is_are_refused(name: str, kind: str) -> None:
    assert refused(name) == kind
    text = changed(("referrals_won: 3", f"{name}: 3"))
    assert [code for code, _ in slips(text)] == [f"policy_refused_{kind}"]


@pytest.mark.parametrize(
    "name",
    [
        *("own_donations", "own_strasse", "own_erledigte_anfragen", "own_international", "own_krankenversicherungen"),
        *("own_coordination", "own_paketpreis", "own_altersvorsorge", "own_average", "own_months_behind"),
    ],
)
def test_harmless_names_are_not_mistaken_for_refused_ones(name: str) -> None:
    assert refused(name) is None


def test_a_share_of_the_book_is_no_criterion() -> None:
    assert slips(changed(("{from: 600, stay: 500}", "{top_share: 20 %}"))) == [
        ("policy_no_cut", "classes.best_first.A.when.any[0].yield"),
        ("policy_relative_cut", "classes.best_first.A.when.any[0].yield.top_share"),
    ]


def test_a_proxy_is_let_through_with_a_warning() -> None:
    assert remarks(changed(("referrals_won: 3", "own_postcode: 3"))) == [
        ("warning", "policy_proxy", "classes.best_first.A.when.any[1].own_postcode")
    ]


@pytest.mark.parametrize(
    "name", ["Unerwünscht", "Störer", "Low-value", "Nervensäge", "Problemkunde", "Zeitdiebe", "Second class", "useless"]
)
def test_labels_that_degrade_are_refused_wherever_a_customer_may_read_them(name: str) -> None:
    assert slips(changed(("{de: Komfort, en: Comfort}", name))) == [("policy_degrading", "classes.best_first.B.name")]
    text = changed(("A: same_day", f"A: {{mode: same_day, wording: Für {name}}}"))
    assert slips(text) == [("policy_degrading", "matrix.callback.A.wording")]


def test_classes_named_only_by_rank_are_fine() -> None:
    assert remarks(changed(("      name: {de: Komfort, en: Comfort}\n", ""))) == []


def test_a_class_in_the_grid_may_have_a_second_way_in() -> None:
    rule = read_policy_text(RITTER).policy.service_class("A").rule
    assert isinstance(rule, AnyOf)
    assert rule.rules[1] == Criterion("referrals_won", 3, 3)


def test_a_grid_in_which_more_yields_a_lower_class_is_refused() -> None:
    text = changed(("- [A, B]\n      - [O, C]", "- [B, A]\n      - [O, C]"), text=RITTER)
    assert slips(text) == [("policy_grid_not_rising", "classes.grid.cells[0]")]


@pytest.mark.parametrize(
    "cells", ["5", "[A, B]", "[[A, B], 5]", "[[A], [B]]", "AB", "{A: B}", "[[A, B], [O, C], [C, C]]"]
)
def test_a_grid_of_another_shape_is_refused_alone(cells: str) -> None:
    text = changed(("    cells:\n      - [A, B]\n      - [O, C]\n", f"    cells: {cells}\n"), text=RITTER)
    assert slips(text) == [("policy_grid_shape", "classes.grid.cells")]


# --- the design ---------------------------------------------------------------------------------------------------


def test_a_class_without_a_floor_service_is_refused() -> None:
    assert slips(changed(("matrix:\n", "matrix:\n  complaints: {C: none}\n"))) == [
        ("design_below_floor", "matrix.complaints.C"),
        ("design_below_floor", "matrix.complaints.provisional"),
    ]


def test_the_floor_is_the_same_for_every_class() -> None:
    text = changed(("matrix:\n", "matrix:\n  complaints: {A: {minutes: 10}}\n"))
    assert slips(text) == [("design_floor_differs", "matrix.complaints")]


def test_an_empty_package_is_refused() -> None:
    text = re.sub(r"(?s)services:\n.*", "services: {}\nmatrix: {}\n", ABC)
    assert {code for code, _ in slips(text)} >= {"design_empty_package", "design_nothing_more"}


def test_a_better_class_must_be_promised_something_the_next_one_lacks() -> None:
    text = re.sub(r"(?m)^    [AB]: .*\n", "", ABC)
    for old, level in (("stay: 120}}", 2), ("referrals_won: 3", 3)):
        text = changed((old, f"{old}\n      like: C\n      level: {level}"), text=text)
    assert [item for item in slips(text) if item[0] == "design_nothing_more"] == [
        ("design_nothing_more", "classes.best_first.A"),
        ("design_nothing_more", "classes.best_first.B"),
    ]


def test_work_promised_without_time_or_role_is_noted() -> None:
    check = "    minutes: 60\n    around: 60\n    role: adviser\n"
    service = ABC.index("  annual_check:", ABC.index("services:"))
    head, tail = ABC[:service], ABC[service:]
    tail = re.sub(r"( *#.*\n)*    minutes: 60\n    around: 60\n", "", tail, count=1)
    assert remarks(head + tail) == [("warning", "design_no_time", "services.annual_check")]
    assert check in ABC
    assert slips(head + ABC[service:].replace("    role: adviser\n", "", 1)) == [
        ("design_no_role", "services.annual_check")
    ]


def test_more_than_four_classes_are_a_warning() -> None:
    extra = "".join(f"    B{cut}:\n      when: {{yield: {cut}}}\n      like: C\n      level: 1\n" for cut in (140, 130))
    found = remarks(changed(("    C:\n      name: {de: Klassik", extra + "    C:\n      name: {de: Klassik")))
    assert ("warning", "design_many_classes", "classes.best_first") in found


def test_a_class_nobody_can_reach_is_refused() -> None:
    text = changed(("when: {yield: {from: 150, stay: 120}}", "when: {yield: 700, contracts: 2}"))
    assert slips(text) == [("design_unreachable", "classes.best_first.B.when")]


def test_staying_with_less_than_the_next_class_asks_for_is_a_warning() -> None:
    assert remarks(changed(("{from: 600, stay: 500}", "{from: 600, stay: 100}"))) == [
        ("warning", "design_stay_below_next", "classes.best_first.A")
    ]


def test_gifts_of_insurance_intermediaries_need_a_legal_check_and_those_of_others_do_not() -> None:
    assert remarks(changed(("    legal: to_check\n", ""))) == []
    found = remarks(changed(("    legal: to_check\n", ""), text=template("client-mandant", "de")))
    assert found == [("warning", "design_gift_to_check", "services.events.legal")]


@pytest.mark.parametrize(
    ("written", "mistake", "said"),
    [
        ("notice_days: 0", "policy_out_of_bounds", "„notice_days“ muss zwischen 1 und 365 liegen."),
        ("notice_days: 366", "policy_out_of_bounds", "„notice_days“ muss zwischen 1 und 365 liegen."),
        ("notice_days: -1", "policy_not_count", "„-1“ ist keine ganze Zahl ab 0."),
        ("every_months: 0", "policy_out_of_bounds", "„every_months“ muss zwischen 1 und 60 liegen."),
        ("every_months: 61", "policy_out_of_bounds", "„every_months“ muss zwischen 1 und 60 liegen."),
        ("every_months: -12", "policy_not_count", "„-12“ ist keine ganze Zahl ab 0."),
    ],
)
def test_notice_and_cadence_of_the_review_have_bounds(written: str, mistake: str, said: str) -> None:
    text = changed(("review: {notice_days: 30, every_months: 12}", f"review: {{{written}}}"))
    assert slips(text) == [(mistake, f"review.{written.split(':', maxsplit=1)[0]}")]
    with pytest.raises(Refused) as caught:
        read_policy_text(text)
    (finding,) = caught.value.findings
    assert say(finding.reason, "de").startswith(said)


def test_a_policy_that_says_nothing_of_reviews_has_a_month_of_notice_and_one_review_a_year() -> None:
    text = changed(("review: {notice_days: 30, every_months: 12}\n", ""))
    assert read_policy_text(text).policy == read_policy_text(ABC).policy
    assert read_policy_text(ABC).policy.review == Review(notice_days=30, every_months=12)


def test_the_profile_decides_over_how_many_years_one_off_money_is_spread() -> None:
    text = changed(("  one_off: {years: 1}\n", ""))
    assert read_policy_text(text).policy.yields.rule("one_off").years == 1
    text = changed(("profile: general", "profile: insurance"), text=text)
    assert read_policy_text(text).policy.yields.rule("one_off").years == 5


def test_taking_vat_out_of_commission_is_a_warning() -> None:
    text = changed(("  one_off: {years: 5}", "  one_off: {years: 5, gross: true}"), text=template("solo", "de"))
    assert remarks(text) == [("warning", "design_commission_taxed", "yields.one_off.gross")]


def test_a_rule_behind_a_wider_one_never_finds_anything() -> None:
    text = changed(("match: [{log: mails}]", "match: [{log: meetings, topic: x}]"))
    assert remarks(text) == [("warning", "design_match_behind", "activities.email.match[0]")]


def test_promised_to_nobody_or_exclusive_to_everybody_is_a_warning() -> None:
    text = changed(("A: {mode: invited, per_year: 2}", "A: none"))
    assert remarks(text) == [("warning", "design_promised_to_nobody", "services.events")]
    text = changed(("    B: none\n    C: none", "    B: {per_year: 1}\n    C: {per_year: 1}"))
    assert remarks(text) == [("warning", "design_exclusive_for_all", "services.events.kind")]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("{mode: guaranteed}", "policy_cell_needs"),
        ("{mode: guaranteed, per_year: 0}", "policy_cell_zero"),
        ("{per_year: 1}", "policy_cell_shape"),
        ("[a]", "policy_cell_shape"),
        ("{mode: guaranteed, per_year: 1, wekdays: [tue]}", "policy_unknown_field"),
        ("{mode: guaranteed, per_year: 1, role: boss}", "policy_unknown_role"),
        ("{mode: guaranteed, per_year: 1, channels: [fax]}", "policy_not_channel"),
    ],
)
def test_a_cell_that_leaves_open_what_is_promised_is_refused(cell: str, code: str) -> None:
    text = changed(("  annual_check:\n    A: {mode: guaranteed, per_year: 1}", f"  annual_check:\n    A: {cell}"))
    assert [found for found, _ in slips(text)] == [code]


def test_a_window_that_ends_before_it_begins_is_refused() -> None:
    text = changed(('from: "14:00", to: "17:00"', 'from: "17:00", to: "14:00"'), text=template("solo", "de"))
    assert slips(text) == [("policy_window_order", "matrix.callback.C.to")]


@pytest.mark.parametrize(("kept", "code"), [("49 %", "policy_kept"), ("100 %", "policy_kept"), ("0 %", "policy_kept")])
def test_a_promise_must_be_kept_more_often_than_not_and_never_always(kept: str, code: str) -> None:
    text = changed(("{utilisation: 85 %}", f"{{utilisation: 85 %, kept: {kept}}}"))
    assert slips(text) == [(code, "capacity.kept")]


def test_promises_are_to_be_kept_in_nineteen_of_twenty_unless_said_otherwise() -> None:
    assert read_policy_text(changed()).policy.kept_permille == 950
    text = changed(("{utilisation: 85 %}", "{utilisation: 85 %, kept: 90 %}"))
    assert read_policy_text(text).policy.kept_permille == 900


RESPONSE = """{utilisation: 85 %}
response:
  source: Strichliste 2025
  stay: 20
  classes: {A: {low: 1 %, mid: 2 %, high: 4 %}, B: {low: 0, mid: 1 %, high: 1 %}}"""


def test_what_is_assumed_of_the_yield_is_read_with_its_source() -> None:
    response = read_policy_text(changed(("{utilisation: 85 %}", RESPONSE))).policy.response
    assert response is not None
    assert (response.source.de, response.stay_cents) == ("Strichliste 2025", 2000)
    assert [(item.class_key, item.low, item.mid, item.high) for item in response.classes] == [
        ("A", 10, 20, 40), ("B", 0, 10, 10),
    ]  # fmt: skip
    assert read_policy_text(changed()).policy.response is None


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("low: 1 %, mid: 2 %", "low: 3 %, mid: 2 %", [("policy_response_order", "response.classes.A")]),
        ("  source: Strichliste 2025\n", "", [("policy_required", "response.source")]),
        (", B: {low: 0, mid: 1 %, high: 1 %}", "", [("policy_required", "response.classes.B")]),
        ("mid: 2 %, ", "", [("policy_required", "response.classes.A.mid")]),
        (
            "B: {low: 0",
            "C: {low: 0",
            [("policy_required", "response.classes.B"), ("policy_response_class", "response.classes.C")],
        ),
        ("low: 1 %", "low: 2", [("policy_not_share", "response.classes.A.low")]),
        ("stay: 20", "stay: -1", [("policy_negative", "response.stay")]),
    ],
)
def test_an_assumption_that_is_incomplete_or_contradicts_itself_is_refused(
    old: str, new: str, found: list[tuple[str, str]]
) -> None:
    text = changed(("{utilisation: 85 %}", RESPONSE.replace(old, new)))
    assert sorted(slips(text)) == sorted(found)
