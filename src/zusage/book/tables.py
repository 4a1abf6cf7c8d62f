"""The tidy tables of a book: the contract between whatever reads files and whatever reckons.

Every reader ends in these tables; every rule starts from them. Money is integer cents, time integer seconds, days are
dates, ids are text. `source` and `line` say from which file and line of the user a row came.
"""

from __future__ import annotations

import narwhals as nw

from zusage.engine import Schema

CUSTOMERS: Schema = {
    "customer_id": nw.String,  # the firm's own number, as text: leading zeros count
    "household_id": nw.String,  # declared link; equals customer_id where there is none
    "name": nw.String,
    "sort_name": nw.String,  # family name before first names, where the list holds both; None: as `name`
    "since": nw.Date,  # customer since
    "consumer": nw.Boolean,  # False: a business; None: not known (treated as a consumer)
    "distance_m": nw.Int64,  # one way, in metres
    "cannot_come": nw.Boolean,  # cannot come to the office: exception to "office only"
    "adviser": nw.String,
    "former": nw.Boolean,  # no longer a customer: left out of classes
    "source": nw.String,
    "line": nw.Int64,
}
PHONES: Schema = {"customer_id": nw.String, "number": nw.String}  # E.164, e.g. +493412345678
ADDRESSES: Schema = {  # where a customer is written to; one row per customer, used by nothing that reckons
    "customer_id": nw.String,
    "salutation": nw.String,  # as written; never a criterion
    "title": nw.String,
    "first_name": nw.String,
    "last_name": nw.String,
    "company": nw.String,
    "street": nw.String,  # with the number of the house
    "addition": nw.String,  # c/o, part of a town, back building
    "postcode": nw.String,  # as text: leading zeros count
    "city": nw.String,
    "country": nw.String,
    "email": nw.String,
}
CONTRACTS: Schema = {
    "contract_id": nw.String,
    "customer_id": nw.String,
    "product_line": nw.String,  # Sparte
    "since": nw.Date,
    "until": nw.Date,  # ended on; None: in force
    "source": nw.String,
    "line": nw.Int64,
}
YIELDS: Schema = {
    "customer_id": nw.String,
    "contract_id": nw.String,
    "booked_on": nw.Date,
    "kind": nw.String,  # recurring, one_off, fee, cancellation, bonus: see YIELD_KINDS
    "amount_cents": nw.Int64,  # as booked; a cancellation is negative
    "source": nw.String,
    "line": nw.Int64,
}
WORK: Schema = {
    "customer_id": nw.String,
    "log": nw.String,  # calls, meetings, mails, times, desk: which log the row comes from
    "done_on": nw.Date,
    "start_second": nw.Int64,  # second of the local day it began; None: not known
    "activity": nw.String,  # key of the policy's activity where the row says so; else matched by the fields below
    "direction": nw.String,  # in, out, missed, rejected
    "place": nw.String,  # office, on_site, online
    "topic": nw.String,  # subject or category as written
    "seconds": nw.Int64,  # measured; None: the activity's standard time counts
    "lines": nw.Int64,  # drivers of a time equation: number of lines, new (1/0), rush (1/0)
    "new": nw.Int64,
    "rush": nw.Int64,
    "source": nw.String,
    "line": nw.Int64,
}
REFERRALS: Schema = {
    "referrer_id": nw.String,
    "referred_id": nw.String,
    "referred_on": nw.Date,
    "won": nw.Boolean,  # the referred person became a customer
    "source": nw.String,
    "line": nw.Int64,
}
CHOICES: Schema = {
    "customer_id": nw.String,
    "state": nw.String,  # offered, declined, chosen
    "class_key": nw.String,
    "chosen_on": nw.Date,
    "evidence": nw.String,  # letter, call, meeting: where it is written down
    "source": nw.String,
    "line": nw.Int64,
}
CONSENTS: Schema = {
    "customer_id": nw.String,
    "channel": nw.String,  # phone, email, message, post
    "purpose": nw.String,  # advertising, service
    "granted_on": nw.Date,
    "withdrawn_on": nw.Date,
    "ground": nw.String,  # consent, existing_customer; unknown: consent
    "wording": nw.String,  # what the customer said yes to
    "proof": nw.String,  # where the paper lies
    "source": nw.String,
    "line": nw.Int64,
}
OVERRIDES: Schema = {
    "customer_id": nw.String,
    "class_key": nw.String,
    "decided_by": nw.String,  # a named person
    "reason": nw.String,
    "until": nw.Date,  # the last day it holds
    "source": nw.String,
    "line": nw.Int64,
}
FIGURES: Schema = {  # the firm's own numeric columns, usable as criteria
    "customer_id": nw.String,
    "key": nw.String,
    "value_milli": nw.Int64,  # thousandths
}
LOGS: Schema = {  # which days each log covers: what lies outside was not observed, not idle
    "log": nw.String,
    "first_on": nw.Date,
    "last_on": nw.Date,
}
UNASSIGNED: Schema = {  # rows that found no customer: shown as a sum, never spread
    "table": nw.String,  # yields or work
    "reason": nw.String,  # unknown_contract, unknown_number, no_number, unknown_customer
    "booked_on": nw.Date,
    "kind": nw.String,
    "amount_cents": nw.Int64,
    "log": nw.String,
    "seconds": nw.Int64,
    "key": nw.String,  # the contract number or customer number that was not found; never a stranger's phone number
    "source": nw.String,
    "line": nw.Int64,
}

SCHEMAS: dict[str, Schema] = {
    "customers": CUSTOMERS,
    "phones": PHONES,
    "addresses": ADDRESSES,
    "contracts": CONTRACTS,
    "yields": YIELDS,
    "work": WORK,
    "referrals": REFERRALS,
    "choices": CHOICES,
    "consents": CONSENTS,
    "overrides": OVERRIDES,
    "figures": FIGURES,
    "logs": LOGS,
    "unassigned": UNASSIGNED,
}

YIELD_KINDS = ("recurring", "one_off", "fee", "cancellation", "bonus")
LOG_KINDS = ("calls", "meetings", "mails", "times", "desk")
DIRECTIONS = ("in", "out", "missed", "rejected")
CHOICE_STATES = ("offered", "declined", "chosen")
