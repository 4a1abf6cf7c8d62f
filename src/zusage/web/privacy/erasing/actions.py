"""A decision to erase a customer comes in; only what a law keeps names them afterwards, and every sum is as before."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from auditlog.context import disable_auditlog
from auditlog.models import LogEntry
from django.apps import apps
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from zusage.ground.reasons import Refused, finding_as_json, note
from zusage.web.book.models import Consent, Erased, TidyRow
from zusage.web.book.queries import aliases, digest_of, erased_name
from zusage.web.bridge.reckoning import drop_tables
from zusage.web.calendar.models import Touchpoint
from zusage.web.charter.letters.models import LetterWeek, WaveLetter
from zusage.web.charter.outbox.models import AlsoFor, Message
from zusage.web.customers.actions import count_flip
from zusage.web.customers.consent.actions import keep_listed
from zusage.web.customers.models import Customer, Membership, Run
from zusage.web.desk.models import Event
from zusage.web.office.backup import JOURNAL, backups_folder
from zusage.web.office.lists import Lists
from zusage.web.office.models import Firm, User
from zusage.web.privacy.erasing.queries import WAITING, hindrances_of, is_kept, letters_besides, preview_of, traces_of
from zusage.web.privacy.queries import BY_UNIT, HOLDINGS, LISTS, Holding, unneeded
from zusage.web.review.models import Proposal
from zusage.web.review.queries import folder_of

NAMES = ("name",)
"""Fields in which the name of an erased customer is replaced, not emptied."""
GONE = note("mailing_out_gone")
"""Why a letter to others of the household does not leave any more."""


def erase(*, customer: Customer, reason: str, by: User | None, now: datetime) -> Erased:
    """Erase a customer, at once and wholly or not at all.

    Raises Refused with all that stands in the way.
    """
    today = timezone.localdate(now)
    with transaction.atomic():
        _hold(customer.number)
        if hindrances := tuple(hindrances_of(customer, today)):
            raise Refused(hindrances)
        kept = [
            {"name": line.name, "rows": line.rows, "law": line.law,
             "until": line.until.isoformat() if line.until else None}
            for line in preview_of(customer, today).lines
            if line.fate == "kept"
        ]  # fmt: skip
        made = _erase(customer, kept, reason=reason, by=by, today=today, now=now)
        transaction.on_commit(partial(_note_in_journal, made))
    return made


def _hold(number: str) -> None:
    """From here on one erases after the other, and no sender claims a message of the customer: one that had done so
    before is seen as under way, and hinders; one that comes later finds nothing to claim."""
    Firm.objects.select_for_update().get(pk=1)
    list(Message.objects.select_for_update(of=("self",)).filter(number=number).order_by("pk").values_list("pk"))


def replay(*, now: datetime) -> int:
    """Erase again whom a restored backup brought back; answers how many these were."""
    journal = {line["digest"]: line for line in read_journal()}
    known = set(Erased.objects.values_list("digest", flat=True))
    missing = {key: line for key, line in journal.items() if key not in known}
    if not missing:
        return 0
    back = {digest_of(item.number): item for item in Customer.objects.filter(run__published=True)}
    with transaction.atomic():
        for key, line in missing.items():
            if key in back:
                _hold(back[key].number)
            day = date.fromisoformat(line["on"])
            if key in back:
                _erase(back[key], [], reason=line["reason"], by=None, today=day, now=now, alias=line["alias"])
            else:
                Erased.objects.create(digest=key, alias=line["alias"], erased_on=day, reason=line["reason"])
    return len(set(missing) & set(back))


def _erase(
    customer: Customer, kept: list[dict[str, Any]], *, reason: str, by: User | None, today: date, now: datetime,
    alias: str = "",
) -> Erased:  # fmt: skip
    number, traces, name = customer.number, traces_of(customer), erased_name()
    with disable_auditlog():  # it would keep what goes
        keep_listed(number=number, by=by, now=now)  # what lists say goes with them; its proof stays in the office
        Consent.objects.filter(customer_id=number).delete()
        alias = alias or _next_alias()
        scrub = _scrubber(number, traces, alias, name)
        said = scrub(re.sub(rf"(?<!\w){re.escape(number)}(?!\w)", alias, reason))  # it stays for good
        made = Erased.objects.create(
            digest=digest_of(number), alias=alias, erased_on=today, reason=said, by=by, kept=kept
        )
        gone = list(_rows_away(number, made.alias, name, today))
        _out_of_letters(number, made.alias, scrub, today)
        _units_away(number, made.alias, scrub)
        _nothing_owed(made.alias, name, today)
        _out_of_lists(number, scrub)
    _out_of_log(gone, number, scrub)
    LogEntry.objects.log_create(made, force_log=True, action=LogEntry.Action.DELETE, actor=by, changes={},
                                additional_data={"erased": made.alias})  # fmt: skip
    for run in Run.objects.all():
        transaction.on_commit(partial(drop_tables, folder_of(run)))
    transaction.on_commit(count_flip)
    return made


def _next_alias() -> str:
    """One that nobody had, also not somebody whose row is gone: rows of figures stand under it for good."""
    had = [*Erased.objects.values_list("alias", flat=True), *(line["alias"] for line in read_journal())]
    return f"erased-{max((int(alias.removeprefix('erased-')) for alias in had), default=0) + 1}"


# --- rows


def _rows_away(number: str, alias: str, name: str, today: date) -> Iterator[tuple[str, list[Any]]]:
    """Each table with the keys of the rows that were changed or went."""
    for item in HOLDINGS:
        if item.name == "AlsoFor":
            continue  # `_out_of_letters`
        rows = list(item.rows([number]))
        changed = [row for row in rows if not is_kept(item, row, today)]
        keys = [row.pk for row in changed]
        if not keys:
            continue
        yield item.name, keys
        found = item.model._default_manager.filter(pk__in=keys)
        if item.fate != "anonymised":
            _rows_go(item, keys)
            continue
        if item.name == "Request":
            Event.objects.filter(request__in=keys).update(text="")
        for field in item.by:
            found.filter(**{field: number}).update(**{field: alias})
        found.update(**{field: _emptied(item, field, alias, name) for field in item.empty})


def _rows_go(item: Holding, keys: Sequence[Any]) -> None:
    """Rows of a table that nothing keeps; messages and letters with their papers."""
    if item.name == "Message":
        letters, rows = WaveLetter.objects.filter(message__in=keys), Message.objects.filter(pk__in=keys)
        ids = [*letters.values_list("pk", flat=True)]
        _papers_away(letters.exclude(message__state__in=WAITING))
        transaction.on_commit(partial(_files_away, [*rows.values_list("attachment", flat=True)]))
        _unwritten(rows.filter(state__in=WAITING))
        WaveLetter.objects.filter(pk__in=ids).delete()
    elif item.name == "WaveLetter":
        _papers_away(WaveLetter.objects.filter(pk__in=keys))
    item.model._default_manager.filter(pk__in=keys).delete()


def _emptied(item: Holding, field: str, alias: str, name: str) -> str | None:
    """What stands in an emptied field: the name of nobody, or nothing."""
    if field in NAMES:
        return name
    if field in ("sort_key", "search_key"):
        return f"{name} {alias}".casefold()
    column: Any = item.model._meta.get_field(field)
    return None if column.null else ""


def _out_of_letters(number: str, alias: str, scrub: Callable[[Any], Any], today: date) -> None:
    """Letters to others of the household that are for the customer as well: what has not left does not leave, for it
    names them, and its papers go. What left is kept as it is while a law keeps letters (`is_kept`); after that it loses
    the name, and the paper that says it. By the alias alone they are found from now on."""
    (holding,) = (item for item in HOLDINGS if item.name == "AlsoFor")
    # held from here on: one that a sender claims in this moment either left before or is not there any more
    held = AlsoFor.objects.select_for_update(of=("message",)).select_related("message")
    named = list(held.filter(number=number))
    _unwritten(Message.objects.filter(pk__in=[row.message_id for row in named if row.message.state in WAITING]))
    for row in named:
        Message.objects.filter(pk=row.message_id, why__isnull=False).update(why=scrub(row.message.why))
        if row.message.state not in WAITING and not is_kept(holding, row, today):
            _without_name(row.message, scrub)
    for letter in letters_besides(number):
        WaveLetter.objects.filter(pk=letter.pk).update(said=scrub(letter.said))
    _papers_away(letters_besides(number))
    AlsoFor.objects.filter(number=number).update(number=alias)
    for letter in WaveLetter.objects.filter(Lists("numbers", [number])).exclude(number=number):
        listed = [alias if item == number else item for item in letter.numbers]
        WaveLetter.objects.filter(pk=letter.pk).update(numbers=listed, why=scrub(letter.why))


def _without_name(message: Message, scrub: Callable[[Any], Any]) -> None:
    """A letter to somebody else that no law keeps any more says what it said without the customer's name."""
    letters = WaveLetter.objects.filter(message=message)
    for letter in letters:
        letters.filter(pk=letter.pk).update(said=scrub(letter.said))
    _papers_away(letters)
    texts = {"subject": scrub(message.subject), "text": scrub(message.text)}
    Message.objects.filter(pk=message.pk).update(attachment="", **texts)
    transaction.on_commit(partial(_files_away, [message.attachment]))


