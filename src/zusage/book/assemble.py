"""Typed columns of all files come in; the tidy tables of a book and the control totals of each file come out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import compress
from typing import Any

from zusage.book import headers, tables
from zusage.book.addresses import addresses_of, merge, told_by
from zusage.book.claims import Claim, claim_findings, faults
from zusage.book.joining import AMBIGUOUS, Ids, Join, households, loose_contract, loose_customer, owners
from zusage.book.parse import Typed
from zusage.book.result import FileTotals
from zusage.ground.reasons import Finding, Place, Value, mistake, note, warning
from zusage.ground.words import UNKNOWN

Columns = Mapping[str, Sequence[Any]]
_EXAMPLES = 5


@dataclass
class Assembly:
    """The tables as they grow, and what is known so far to join the next file by."""

    columns: dict[str, dict[str, list[Any]]] = field(
        default_factory=lambda: {table: {name: [] for name in schema} for table, schema in tables.SCHEMAS.items()}
    )
    totals: list[FileTotals] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    customers: Ids = field(default_factory=lambda: Ids({}, loose_customer))
    contracts: Ids = field(default_factory=lambda: Ids({}, loose_contract))
    phones: dict[str, str] = field(default_factory=dict)
    country: str = "DE"  # two letters: of postcodes that do not say theirs
    heads: list[str | None] = field(default_factory=list)  # of each customer: the main customer it belongs to
    covered: list[tuple[str, date, date]] = field(default_factory=list)  # log, first and last day of each file

    def add(self, table: str, size: int, columns: Columns) -> None:
        """Rows for a table; columns that are not given are unknown."""
        for name, target in self.columns[table].items():
            target.extend(columns[name] if name in columns else [None] * size)

    def total(self, typed: Typed, kind: str, unassigned: int = 0, **figures: Any) -> None:
        """The control totals of a file all of whose lines are now accounted for."""
        source, skipped = typed.source, {key: count for key, count in typed.skipped.items() if count}
        self.totals.append(
            FileTotals(
                file=typed.file,
                kind=kind,
                recognised_as=source.by,
                rows=len(typed.lines) + typed.rejected,
                assigned=len(typed.lines) - unassigned,
                unassigned=unassigned,
                rejected=typed.rejected,
                skipped=sum(skipped.values()),
                skipped_kinds=skipped,
                sha256=source.sha256,
                **figures,
            )
        )


def add_customers(assembly: Assembly, files: Sequence[Typed], deriving: Sequence[Typed]) -> None:
    """The customers of all lists, with households, phones and figures; `deriving` files add the ids seen in them."""
    for typed in files:
        _add_customer_list(assembly, typed)
    customers = assembly.columns["customers"]
    assembly.findings += _duplicates(customers)
    known = dict.fromkeys(customers["customer_id"])
    for typed in deriving:
        _derive(assembly, typed, known)
    found, strangers = households(customers["customer_id"], customers["household_id"], assembly.heads)
    customers["household_id"] = found
    if strangers:
        assembly.findings.append(warning("book_household_heads_unknown", Place(), **_examples(strangers)))
    assembly.customers = Ids({customer: customer for customer in known}, loose_customer)
    phones = assembly.columns["phones"]
    household = dict(zip(customers["customer_id"], found, strict=True))
    assembly.phones = owners(zip(phones["customer_id"], phones["number"], strict=True), household)
    _tell_shared_phones(assembly)


def _tell_shared_phones(assembly: Assembly) -> None:
    shared = {number for number, owner in assembly.phones.items() if owner == AMBIGUOUS}
    phones = zip(assembly.columns["phones"]["customer_id"], assembly.columns["phones"]["number"], strict=True)
    if shared:
        customers = _examples(customer for customer, number in phones if number in shared)["examples"]
        found = note("book_phones_shared", Place(), id_count=len(shared), examples=customers)
        assembly.findings.append(found)


def _add_customer_list(assembly: Assembly, typed: Typed) -> None:
    size, ids = len(typed.lines), typed.column("customer_id")
    assembly.heads += typed.column("household_head")
    assembly.add(
        "customers",
        size,
        {
            "customer_id": ids,
            "household_id": typed.column("household_id"),
            "name": _names(typed),
            "sort_name": _sort_names(typed),
            "since": typed.column("since"),
            "consumer": _flag_or_opposite(typed, "consumer", "business"),
            "distance_m": typed.column("distance"),
            "cannot_come": typed.column("cannot_come"),
            "adviser": typed.column("adviser"),
            "former": _flag_or_opposite(typed, "former", "active"),
            **_origin(typed),
        },
    )
    pairs = [
        (owner, number) for owner, numbers in zip(ids, typed.column("phone"), strict=True) for number in numbers or ()
    ]
    columns = {"customer_id": [owner for owner, _ in pairs], "number": [number for _, number in pairs]}
    assembly.add("phones", len(pairs), columns)
    _add_addresses(assembly, typed, ids)
    _add_wide_figures(assembly, typed, ids)
    assembly.total(typed, "customers")


def add_addresses(assembly: Assembly, typed: Typed) -> None:
    """A list of addresses alone: what it says takes the place of what an earlier list said of the same customer."""
    ids = _customers(assembly, typed, "customer_id")
    _add_addresses(assembly, typed, ids)
    assembly.total(typed, "addresses", _strangers(assembly, typed, "customer_id", ids))


def _add_addresses(assembly: Assembly, typed: Typed, ids: Sequence[str | None]) -> None:
    rows, padded = addresses_of(typed, ids, assembly.country)
    merge(assembly.columns["addresses"], rows, told_by(typed))
    if padded:
        assembly.findings.append(note("book_postcodes_padded", Place(typed.file), line_count=padded))


def _origin(typed: Typed) -> dict[str, list[Any]]:
    return {"source": [typed.file] * len(typed.lines), "line": typed.lines}


def _names(typed: Typed) -> list[str | None]:
    parts = [typed.column(name) for name in ("name", "company", "first_name", "last_name")]
    return [
        name or company or " ".join(filter(None, person)) or None for name, company, *person in zip(*parts, strict=True)
    ]


def _sort_names(typed: Typed) -> list[str | None]:
    """Family name before first names; unknown where the name is not made of both."""
    parts = [typed.column(name) for name in ("name", "company", "first_name", "last_name")]
    return [
        f"{last}, {first}" if first and last and not (name or company) else None
        for name, company, first, last in zip(*parts, strict=True)
    ]


def _flag_or_opposite(typed: Typed, name: str, opposite: str) -> list[bool | None]:
    pairs = zip(typed.column(name), typed.column(opposite), strict=True)
    return [value if value is not None else (None if other is None else not other) for value, other in pairs]


def _duplicates(customers: Mapping[str, list[Any]]) -> list[Finding]:
    """Every customer number that stands in more than one line, with its lines; at most twenty are named."""
    ids = customers["customer_id"]
    twice = [customer for customer, count in Counter(ids).items() if count > 1]
    found = []
    for customer in twice[:20]:
        rows = [row for row, other in enumerate(ids) if other == customer]
        lines = ", ".join(f"{customers['source'][row]}:{customers['line'][row]}" for row in rows[:_EXAMPLES])
        where = Place(customers["source"][rows[1]], customers["line"][rows[1]])
        found.append(mistake("book_customer_twice", where, customer=customer, lines=lines))
    if len(twice) > 20:
        found.append(mistake("book_customers_twice_more", Place(), more_count=len(twice) - 20))
    return found


def _derive(assembly: Assembly, typed: Typed, known: dict[str, None]) -> None:
    """Each customer number of a file that no list has becomes a customer, with the first line it stands in."""
    listed = Ids({customer: customer for customer in known}, loose_customer).join(typed.column("customer_id"))
    first: dict[str, int] = {}
    for customer, line in zip(typed.column("customer_id"), typed.lines, strict=True):
        if customer and listed.found[customer] is None:
            first.setdefault(customer, line)
    known.update(dict.fromkeys(first))
    size = len(first)
    assembly.heads += [None] * size
    origin: Columns = {"source": [typed.file] * size, "line": list(first.values())}
    assembly.add("customers", size, {"customer_id": list(first), **origin})
    assembly.findings.append(note("book_customers_derived", Place(typed.file), customer_count=size))


def _add_wide_figures(assembly: Assembly, typed: Typed, ids: Sequence[str | None]) -> None:
    for name in typed.values:
        if name.startswith(headers.FIGURE):
            pairs = [
                (owner, value)
                for owner, value in zip(ids, typed.values[name], strict=True)
                if owner and value is not None
            ]
            columns: Columns = {
                "customer_id": [owner for owner, _ in pairs],
                "key": [name.removeprefix(headers.FIGURE)] * len(pairs),
                "value_milli": [value for _, value in pairs],
            }
            assembly.add("figures", len(pairs), columns)


# --- everything that belongs to a customer


def add_contracts(assembly: Assembly, files: Sequence[Typed]) -> None:
    """The contracts of all lists; afterwards commission lines find their customer by the contract number."""
    for typed in files:
        names = ("contract_id", "product_line", "since", "until")
        _add_owned(assembly, typed, "contracts", {name: typed.column(name) for name in names})
    contracts = assembly.columns["contracts"]
    known: dict[str, str] = {}
    shared: dict[str, None] = {}
    for contract, customer in zip(contracts["contract_id"], contracts["customer_id"], strict=True):
        if known.setdefault(contract, customer) != customer:
            shared[contract] = None
    known.update(dict.fromkeys(shared, AMBIGUOUS))
    if shared:
        assembly.findings.append(warning("book_contracts_shared", Place(), **_examples(list(shared))))
    assembly.contracts = Ids(known, loose_contract)


def add_choices(assembly: Assembly, typed: Typed) -> None:
    """Choices, consents, overrides: rows of one customer each, with the table's own columns."""
    table = typed.source.table
    own = [name for name in tables.SCHEMAS[table] if name not in ("customer_id", "source", "line")]
    columns = {name: typed.column(name) for name in own}
    if table == "consents":  # a list that names no purpose is one of advertising: only there a consent is asked for
        columns["purpose"] = [purpose or "advertising" for purpose in columns["purpose"]]
    _add_owned(assembly, typed, table, columns)


