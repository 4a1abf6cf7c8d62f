"""Decisions about letters come in: waves planned, released, stopped and handed to the post, texts of one's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.dispatch import receiver
from django.utils import timezone

from zusage.ground.reasons import Finding, Reason, Refused, finding_as_json, mistake, note
from zusage.promises.recipients import Chosen, Kind, LeftOut, Recipient, choose, ordered, postal, spread
from zusage.web.charter.letters.models import LetterText, LetterWave, LetterWeek, WaveLetter
from zusage.web.charter.letters.news.queries import people
from zusage.web.charter.letters.queries import STOPPED, HoursCheck, hours_check, letters_for, unfit
from zusage.web.charter.outbox.actions import check_day, hand_over_post, stop
from zusage.web.charter.outbox.models import Message
from zusage.web.charter.outbox.queries import asked_again
from zusage.web.charter.queries import sender
from zusage.web.customers.models import Customer
from zusage.web.office.actions import Overtaken
from zusage.web.office.audit import claimed
from zusage.web.office.jobs import short_write, start_job
from zusage.web.office.models import Job, User
from zusage.web.office.queries import newest_version, policy_of
from zusage.web.review.waves.queries import WEEK, monday_of, weeks

CHUNK = 100
"""Letters of one transaction: below 200 ms, so that readers of SQLite never wait long."""


# --- waves


def chosen_for(*, kind: Kind, channel: Any, by: User, today: date, units: Sequence[str] | None = None) -> Chosen:
    """Who of the customers somebody may see would get a letter of a kind today, and who none."""
    version = newest_version()
    if version is None:
        return Chosen((), ())
    return choose(kind, people(by, kind, version, today, units=units), channel)


def plan_wave(
    *, kind: Kind, channel: str, language: str, per_week: int, first_on: date, order: Any, by: User, now: datetime
) -> LetterWave:
    """A wave with its weeks and letters, and those who get none. Raises Refused where nobody would get one."""
    chosen = chosen_for(kind=kind, channel=channel, by=by, today=timezone.localdate(now))
    values = {"kind": kind, "channel": channel, "language": language, "per_week": per_week, "order": order}
    return _write_wave(chosen, values | {"first_on": first_on}, by=by, now=now)


def plan_letter(*, customer: Customer, kind: Kind, channel: str, language: str, by: User, now: datetime) -> LetterWave:
    """A single letter to a customer's household. Raises Refused with the reason where there is none to write."""
    today = timezone.localdate(now)
    found = chosen_for(kind=kind, channel=channel, by=by, today=today, units=[customer.unit_id])
    mine = tuple(item for item in found.letters if customer.number in item.numbers)
    if not mine:
        raise Refused([_none(kind, found, customer.number)])
    values = {"kind": kind, "channel": channel, "language": language, "per_week": 1, "single": True}
    return _write_wave(Chosen(mine, ()), values | {"first_on": monday_of(today)}, by=by, now=now)


def _none(kind: Kind, found: Chosen, number: str) -> Finding:
    """Why there is no letter to a customer."""
    why = next((item.why for item in found.left_out if number in item.numbers), None)
    return Finding("error", why or Reason(f"mailing_none_{kind}"))


def _write_wave(chosen: Chosen, values: dict[str, Any], *, by: User, now: datetime) -> LetterWave:
    version = newest_version()
    if version is None or not chosen.letters:
        raise Refused([mistake("mailing_nobody")])
    with transaction.atomic():
        wave = LetterWave.objects.create(policy=version, by=by, at=now, **values)
        listed = ordered(chosen.letters, wave.order)  # type: ignore[arg-type]  # of the form, or the default
        planned = spread(listed, wave.per_week, weeks(policy_of(version), wave.first_on))
        made = LetterWeek.objects.bulk_create(LetterWeek(wave=wave, monday=monday) for monday, _ in planned)
    rows = [
        _planned(wave, week, place, item)
        for week, (_, letters) in zip(made, planned, strict=True)
        for place, item in enumerate(postal(letters), 1)
    ]
    rows += [_left_out(wave, item) for item in chosen.left_out]
    for start in range(0, len(rows), CHUNK):
        with short_write():
            WaveLetter.objects.bulk_create(rows[start : start + CHUNK])
    return wave


def chosen_again(wave: LetterWave, *, by: User, today: date) -> tuple[Recipient, ...]:
    """The letters that would be written today in place of those of a wave that were stopped, as far as somebody sees
    them: without whoever may not be written to any more. Whose new letter is on its way is not among them."""
    if wave.state == "stopped":
        return ()  # somebody wanted none of them
    numbers: dict[str, set[str]] = {}
    for item in letters_for(by).filter(STOPPED, wave=wave):
        numbers.setdefault(item.unit_id, set()).update(item.numbers)
    kind: Any = wave.kind
    found = chosen_for(kind=kind, channel=wave.channel, by=by, today=today, units=list(numbers)) if numbers else None
    listed = found.letters if found else ()
    return tuple(item for item in listed if numbers[item.to.unit_id].intersection(item.numbers))


