"""The templates and the example are usable policies: no mistakes, both languages, the usual promises."""

import re
from io import StringIO
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from zusage.ground.words import LANGUAGES, Language
from zusage.policy import TEMPLATES, schema, template
from zusage.policy.document import Policy, Promise, Text
from zusage.policy.labels import DEGRADING
from zusage.policy.read import read_policy, read_policy_text

EXAMPLE = Path(__file__).parents[2] / "examples/broker/policy.yaml"
BOTH = list(product(TEMPLATES, LANGUAGES))
STANDARD = {"client-mandant": "K"}
BEST = {"client-mandant": "M"}


def policy_of(name: str) -> Policy:
    return read_policy_text(template(name, "de")).policy


def cell(policy: Policy, service: str, key: str) -> Promise | None:
    return next((item for item in policy.promises_of(key) if item.service == service), None)


@pytest.mark.parametrize(("name", "language"), BOTH)
def test_a_template_has_neither_mistakes_nor_warnings(name: str, language: Language) -> None:
    read = read_policy_text(template(name, language))
    assert [item for item in read.findings if item.severity != "note"] == []
    assert read.policy.firm.language == language


@pytest.mark.parametrize("name", TEMPLATES)
def test_both_languages_of_a_template_are_the_same_policy_but_for_the_language(name: str) -> None:
    german = template(name, "de").replace("language: de", "language: en")
    assert read_policy_text(german).policy.hash == read_policy_text(template(name, "en")).policy.hash


@pytest.mark.parametrize(("name", "language"), BOTH)
def test_comments_stand_in_one_language_only_and_lines_are_short_enough_to_read(name: str, language: Language) -> None:
    text = template(name, language)
    assert re.findall(r"# (?:de|en|insert):", text) == []
    comments = " ".join(re.findall(r"(?m)^ *# (.*)$", text))
    foreign = {"de": r"\b(the|and|which)\b", "en": r"\b(und|der|die|nicht)\b"}[language]
    assert re.findall(foreign, comments) == []
    assert max(len(row) for row in re.findall(r"(?m)^ *#.*$", text)) <= 125


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_best_and_the_standard_class_get_what_every_firm_starts_from(name: str) -> None:
    policy = policy_of(name)
    best, standard = BEST.get(name, "A"), STANDARD.get(name, "C")

    def modes(service: str) -> tuple[str | None, str | None]:
        found = [cell(policy, service, key) for key in (best, standard)]
        return tuple(item.mode if item else None for item in found)  # type: ignore[return-value]

    assert modes("venue") == ("on_site", "office")
    assert modes("callback") == ("same_day", "windows" if name == "solo" else "next_workday")
    assert modes("occasions") == ("active", "reactive")
    assert modes("annual_check") == ("guaranteed", "on_request")
    assert modes("events") == ("invited", None)
    assert modes("newsletter") == ("print", "email")
    yearly = {service: cell(policy, service, best) for service in ("annual_check", "events", "newsletter")}
    assert {service: found and found.per_year_milli for service, found in yearly.items()} == {
        "annual_check": 1000,
        "events": 2000,
        "newsletter": 4000,
    }


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_standard_package_is_complete_in_itself(name: str) -> None:
    policy = policy_of(name)
    package = policy.promises_of(STANDARD.get(name, "C"))
    services = [policy.service(item.service) for item in package]
    assert all(service.name.de and service.description.de for service in services)
    assert len([service for service in services if service.kind != "floor"]) >= 8
    assert len([item for item in package if item.wording]) >= 8
    assert len([service for service in services if service.kind == "floor"]) == 8


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_has_a_class_for_new_customers_and_a_way_in_for_those_who_refer(name: str) -> None:
    policy = policy_of(name)
    assert [item.key for item in policy.classes if item.provisional] == ["provisional"]
    assert "referrals_won" in {item.metric for item in policy.criteria()}
    assert all(item.stay < item.cut for item in policy.criteria() if item.metric in ("yield", "potential"))


@pytest.mark.parametrize("name", TEMPLATES)
def test_whatever_a_customer_may_read_stands_there_in_both_languages_and_degrades_nobody(name: str) -> None:
    policy = policy_of(name)
    texts: list[Text] = [item.name for item in policy.classes]
    texts += [text for item in policy.services for text in (item.name, item.description)]
    texts += [item.wording for _, promises in policy.promises for item in promises if item.wording]
    assert [text.de for text in texts if DEGRADING.search(text.de + text.en)] == []
    same = {text.de for text in texts if text.de == text.en}
    assert same <= {"Premium", "Premium Plus"}