def _papers_away(letters: models.QuerySet[WaveLetter]) -> None:
    """The papers of letters go, and what is printed of their weeks, in which they are too."""
    weeks = LetterWeek.objects.filter(pk__in=[item.week_id for item in letters]).exclude(printed="")
    papers = [*letters.values_list("paper", flat=True), *weeks.values_list("printed", flat=True)]
    weeks.update(printed="")
    letters.update(paper="")
    transaction.on_commit(partial(_files_away, [f"files/{name}" for name in papers if name]))


def _unwritten(found: models.QuerySet[Message]) -> None:
    """Messages that never left go with their papers; what is printed of their week is set anew without them."""
    letters = WaveLetter.objects.filter(message__in=found)
    weeks = LetterWeek.objects.filter(pk__in=[item.week_id for item in letters])
    papers = [*found.values_list("attachment", flat=True)]
    papers += [f"files/{name}" for name in weeks.exclude(printed="").values_list("printed", flat=True)]
    weeks.update(printed="", made_at=None)
    letters.update(state="stopped", why=finding_as_json(GONE), said=None, paper="")
    found.delete()
    transaction.on_commit(partial(_files_away, papers))


def _files_away(names: Iterable[str]) -> None:
    for path in unneeded(names):
        path.unlink(missing_ok=True)