def plan_again(*, wave: LetterWave, by: User, now: datetime) -> LetterWave:
    """A wave of the letters that were stopped, for the next Monday: with its own notices, and released like any other.
    Raises Refused where there is nothing to write."""
    today = timezone.localdate(now)
    chosen = chosen_again(wave, by=by, today=today)
    if not chosen:
        raise Refused([mistake("mailing_again_none")])
    kept = ("kind", "channel", "language", "per_week", "order", "text", "single")
    monday = monday_of(today)
    values = {name: getattr(wave, name) for name in kept}
    values["first_on"] = monday if today == monday else monday + WEEK
    return _write_wave(Chosen(chosen, ()), values, by=by, now=now)


def _planned(wave: LetterWave, week: LetterWeek, place: int, item: Recipient) -> WaveLetter:
    return WaveLetter(
        wave=wave, week=week, number=item.to.number, unit_id=item.to.unit_id, name=item.to.name, place=place,
        numbers=list(item.numbers), adviser=item.to.adviser, class_key=item.to.class_key, channel=item.way,
    )  # fmt: skip


def _left_out(wave: LetterWave, item: LeftOut) -> WaveLetter:
    return WaveLetter(
        wave=wave, number=item.to.number, unit_id=item.to.unit_id, name=item.to.name, numbers=list(item.numbers),
        adviser=item.to.adviser, class_key=item.to.class_key, state="left_out", why=_as_note(item.why),
    )  # fmt: skip


def _as_note(why: Reason) -> dict[str, Any]:
    return finding_as_json(Finding("note", why))


def save_wave_text(*, wave: LetterWave, version: int, text: str) -> None:
    """The letters of this wave alone say this; empty: what the firm's letters say. Raises Overtaken where somebody
    changed or released the wave: what was signed for is not changed any more."""
    found = LetterWave.objects.filter(pk=wave.pk, version=version, state="planned")
    if not found.update(text=text, version=version + 1):
        raise Overtaken(LetterWave.objects.select_related("released_by").get(pk=wave.pk))


def needs_signature(wave: LetterWave) -> bool:
    """Whether an owner has to sign: the hours do not reach for what is promised, or nobody knows."""
    return not hours_check(wave.policy).fits


def release(*, wave: LetterWave, version: int, signed: str, by: User, now: datetime) -> None:
    """Let the letters of a wave be made, week by week; this week's and what is behind at once.

    Raises Refused where the firm's own address is missing, to which a customer could object, and where the hours do not
    reach or are not known and no owner signs for it with a reason; Overtaken where somebody else changed the wave.
    """
    if not sender().reachable:
        raise Refused([mistake("mailing_no_sender")])
    check, reason = hours_check(wave.policy), signed.strip()
    if not check.fits and (by.role != "owner" or not reason):
        raise Refused([mistake("mailing_hours_unsigned")])
    claimed = LetterWave.objects.filter(pk=wave.pk, version=version, state="planned").update(
        state="released", released_by=by, released_at=now, hours=_kept(check), version=version + 1,
        signed="" if check.fits else reason,
    )  # fmt: skip
    if not claimed:
        raise Overtaken(LetterWave.objects.select_related("released_by").get(pk=wave.pk))
    due = wave.weeks.filter(monday__lte=timezone.localdate(now))
    for week in due or wave.weeks.all()[:1]:
        start_week(week=week, by=by, now=now)


def _kept(check: HoursCheck) -> dict[str, Any]:
    day = check.checked_on.isoformat() if check.checked_on else None
    return {"answer": check.answer, "checked_on": day, **check.figures}


def start_week(*, week: LetterWeek, by: User | None, now: datetime) -> Job | None:
    """Have the letters of a week made; None where that is going on already."""
    with transaction.atomic():
        LetterWeek.objects.select_for_update().get(pk=week.pk)
        if Job.objects.filter(kind="letters", subject=week.pk, state__in=("queued", "running")).exists():
            return None
        return start_job("letters", now=now, by=by, subject=week.pk)


def stop_wave(*, wave: LetterWave, version: int, by: User) -> None:
    """No more letters of a wave leave; what was handed over stays told. Raises Overtaken."""
    claimed = LetterWave.objects.filter(pk=wave.pk, version=version).exclude(state="stopped")
    if not claimed.update(state="stopped", version=version + 1):
        raise Overtaken(LetterWave.objects.select_related("released_by").get(pk=wave.pk))
    why = note("mailing_stopped_by", name=by.name)
    stop(Message.objects.filter(letter__wave=wave), why=why)
    open_letters = WaveLetter.objects.filter(wave=wave)
    open_letters.filter(state__in=("planned", "failed")).update(state="stopped", why=finding_as_json(why))