def add_figures(assembly: Assembly, typed: Typed) -> None:
    """The firm's own figures, as key and value or as columns that a mapping calls `figure.…`."""
    if "key" in typed.values:
        _add_owned(assembly, typed, "figures", {"key": typed.column("key"), "value_milli": typed.column("value")})
        return
    ids = _customers(assembly, typed, "customer_id")
    _add_wide_figures(assembly, typed, ids)
    assembly.total(typed, "figures", _strangers(assembly, typed, "customer_id", ids))


def add_referrals(assembly: Assembly, typed: Typed) -> None:
    """Referrals; the referrer must be a customer, the referred person need not be one (yet)."""
    referred = assembly.customers.join(typed.column("referred_id"))
    named = [referred.found.get(text) or text or None for text in typed.column("referred_id")]
    columns = {"referred_id": named, "referred_on": typed.column("referred_on"), "won": typed.column("won")}
    _add_owned(assembly, typed, "referrals", columns, "referrer_id")


def drop_claims(assembly: Assembly) -> None:
    """Referrals that cannot count go, each with a word: of oneself, of somebody whom another brought, in a circle."""
    rows = assembly.columns["referrals"]
    columns = (rows["referrer_id"], rows["referred_id"], rows["referred_on"], rows["won"])
    claims = [Claim(by, other, on, lost=won is False) for by, other, on, won in zip(*columns, strict=True)]
    found = faults(claims)
    places = [Place(file, line) for file, line in zip(rows["source"], rows["line"], strict=True)]
    assembly.findings += claim_findings(found, claims, places)
    for name, column in rows.items():
        rows[name] = [value for place, value in enumerate(column) if place not in found]


