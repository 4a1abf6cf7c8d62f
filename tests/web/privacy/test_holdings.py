"""Nothing the office holds of customers can be forgotten: every table stands in the list that privacy goes by."""

from __future__ import annotations

from typing import Any

from django.apps import apps

from zusage.web.privacy.queries import BY_UNIT, HOLDINGS, LISTS, NOTHING_OF_CUSTOMERS


def test_every_table_says_whether_it_holds_something_of_customers() -> None:
    listed = [*(item.name for item in HOLDINGS), *BY_UNIT, *LISTS, *NOTHING_OF_CUSTOMERS]
    assert sorted(listed) == sorted(item.__name__ for item in apps.get_app_config("zusage").get_models())


def test_what_is_listed_of_a_table_is_there() -> None:
    for item in HOLDINGS:
        known = {field.name for field in item.model._meta.get_fields()}
        named = {*item.by, *item.empty, *filter(None, (item.lists, item.shown_of))}
        assert named - known == set(), item.name
        source: Any = item.model._meta.get_field(item.shown_of).related_model if item.shown_of else item.model
        assert [name for name in (*item.shown, item.since) if name and not hasattr(source, name)] == [], item.name
