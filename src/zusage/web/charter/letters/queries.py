"""Questions about letters: waves with their weeks and letters, whether the hours reach, what is not right any more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from zusage.ground.reasons import Reason
from zusage.promises.recipients import Chosen, Way, choose
from zusage.web.charter.letters.models import LetterText, LetterWave, LetterWeek, WaveLetter
from zusage.web.charter.letters.news.queries import people
from zusage.web.charter.outbox.models import AlsoFor
from zusage.web.charter.outbox.queries import for_another
from zusage.web.customers.queries import customers_for, published_run, sees_all
from zusage.web.office.models import Job, PolicyVersion, User
from zusage.web.office.queries import newest_version, policy_of
from zusage.web.services.models import Check

AT_HAND = 4
"""So many weeks before and after today stand on the page of a wave at first."""
WAYS: tuple[Way, ...] = ("post", "email")


# --- what is not right any more


def unfit(wave: LetterWave, letters: Iterable[WaveLetter], day: date) -> dict[int, Reason]:
    """The letters that nobody would write any more on a day, each with the reason, by id."""
    listed, newest = list(letters), newest_version()
    if newest is None or newest.pk != wave.policy_id:
        return {item.pk: Reason("mailing_out_overtaken") for item in listed}
    return _late(listed, wave, day) | _changed(listed, wave, day)


def _changed(letters: Sequence[WaveLetter], wave: LetterWave, day: date) -> dict[int, Reason]:
    units = {item.unit_id for item in letters}
    known = people(None, wave.kind, wave.policy, day, units=units, without=wave)  # type: ignore[arg-type]
    chosen = {way: choose(wave.kind, known, way, shared=wave.channel) for way in WAYS}  # type: ignore[arg-type]
    present, found = {item.number: item.name for item in known}, {}
    for item in letters:
        way: Way = "email" if item.channel == "email" else "post"
        if item.number not in present:
            found[item.pk] = Reason("mailing_out_gone")
        elif why := _why_not(item, chosen[way]) or _why_not_for(item, chosen[way], present):
            found[item.pk] = why
    return found


def _why_not_for(letter: WaveLetter, chosen: Chosen, names: Mapping[str, str]) -> Reason | None:
    """Why a letter that is made names somebody it is not for any more: they moved, have another class by now, or may
    not be written to. One that is only planned will be written for whom it is for then."""
    shared = {number for item in chosen.letters if item.to.number == letter.number for number in item.numbers}
    other = next((number for number in letter.numbers if number not in shared), None)
    if letter.state != "made" or other is None:
        return None
    why = next((item.why for item in chosen.left_out if other in item.numbers), Reason("mailing_out_not_shared"))
    return for_another(names.get(other, other), why)


def _why_not(letter: WaveLetter, chosen: Chosen) -> Reason | None:
    if any((item.to.number, item.to.class_key) == (letter.number, letter.class_key) for item in chosen.letters):
        return None
    out = (item.why for item in chosen.left_out if letter.number in item.numbers)
    return next(out, Reason("mailing_out_changed"))


def _late(letters: Iterable[WaveLetter], wave: LetterWave, day: date) -> dict[int, Reason]:
    """Letters that name a day before which the notice would not be over."""
    if wave.kind != "down":
        return {}
    earliest = day + timedelta(days=policy_of(wave.policy).review.notice_days)
    made = [(item.pk, item.message.holds_on) for item in letters if item.message]
    return {pk: Reason("mailing_out_late", {"first_on": said}) for pk, said in made if said and said < earliest}


# --- does the firm have the hours


@dataclass(frozen=True)
class HoursCheck:
    """What the last check of the hours said of a service model: `fits`, `short` or `unknown`, with its figures; `none`
    where there was none."""

    answer: str
    figures: Mapping[str, Any]
    checked_on: date | None
    other_book: bool = False  # the figures are those of a book that is not the one at hand any more

    @property
    def fits(self) -> bool:
        return self.answer == "fits"


def hours_check(version: PolicyVersion) -> HoursCheck:
    """The newest check of this very service model, by the capacity page or as a draft, else what it was published
    with; `none` without either."""
    run = published_run()
    check = Check.objects.filter(hash=version.hash).first()
    if check is not None:
        figures = {**check.figures.get("after", {}), **check.figures.get("gate", {})}
        day = timezone.localtime(check.at).date()
        return HoursCheck(figures.get("answer", "unknown"), _hours(figures), day, run is None or check.run != run.pk)
    found = version.certificate
    day, other = found.get("day"), "run" in found and (run is None or found["run"] != run.pk)
    answer = found.get("answer", "unknown") if found.get("owed_seconds") is not None else "none"
    return HoursCheck(answer, _hours(found), date.fromisoformat(day) if day else None, other)


def _hours(figures: Mapping[str, Any]) -> dict[str, Any]:
    return {name: figures.get(name) for name in ("owed_seconds", "there_seconds", "coverage_permille")}


# --- waves


def waves_for(user: User) -> QuerySet[LetterWave]:
    """The waves, the newest first; letters from a single customer's page stand there and not here."""
    found = LetterWave.objects.filter(single=False).select_related("by", "released_by", "policy")
    return found if sees_all(user) else found.filter(pk__in=letters_for(user).values("wave_id"))