def _add_owned(assembly: Assembly, typed: Typed, table: str, columns: Columns, owner: str = "customer_id") -> None:
    """Rows whose customer is known; the others are counted and named."""
    ids = _customers(assembly, typed, owner)
    mask = [bool(customer) for customer in ids]
    whole: Columns = {owner: ids, **columns, **_origin(typed)}
    kept = {name: list(compress(column, mask)) for name, column in whole.items() if name in tables.SCHEMAS[table]}
    assembly.add(table, sum(mask), kept)
    assembly.total(typed, table, _strangers(assembly, typed, owner, ids))


def _customers(assembly: Assembly, typed: Typed, name: str) -> list[str | None]:
    """The customers of a column, or none; ids found only without their zeros are told of."""
    written = typed.column(name)
    join = assembly.customers.join(written)
    _tell_loosened(assembly, typed, join, "book_ids_without_zeros")
    return [join.found.get(text) if text else None for text in written]


def _tell_loosened(assembly: Assembly, typed: Typed, join: Join, code: str) -> None:
    if join.loosened:
        written, taken = next(iter(join.loosened.items()))
        values: dict[str, Value] = {"id_count": len(join.loosened), "written": written, "taken": taken}
        assembly.findings.append(note(code, Place(typed.file), **values))


def _strangers(assembly: Assembly, typed: Typed, name: str, ids: Sequence[str | None]) -> int:
    unknown = [text for text, customer in zip(typed.column(name), ids, strict=True) if not customer]
    if unknown:
        values = {"line_count": len(unknown), **_examples(unknown)}
        assembly.findings.append(warning("book_customers_unknown", Place(typed.file), **values))
    return len(unknown)


