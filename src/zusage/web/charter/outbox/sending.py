"""Mails that wait come in; each is claimed, handed over, tried again later, failed or unclear, and the row says which.

A mail is `written` until its recipient was accepted by the server; then it becomes `handing`, with the moment, in a
transaction of its own, and only after that a line of it leaves. A process that is killed leaves either a mail of which
nothing left, or one that is found as `handing`: nobody knows of that one whether it arrived, so a person decides. Each
change asks for the version of the row that was seen: of two processes one goes on.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from zusage.ground.reasons import Finding, finding_as_json, warning
from zusage.web.charter.outbox.actions import record_handed_over
from zusage.web.charter.outbox.mail import From, message_id
from zusage.web.charter.outbox.models import Message, Watch
from zusage.web.charter.outbox.notices import take_notice
from zusage.web.charter.outbox.queries import closed

LADDER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 360))
"""How long a mail waits after each failure; after one more it has failed."""
LEAP = timedelta(hours=24)
MANY = 50
"""More mails than this, planned for different days, do not leave at once because the clock leapt."""
LOOKED = timedelta(minutes=10)
"""How often the clock is written down, at least."""


def due(now: datetime) -> QuerySet[Message]:
    """The mails that may leave now, the oldest first."""
    today = timezone.localdate(now)
    held = Watch.objects.filter(pk=1).values_list("held_after", flat=True).first()
    last = min(today, held or today)
    return Message.objects.filter(
        Q(next_try_at=None) | Q(next_try_at__lte=now),
        Q(not_before=None) | Q(not_before__lte=last),
        state="written",
        channel="email",
    ).order_by("written_at", "pk")


# --- one mail


def claim(message: Message, sender: From, now: datetime) -> bool:
    """The last question before anything leaves: is it still wanted, and is it allowed? From here on it is `handing`."""
    with transaction.atomic():
        if why := closed([message], timezone.localdate(now)).get(message.pk):
            _changed(message, state="stopped", why=finding_as_json(why))
            return False
        sent_as = message_id(message, sender)
        return _changed(message, state="handing", handing_at=now, message_id=sent_as)


def handed(message: Message, now: datetime) -> bool:
    """The server took it: that, what the recipient knows by it and the use of the consent are one change."""
    with transaction.atomic():
        found = Message.objects.select_for_update().filter(
            pk=message.pk, handing_at=message.handing_at, state__in=("handing", "unclear")
        )
        held = list(found)
        record_handed_over(held, timezone.localdate(now), message.by, now)
    return bool(held)


def later(message: Message, why: Finding, now: datetime) -> None:
    """It surely was not taken: it waits for the next try, or has failed after the last one."""
    tries = message.tries + 1
    if tries > len(LADDER):
        _changed(message, state="failed", tries=tries, next_try_at=None, why=finding_as_json(why))
    else:
        again = now + LADDER[tries - 1]
        _changed(message, state="written", tries=tries, next_try_at=again, why=finding_as_json(why))


def failed(message: Message, why: Finding, now: datetime, *, address_bad: bool = False) -> None:
    """It was refused for good; where its address is to blame, no mail goes there any more."""
    with transaction.atomic():
        _changed(message, state="failed", tries=message.tries + 1, next_try_at=None, why=finding_as_json(why))
        if address_bad:
            text = str(why.reason.values.get("text", ""))
            take_notice(kind="bounce", number=message.number, address=message.address, why=text, by=None, now=now)


def unclear(message: Message, why: Finding) -> None:
    """Nobody knows whether the server took it."""
    _changed(message, state="unclear", why=finding_as_json(why))


def _changed(message: Message, **values: object) -> bool:
    """Change the row if it still is as it was seen; the one at hand follows."""
    seen = Message.objects.filter(pk=message.pk, version=message.version, state=message.state)
    if not seen.update(version=message.version + 1, **values):
        return False
    for name, value in values.items():
        setattr(message, name, value)
    message.version += 1
    return True


# --- many


def unclear_after_crash(now: datetime, older_than: timedelta = timedelta(0)) -> int:
    """What a process left behind that was killed while it handed over: unclear, for a person to decide."""
    found = Message.objects.filter(state="handing", handing_at__lte=now - older_than)
    why = finding_as_json(warning("outbox_killed"))
    return found.update(state="unclear", why=why, version=F("version") + 1)


def unclear_after_restore() -> int:
    """What waited when a backup was made may have left since: whether it did, a person finds out. Answers how many."""
    found = Message.objects.filter(state__in=("written", "handing"), channel="email")
    why = finding_as_json(warning("outbox_restored"))
    return found.update(state="unclear", why=why, version=F("version") + 1)


def postpone(ids: Collection[int], why: Finding, now: datetime) -> None:
    """The server cannot be used at all: the others wait as well, as if each had been tried."""
    rest = Message.objects.filter(pk__in=ids, state="written")
    for tries in sorted(set(rest.values_list("tries", flat=True)), reverse=True):  # the most first: none counts twice
        over = tries == len(LADDER)
        rest.filter(tries=tries).update(
            state="failed" if over else "written",
            next_try_at=None if over else now + LADDER[tries],
            tries=tries + 1,
            why=finding_as_json(why),
            version=F("version") + 1,
        )


# --- the clock


def look_at_clock(now: datetime) -> None:
    """Notice when the clock leapt by more than a day: mails planned for several days do not leave at once then.

    A computer that was off over the weekend is no leap of this kind: what was planned for Monday leaves on Monday.
    """
    today = timezone.localdate(now)
    with transaction.atomic():
        watch, new = Watch.objects.select_for_update().get_or_create(pk=1, defaults={"seen_at": now})
        if new or abs(now - watch.seen_at) < LOOKED:
            return
        if watch.held_after is not None and today <= watch.held_after:
            watch.held_after = None  # the clock was put right
        if now - watch.seen_at > LEAP and watch.held_after is None:
            watch.held_after = _held_after(timezone.localdate(watch.seen_at), today)
        watch.seen_at = now
        watch.save()


def _held_after(seen_on: date, today: date) -> date | None:
    """The day up to which mails leave, where too many of different days became due by the leap."""
    leapt_over = Message.objects.filter(
        state="written", channel="email", not_before__gt=seen_on, not_before__lte=today
    ).order_by()
    by_day = dict(leapt_over.values_list("not_before").annotate(Count("pk")))
    return seen_on if len(by_day) > 1 and sum(by_day.values()) > MANY else None


def release(now: datetime) -> None:
    """A person says that the clock is right: what was held leaves."""
    Watch.objects.update_or_create(pk=1, defaults={"seen_at": now, "held_after": None})


def held_back(found: QuerySet[Message], now: datetime) -> tuple[date, int] | None:
    """Since when mails are held because the clock leapt, and how many of these; None where nothing is held."""
    after = Watch.objects.filter(pk=1).values_list("held_after", flat=True).first()
    if after is None:
        return None
    waiting = found.filter(state="written", channel="email", not_before__gt=after)
    return after, waiting.filter(not_before__lte=timezone.localdate(now)).count()
