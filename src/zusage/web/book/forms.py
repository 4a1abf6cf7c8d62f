"""What people fill in about a file comes in: whether it counts, what it replaces, what its columns mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms

from zusage.ground.money import DecimalMark
from zusage.web.book.models import ImportFile
from zusage.web.book.queries import replaceable
from zusage.web.bridge.files import FIGURE, LOGS, TABLES, UNITS, fields_of, may_hold, missing_fields, suggested
from zusage.web.office.forms import choose
from zusage.web.speech import on_day, said

MARKS: tuple[DecimalMark, ...] = (",", ".")
_WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
_MANY = ("phone", "")
_PLAIN = ("decimal", "dates", "on", "log", "unit", "header", "sheet")
"""Options of a mapping file that are written into it as they are chosen."""


if TYPE_CHECKING:
    _FileField = forms.ModelChoiceField[ImportFile]
else:
    _FileField = forms.ModelChoiceField


class _OlderFile(_FileField):
    def label_from_instance(self, file: ImportFile) -> str:
        """Its name and the day it came."""
        return said("imports_file_of", name=file.name, day=on_day(file.part_of.created_at))


class ChoiceOfFile(forms.Form):
    """Whether a file counts and which older one it takes the place of."""

    left_out = forms.BooleanField(required=False)

    def __init__(self, file: ImportFile, data: Any = None) -> None:
        super().__init__(data, initial={"left_out": file.left_out, "replaces": file.replaces_id})
        self.fields["left_out"].label = said("imports_leave_out")
        self.fields["replaces"] = _OlderFile(
            replaceable(file),
            required=False,
            label=said("imports_replaces"),
            empty_label=said("imports_replaces_none"),
            help_text=said("imports_replaces_hint"),
        )


class Mapping(forms.Form):
    """What a file is, and the meaning of each of its columns; the fields depend on the table."""

    decimal = forms.ChoiceField(required=False)
    dates = forms.ChoiceField(required=False)
    on = forms.DateField(required=False, widget=forms.DateInput({"type": "date"}))
    log = forms.ChoiceField(required=False)
    unit = forms.ChoiceField(required=False)
    header = forms.IntegerField(required=False, min_value=1, max_value=1000)
    sheet = forms.CharField(required=False, max_length=100)
    derive_customers = forms.BooleanField(required=False)

    def __init__(self, file: ImportFile, table: str, data: Any = None) -> None:
        self.file, self.table = file, table
        self.columns: list[dict[str, Any]] = file.proposal.get("columns", [])
        super().__init__(data, initial=self._begin())
        self._say()
        self._add_columns()
        self._drop_unneeded()

    def _begin(self) -> dict[str, Any]:
        written = self.file.mapping if self.file.mapping.get("table") == self.table else {}
        plain = {key: value for key, value in written.items() if key not in ("table", "columns")}
        return {"sheet": self.file.proposal.get("sheet"), **plain, **self._columns_begin(written.get("columns"))}

    def _columns_begin(self, written: dict[str, str | None] | None) -> dict[str, str]:
        headers = [column["header"] for column in self.columns]
        proposed = {column["header"]: column["field"] for column in self.columns}
        meant = written or (
            proposed if self.table == self.file.proposal.get("table") else suggested(headers, self.table)
        )
        fields = {header: meant.get(header) or "" for header in headers}
        return {
            f"column_{at}": FIGURE if fields[header].startswith(FIGURE) else fields[header]
            for at, header in enumerate(headers)
        }

    def _say(self) -> None:
        same = said("imports_as_found")
        for name in (*_PLAIN, "derive_customers"):
            self.fields[name].label = said(f"imports_map_{name}")
        self.fields["on"].help_text = said("imports_map_on_hint")
        self.fields["derive_customers"].help_text = said("imports_map_derive_hint")
        choose(
            self,
            "decimal",
            [
                ("", same),
                *((mark, said(f"imports_mark_{name}")) for mark, name in zip(MARKS, ("comma", "point"), strict=True)),
            ],
        )
        choose(self, "dates", [("", same), *((order, said(f"imports_order_{order}")) for order in ("dmy", "mdy"))])
        self.fields["header"].help_text = said("imports_map_header_hint")
        units = ((unit, said(f"imports_unit_{unit.replace(':', '')}")) for unit in UNITS)
        choose(self, "unit", [("", same), *units])
        choose(self, "log", [("", same), *((log, said(f"file_{log}")) for log in LOGS)])

    def _add_columns(self) -> None:
        choices = [(name, said(f"imports_field_{name}")) for name in fields_of(self.table)]
        if self.table in ("customers", "figures"):
            choices.append((FIGURE, said("imports_field_figure")))
        for at, column in enumerate(self.columns):
            open_to = [(name, label) for name, label in choices if may_hold(column["header"], name)]
            if open_to:
                both = [("", said("imports_field_none")), *open_to]
                self.fields[f"column_{at}"] = forms.ChoiceField(label=column["header"], choices=both, required=False)

    def _drop_unneeded(self) -> None:
        if not self.file.name.lower().endswith(_WORKBOOKS):
            del self.fields["sheet"]
        if self.table != "work":
            del self.fields["log"], self.fields["unit"]
        if self.table not in ("work", "yields"):
            del self.fields["on"]
            del self.fields["derive_customers"]

    def lines(self) -> Iterator[tuple[dict[str, Any], forms.BoundField | None]]:
        """Each column of the file with the field to fill in; none for a column that is never read."""
        for at, column in enumerate(self.columns):
            name = f"column_{at}"
            yield column, self[name] if name in self.fields else None

    def options(self) -> list[forms.BoundField]:
        """All fields that are no columns."""
        return [self[name] for name in self.fields if not name.startswith("column_")]

    def clean(self) -> dict[str, Any]:
        """Each meaning once, and all that the table needs."""
        meant = list(self._meant().values())
        twice = [name for name, count in Counter(meant).items() if count > 1 and name not in (*_MANY, None)]
        for name in twice:
            self.add_error(None, said("imports_field_twice", field=said(f"imports_field_{name}")))
        given = [name for name in meant if name]
        wide = self.table == "figures" and "customer_id" in given and any(name.startswith(FIGURE) for name in given)
        missing = missing_fields(self.table, given, day_said=bool(self.cleaned_data.get("on")))
        for group in [] if wide else missing:
            named = said("imports_or").join(said(f"imports_field_{name}") for name in group)
            self.add_error(None, said("imports_field_missing", fields=named))
        return self.cleaned_data

    def _meant(self) -> dict[str, str | None]:
        """Of each header the field it holds; None: left out."""
        found: dict[str, str | None] = {}
        for at, column in enumerate(self.columns):
            header, name = column["header"], self.cleaned_data.get(f"column_{at}")
            found[header] = f"{FIGURE}{header}" if name == FIGURE else name or None
        return found

    def mapping(self) -> dict[str, Any]:
        """The entry of a mapping file that says the same."""
        given = {name: self.cleaned_data.get(name) for name in _PLAIN}
        entry = {
            name: value.isoformat() if isinstance(value, date) else value for name, value in given.items() if value
        }
        if self.cleaned_data.get("derive_customers"):
            entry["derive_customers"] = True
        return {"table": self.table, "columns": self._meant(), **entry}


def tables() -> list[tuple[str, str]]:
    """The tables a file can be read into, with their names."""
    return [(table, said(f"file_{table}")) for table in TABLES]