def _examples(ids: Iterable[Any]) -> dict[str, Any]:
    unique = list(dict.fromkeys(str(entry) for entry in ids))
    shown = ", ".join(unique[:_EXAMPLES]) + (", …" if len(unique) > _EXAMPLES else "")
    return {"id_count": len(unique), "examples": shown}


# --- yields


def add_yields(assembly: Assembly, typed: Typed) -> None:
    """Commission and fee lines; the customer's number decides, else the contract's; other lines stay in sight."""
    amounts = typed.column("amount")
    owners = owners_of_lines(assembly, typed)
    columns: Columns = {
        "contract_id": owners.contracts,
        "booked_on": typed.column("booked_on"),
        "kind": _kinds(typed, amounts),
        "amount_cents": amounts,
    }
    add_split(assembly, typed, "yields", columns, owners)
    lost_cents = sum(amounts[row] for row in owners.lost)
    if owners.lost:
        examples = _examples(filter(None, owners.keys))["examples"] or UNKNOWN
        values: dict[str, Value] = {"line_count": len(owners.lost), "sum_cents": lost_cents, "examples": examples}
        assembly.findings.append(warning("book_yields_unassigned", Place(typed.file), **values))
    _tell_days(assembly, typed, amounts)
    cents = {"sum_cents": typed.sum_cents, "assigned_cents": sum(amounts) - lost_cents, "unassigned_cents": lost_cents}
    assembly.total(typed, "yields", len(owners.lost), **cents, **span(typed.column("booked_on")))


def _kinds(typed: Typed, amounts: Sequence[int]) -> list[str]:
    plain = ["cancellation" if amount < 0 else "recurring" for amount in amounts]
    return [kind or other for kind, other in zip(typed.column("kind"), plain, strict=True)]


@dataclass
class Owners:
    """Whose the lines of a file are; for the lines that are nobody's (`lost`), why, and the number not found."""

    customers: list[str | None]
    contracts: list[str | None]  # as the contract list writes them
    lost: list[int]
    reasons: list[str]
    keys: list[str | None]


def owners_of_lines(assembly: Assembly, typed: Typed) -> Owners:
    """By the customer's number where there is one, else by the contract's."""
    written, ids = typed.column("contract_id"), typed.column("customer_id")
    join = assembly.contracts.join(written)
    _tell_loosened(assembly, typed, join, "book_contracts_loosely")
    customers = [join.found.get(contract) or None for contract in written]
    if "customer_id" in typed.values:
        customers = [
            own or other for own, other in zip(_customers(assembly, typed, "customer_id"), customers, strict=True)
        ]
    lost = [row for row, customer in enumerate(customers) if not customer]
    contracts = [join.loosened.get(contract, contract) or None for contract in written] if join.loosened else written
    reasons = [_why(ids[row], written[row], "contract_id" in typed.values) for row in lost]
    return Owners(customers, contracts, lost, reasons, [written[row] or ids[row] or None for row in lost])


def _why(customer: str | None, contract: str | None, has_contracts: bool) -> str:
    if contract or (has_contracts and not customer):
        return "unknown_contract"
    return "unknown_customer"


def add_split(assembly: Assembly, typed: Typed, table: str, columns: Columns, owners: Owners) -> None:
    """Rows with a customer go to their table, the others to the unassigned."""
    whole: Columns = {"customer_id": owners.customers, **columns, **_origin(typed)}
    size = len(owners.customers)
    if not owners.lost:
        assembly.add(table, size, whole)
        return
    mask = [customer is not None for customer in owners.customers]
    kept = {name: list(compress(column, mask)) for name, column in whole.items()}
    assembly.add(table, size - len(owners.lost), kept)
    left = {name: [column[row] for row in owners.lost] for name, column in whole.items()}
    left["booked_on"] = left.get("booked_on") or left["done_on"]
    more: Columns = {"table": [table] * len(owners.lost), "reason": owners.reasons, "key": owners.keys}
    assembly.add("unassigned", len(owners.lost), {**left, **more})


def _tell_days(assembly: Assembly, typed: Typed, amounts: Sequence[int]) -> None:
    """Amounts without a day count towards no month: say how many and how much."""
    dayless = [amount for amount, day in zip(amounts, typed.column("booked_on"), strict=True) if day is None]
    if dayless:
        values: dict[str, Value] = {"line_count": len(dayless), "sum_cents": sum(dayless), "file": typed.file}
        assembly.findings.append(warning("book_lines_without_day", Place(typed.file), **values))


def span(days: Iterable[date | None]) -> dict[str, date | None]:
    """The first and the last day of a column."""
    known = {day for day in days if day is not None}
    return {"first_on": min(known, default=None), "last_on": max(known, default=None)}