def test_b_gets_the_service_of_a_but_for_the_development_talk() -> None:
    policy = policy_of("ritter")
    first, second = policy.promises_of("A"), policy.promises_of("B")
    assert [item.service for item in first if item not in second] == ["development"]
    assert [item for item in second if item not in first] == []
    assert policy.service_class("A").level == policy.service_class("B").level
    assert cell(policy, "development", "O") is not None
    assert cell(policy, "development", "C") is None


def test_one_person_does_everything_in_the_template_for_one() -> None:
    policy = policy_of("solo")
    assert {item.role for item in policy.activities} == {"owner"}
    places = policy.service_class("A").places
    assert places is not None
    assert places.count == 60
    bundled = cell(policy, "callback", "C")
    assert bundled is not None
    assert (bundled.weekdays, bundled.from_minute, bundled.to_minute) == (("tue", "thu"), 14 * 60, 17 * 60)


def test_an_unknown_template_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        template("other", "de")


def test_the_example_firm_needs_about_120_euro_an_hour() -> None:
    read = read_policy(EXAMPLE)
    assert read.findings == ()
    policy, day = read.policy, read.policy.valid_from
    assert day is not None
    cents = sum(role.yearly_cost.on(day) for role in policy.roles) + policy.overhead.on(day)
    seconds = sum(role.capacity_seconds() - role.internal_seconds_year() for role in policy.roles)
    assert cents == 214_000_00
    assert cents * 3600 // seconds == 122_20


# --- the schema for editors ---------------------------------------------------------------------------------------


def fits(value: Any, part: dict[str, Any], whole: dict[str, Any]) -> bool:
    """A small JSON Schema check: only the words our schema uses."""
    if "$ref" in part:
        return fits(value, whole["$defs"][part["$ref"].rsplit("/", 1)[1]], whole)
    if "anyOf" in part:
        return any(fits(value, one, whole) for one in part["anyOf"])
    if value not in part.get("enum", [part.get("const", value)]):
        return False
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "number": int | float, "boolean": bool}
    wanted = [part["type"]] if isinstance(part.get("type"), str) else part.get("type", [])
    if wanted and not any(value is None if kind == "null" else isinstance(value, kinds[kind]) for kind in wanted):
        return False
    if isinstance(value, dict):
        return all(fits_entry(key, item, part, whole) for key, item in value.items()) and set(
            part.get("required", ())
        ) <= set(value)
    return not isinstance(value, list) or all(fits(item, part.get("items", {}), whole) for item in value)


def fits_entry(key: str, value: Any, part: dict[str, Any], whole: dict[str, Any]) -> bool:
    if key in part.get("properties", {}):
        return fits(value, part["properties"][key], whole)
    for pattern, one in part.get("patternProperties", {}).items():
        if re.search(pattern, key):
            return fits(value, one, whole)
    rest = part.get("additionalProperties", True)
    return fits(value, rest, whole) if isinstance(rest, dict) else bool(rest)


def plain(text: str) -> Any:
    yaml = YAML(typ="safe")
    yaml.constructor.yaml_constructors["tag:yaml.org,2002:timestamp"] = yaml.constructor.yaml_constructors[
        "tag:yaml.org,2002:str"
    ]  # editors know no dates
    return yaml.load(StringIO(text))


@pytest.mark.parametrize("text", [*(template(name, "de") for name in TEMPLATES), EXAMPLE.read_text("utf-8")])
def test_the_templates_and_the_example_fit_the_schema(text: str) -> None:
    assert fits(plain(text), schema(), schema())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("weekly_hours", "weekly_hors"),
        ("referrals_won: 3", "age: 3"),
        ("cause: asked", "cause: wanted"),
        ("A: same_day", "A: [same_day]"),
        ("A: {mode: invited, per_year: 2}", "A: {mode: invited, per_yaer: 2}"),
        ("stay: 500", "stays: 500"),
    ],
)
def test_the_schema_refuses_slips(old: str, new: str) -> None:
    text = template("abc", "de")
    assert old in text
    assert not fits(plain(text.replace(old, new, 1)), schema(), schema())