# --- what is not right any more


def stop_unfit(*, letters: Iterable[WaveLetter], wave: LetterWave, today: date) -> set[int]:
    """Stop letters that nobody would write any more, and say why; answers which these were.

    Between planning and leaving a consent may be withdrawn, a reduction taken back, a customer erased.
    """
    found = unfit(wave, letters, today)
    rows = {item.pk: item for item in letters if item.pk in found}
    for pk, why in found.items():
        with transaction.atomic():
            WaveLetter.objects.filter(pk=pk).update(state="stopped", why=_as_note(why))
            stop(Message.objects.filter(letter=rows[pk]), why=Finding("note", why))
    return {*found}


def readdress(*, letters: Iterable[WaveLetter], wave: LetterWave, today: date) -> None:
    """Letters that were planned for a household go to another member it was for, where the one it was to go to gets
    none by now (who died, say); that one is left out with the reason."""
    listed = [item for item in letters if item.message_id is None]
    units = {item.unit_id for item in listed}
    kind: Any = wave.kind
    known = people(None, kind, wave.policy, today, units=units, without=wave)
    chosen = choose(kind, known, wave.channel)  # type: ignore[arg-type]  # of the model's choices
    taken, to = {item.to.number for item in chosen.letters}, {item.number for item in listed}
    persons = {item.number: item for item in known}
    for item in listed:
        why = next((one.why for one in chosen.left_out if item.number in one.numbers), None)
        heir = next((one for one in chosen.letters if one.to.number in item.numbers and one.to.number not in to), None)
        if item.number in taken or why is None or heir is None:
            continue
        # who was left out before, for the same reason, stands in the wave already
        out = LeftOut(persons[item.number], (item.number,), why)
        values = {
            "number": heir.to.number, "name": heir.to.name, "numbers": list(heir.numbers),
            "adviser": heir.to.adviser, "class_key": heir.to.class_key, "channel": heir.way,
        }  # fmt: skip
        with transaction.atomic():
            # one that was stopped, or whose customer was erased, since it was read stays as it is
            if not WaveLetter.objects.filter(pk=item.pk, number=item.number, state=item.state).update(**values):
                continue
            _left_out(wave, out).save()
        for name, value in values.items():
            setattr(item, name, value)


@receiver(asked_again)
def wrong_by_now(messages: Sequence[Message], day: date, **_: Any) -> dict[int, Finding]:
    """The messages that are letters nobody would write any more, wherever they are handed over from."""
    found: dict[int, Finding] = {}
    letters = WaveLetter.objects.filter(message__in=[item.pk for item in messages])
    rows = list(letters.select_related("wave__policy", "message"))
    for wave in {item.wave_id: item.wave for item in rows}.values():
        mine = {item.pk: item for item in rows if item.wave_id == wave.pk}
        for pk, why in unfit(wave, mine.values(), day).items():
            found[mine[pk].message_id or 0] = Finding("note", why)
    return found


def hand_over(*, week: LetterWeek, on_day: date, by: User, now: datetime) -> int:
    """The letters of a week were given to the post on a day; answers how many. From now on their recipients know.

    What is not right any more is stopped and does not count as told.
    """
    ready = week.letters.filter(state="made", message__state="written", channel="post")
    waiting = list(ready.select_related("message"))
    if not waiting:
        raise Refused([mistake("mailing_nothing_to_hand_over")])
    check_day([item.message for item in waiting if item.message], on_day, now)  # before a wrong day stops anything
    stopped = stop_unfit(letters=waiting, wave=week.wave, today=on_day)
    going = [item.message for item in waiting if item.pk not in stopped and item.message]
    done = hand_over_post(going, on_day=on_day, by=by, now=now).done
    LetterWeek.objects.filter(pk=week.pk).update(handed_on=on_day, handed_by=by)
    return done


# --- papers


# --- the firm's own texts


def save_text(*, kind: str, language: str, text: str, version: int, by: User, now: datetime) -> LetterText:
    """Keep the firm's own text of a kind of letter (version 0: the first one); Overtaken where another was faster."""
    if version == 0:
        try:
            with transaction.atomic():
                return LetterText.objects.create(kind=kind, language=language, text=text, changed_by=by, changed_at=now)
        except IntegrityError:
            raise Overtaken(LetterText.objects.get(kind=kind, language=language)) from None
    found = LetterText.objects.filter(kind=kind, language=language)
    with transaction.atomic():
        kept = claimed(found, version)
        if kept is None:
            raise Overtaken(found.select_related("changed_by").get())
        kept.text, kept.changed_by, kept.changed_at = text, by, now
        kept.save()
    return kept


def drop_text(*, kind: str, language: str) -> None:
    """The built-in text holds again."""
    for found in LetterText.objects.filter(kind=kind, language=language):
        found.delete()