def _units_away(number: str, alias: str, scrub: Callable[[Any], Any]) -> None:
    """Whatever belongs to a household of the customer's number belongs to the alias; names within are replaced."""
    for model in apps.get_app_config("zusage").get_models():
        if any(field.name == "unit_id" for field in model._meta.concrete_fields):
            found = model._default_manager.filter(unit_id=number)
            if model.__name__ in BY_UNIT:
                _scrub_rows(found, scrub)
            found.update(unit_id=alias)
    units = Customer.objects.filter(number=alias).values("unit_id")
    for name in BY_UNIT:
        model = apps.get_model("zusage", name)
        _scrub_rows(model._default_manager.filter(unit_id__in=units), scrub)


def _nothing_owed(alias: str, name: str, today: date) -> None:
    """What was to be delivered unasked to a household that holds nobody else is gone, and nobody decides about its
    class any more; others of it get both as before."""
    Membership.objects.filter(number=alias, effective_on__gt=today).delete()  # nobody can be told of it beforehand
    unit_ids = Customer.objects.filter(run__published=True, number=alias).values("unit_id")
    still_open = Touchpoint.objects.filter(unit_id__in=unit_ids, state="open")
    proposed = Proposal.objects.filter(unit_id__in=unit_ids, state="open")
    others = Customer.objects.filter(run__published=True, former=False, unit_id__in=unit_ids)
    heir = others.exclude(number__in=aliases()).order_by("number").first()
    if heir is None:
        still_open.update(state="gone")
        proposed.update(state="overtaken", version=F("version") + 1)
    else:
        still_open.filter(number=alias).update(number=heir.number, name=heir.name)
        proposed.filter(name=name).update(name=heir.name, sort_key=heir.sort_key)


def _out_of_lists(number: str, scrub: Callable[[Any], Any]) -> None:
    """Lists, findings and tidy rows that name the customer."""
    named = models.Q()
    for column in ("customer_id", "household_id", "key"):
        named |= models.Q(**{f"row__{column}": number})
    for name in LISTS:
        model = apps.get_model("zusage", name)
        found: models.QuerySet[Any] = model._default_manager.all()
        _scrub_rows(found.filter(named) if model is TidyRow else found, scrub)