def wave_for(user: User, pk: int) -> LetterWave:
    """A wave of which the reader may see anything; Http404 for others."""
    found = LetterWave.objects.filter(pk=pk).select_related("by", "released_by", "policy").first()
    if found is None or not (sees_all(user) or letters_for(user).filter(wave=found).exists()):
        raise Http404
    return found


def week_for(user: User, pk: int) -> LetterWeek:
    """A week of a wave; Http404 for one the reader may see nothing of."""
    found = LetterWeek.objects.filter(pk=pk).select_related("wave__policy", "handed_by").first()
    if found is None:
        raise Http404
    wave_for(user, found.wave_id)
    return found


def letters_for(user: User) -> QuerySet[WaveLetter]:
    """The letters to customers somebody may see."""
    found = WaveLetter.objects.select_related("wave__policy", "week", "message")
    return found if sees_all(user) else found.filter(number__in=customers_for(user).values("number"))


def letter_for(user: User, pk: int) -> WaveLetter:
    """A letter; Http404 for one the reader may not see."""
    found = letters_for(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def letters_to(user: User, number: str) -> QuerySet[WaveLetter]:
    """All letters to a customer, to their household of today, or that named them when they left, the newest first;
    without those that never were."""
    unit = customers_for(user).filter(number=number).values("unit_id")
    named = AlsoFor.objects.filter(number=number).values("message")
    mine = Q(number=number) | Q(unit_id__in=unit) | Q(message__in=named)
    found = letters_for(user).filter(mine).exclude(state="left_out")
    return found.order_by("-wave__at", "-pk")


def letter_counts(letters: QuerySet[WaveLetter], by: str = "week_id") -> dict[int | None, Counter[str]]:
    """How many letters each week (or wave) has in each state; those that left are `handed_over`, those by post that
    wait for it `waiting` besides, and `all` are those that were wanted."""
    rows = letters.order_by().values_list(by, "state", "channel", "message__state").annotate(Count("pk"))
    found: dict[int | None, Counter[str]] = {}
    for key, state, channel, message, size in rows:
        shown = message if message in ("handed_over", "stopped") else state
        counts = found.setdefault(key, Counter())
        counts[shown] += size
        counts["all"] += size if state != "left_out" else 0
        counts["waiting"] += size if (state, channel, message) == ("made", "post", "written") else 0
    return found


STOPPED = Q(state="stopped") | Q(state="made", message__state="stopped")
"""Letters that were right when their wave was planned and do not leave any more."""


def weeks_at_hand(weeks: Sequence[LetterWeek]) -> list[LetterWeek]:
    """Of many weeks the last ones that were made and the next ones that were not."""
    made = [week for week in weeks if week.made_at]
    ahead = [week for week in weeks if not week.made_at]
    return [*made[-AT_HAND:], *ahead[:AT_HAND]]


def sees_week(user: User, week: LetterWeek) -> bool:
    """Whether somebody may see every letter of a week, and so the file that holds them all."""
    return sees_all(user) or not week.letters.exclude(pk__in=letters_for(user).values("pk")).exists()


def stale(*weeks: LetterWeek) -> QuerySet[WaveLetter]:
    """The letters in files for printing that were stopped since: what is not at the post yet must not be printed."""
    ahead = WaveLetter.objects.filter(week__in=weeks, week__handed_on=None)
    return ahead.filter(state="made", channel="post", message__state="stopped").select_related("message")


def making(weeks: Iterable[LetterWeek]) -> dict[int, Job]:
    """The last job of each week, if it runs or failed."""
    jobs = Job.objects.filter(kind="letters", subject__in=[week.pk for week in weeks]).order_by("created_at", "pk")
    last = {int(job.subject or 0): job for job in jobs}
    return {week: job for week, job in last.items() if job.running or job.state == "failed"}


def text_of(kind: str, language: str) -> LetterText | None:
    """The firm's own text of a kind of letter; None where the built-in one holds."""
    return LetterText.objects.filter(kind=kind, language=language).select_related("changed_by").first()