def _scrub_rows(found: models.QuerySet[Any], scrub: Callable[[Any], Any]) -> None:
    fields = [
        field.name
        for field in found.model._meta.concrete_fields
        if isinstance(field, models.JSONField | models.TextField | models.CharField) and field.name != "unit_id"
    ]
    for row in found.iterator(500):
        before = {name: getattr(row, name) for name in fields}
        after = {name: scrub(value) for name, value in before.items()}
        changed = {name: value for name, value in after.items() if value != before[name]}
        if changed:
            found.model._default_manager.filter(pk=row.pk).update(**changed)


def _out_of_log(gone: Iterable[tuple[str, list[Any]]], number: str, scrub: Callable[[Any], Any]) -> None:
    """The log of changes still says that something was changed, when and by whom; not what of whom."""
    for name, keys in gone:
        found = LogEntry.objects.filter(content_type__app_label="zusage", content_type__model=name.lower())
        for start in range(0, len(keys), 500):
            found.filter(object_pk__in=[str(key) for key in keys[start : start + 500]]).update(
                changes={}, changes_text="", object_repr="", serialized_data=None, additional_data=None
            )
    for entry in LogEntry.objects.exclude(object_repr="").iterator(500):
        before = {name: getattr(entry, name) for name in ("object_repr", "changes", "additional_data")}
        after = {name: scrub(value) for name, value in before.items()}
        if after != before:
            LogEntry.objects.filter(pk=entry.pk).update(**after)


# --- texts


def _scrubber(number: str, traces: Iterable[str], alias: str, name: str) -> Callable[[Any], Any]:
    """Replaces the number, where a text or an item of its list is nothing else, by the alias; and every trace of the
    person by the name of nobody. Numbers within other words may mean anything and stay."""
    people = re.compile("|".join(re.escape(text) for text in traces), re.IGNORECASE) if traces else None

    def text(value: str) -> str:
        found = ", ".join(alias if item == number else item for item in value.split(", "))
        return people.sub(name, found) if people else found

    def scrub(value: Any) -> Any:
        if isinstance(value, str):
            return text(value)
        if isinstance(value, Mapping):
            return {scrub(key): scrub(item) for key, item in value.items()}
        if isinstance(value, list):
            return [scrub(item) for item in value]
        return value

    return scrub


# --- what a law kept


def let_go_kept(today: date) -> int:
    """What a law kept of the erased goes on the day after its last, whatever the firm's rules say; answers how many
    rows. Their numbers stand in these rows alone: they are known by their digest."""
    digests = set(Erased.objects.values_list("digest", flat=True))
    gone = 0
    for item in HOLDINGS if digests else ():
        if item.fate != "kept" or item.name == "AlsoFor":
            continue
        named = item.model._default_manager.order_by().values_list(item.by[0], flat=True).distinct()
        numbers = [number for number in named if number and digest_of(number) in digests]
        over = [row.pk for row in item.rows(numbers) if not is_kept(item, row, today)]
        if over:
            with transaction.atomic(), disable_auditlog():
                _rows_go(item, over)
        gone += len(over)
    return gone + (_besides_over(today) if digests else 0)


def _besides_over(today: date) -> int:
    """Letters to others that named an erased customer lose their words and papers: the name is known no more by which
    to find it in them."""
    (holding,) = (item for item in HOLDINGS if item.name == "AlsoFor")
    others = AlsoFor.objects.filter(number__in=aliases()).exclude(message__text="", message__attachment="")
    over = [row.message for row in others.select_related("message") if not is_kept(holding, row, today)]
    alone = [item for alias in aliases() for item in letters_besides(alias["alias"])]
    with transaction.atomic():
        for message in over:
            _without_name(message, _nothing)
        for letter in alone:
            WaveLetter.objects.filter(pk=letter.pk).update(said=None)
            _papers_away(WaveLetter.objects.filter(pk=letter.pk))
    return len(over) + len(alone)


def _nothing(value: Any) -> Any:
    return "" if isinstance(value, str) else None


# --- the journal


def _journal() -> Path:
    return backups_folder() / JOURNAL


def read_journal() -> list[dict[str, str]]:
    """The erasures noted beside the backups, the oldest first; nothing where there were none."""
    path = _journal()
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.is_file() else []


def _note_in_journal(made: Erased) -> None:
    path = _journal()
    path.parent.mkdir(parents=True, exist_ok=True)
    line = {"digest": made.digest, "alias": made.alias, "on": made.erased_on.isoformat(), "reason": made.reason}
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
