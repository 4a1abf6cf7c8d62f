"""A week of a wave comes in, its letters go out: papers, messages in the outbox, one file for printing.

A letter that cannot be made holds up no other one. Run again, nothing is made twice: what is made stays, what failed is
tried anew. What people do while letters are made counts: each is kept only if its row still is as it was when it began.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from zusage.ground.reasons import Finding, Refused, finding_as_json, mistake
from zusage.ground.words import word
from zusage.promises.recipients import Recipient, choose
from zusage.report.letters import letter_pdf, letter_text, print_letters
from zusage.web.charter.actions import codes_for, keep_paper, letter_links
from zusage.web.charter.letters.actions import CHUNK, readdress, start_week, stop_unfit
from zusage.web.charter.letters.models import LetterWeek, WaveLetter
from zusage.web.charter.letters.news.queries import people
from zusage.web.charter.letters.queries import stale
from zusage.web.charter.letters.writing.queries import (
    Composer,
    Written,
    as_json,
    from_json,
    printable,
)
from zusage.web.charter.outbox.actions import write
from zusage.web.charter.outbox.models import Message
from zusage.web.charter.queries import marks, names_pages, sender
from zusage.web.office.jobs import Progress, job, short_write
from zusage.web.office.models import Job
from zusage.web.office.queries import firm_time_zone

log = logging.getLogger("zusage.letters")
OPEN = ("planned", "failed")
OF_FAILED = ("state", "why")
OF_MADE = (*OF_FAILED, "said", "paper", "made_at", "link", "channel", "numbers", "name", "message")
AGAIN = timedelta(days=1)
"""After so long a week whose letters could not be made is tried once more by itself."""


def watch(now: datetime) -> None:
    """Has the letters of a released wave made once their Monday has come; once a day, should they fail."""
    today = timezone.localtime(now, ZoneInfo(firm_time_zone())).date()
    due = LetterWeek.objects.filter(wave__state="released", made_at=None, monday__lte=today).select_related("wave")
    for week in due:
        tried = Job.objects.filter(kind="letters", subject=week.pk).order_by("created_at", "pk").last()
        if tried is None or (not tried.running and now - tried.created_at >= AGAIN):
            start_week(week=week, by=week.wave.released_by, now=now)


@job("letters")
def make_letters(job: Job, progress: Progress) -> dict[str, Any]:
    """Makes the letters of a week that are not made yet, and the file for printing."""
    week = LetterWeek.objects.select_related("wave__policy").filter(pk=job.subject or 0).first()
    if week is None or week.wave.state != "released":
        raise Refused([mistake("mailing_not_released")])
    progress.step("mailing_step_check")
    now = timezone.now()
    waiting = list(week.letters.filter(state__in=OPEN).order_by("place", "pk"))
    readdress(letters=waiting, wave=week.wave, today=timezone.localdate(now))
    stopped = stop_unfit(letters=waiting, wave=week.wave, today=timezone.localdate(now))
    found = _Making(week, [item for item in waiting if item.pk not in stopped], job, now)
    counts = found.make(progress)
    progress.step("mailing_step_print")
    _print(week, now, progress)
    return counts | {"stopped": len(stopped)}


class _Making:
    """The letters of a week that are to be made now."""

    def __init__(self, week: LetterWeek, waiting: Sequence[WaveLetter], job: Job, now: datetime) -> None:
        self.week, self.wave, self.job, self.now = week, week.wave, job, now
        self.waiting, self.today = waiting, timezone.localdate(now)
        self.seen = {item.pk: (item.number, list(item.numbers)) for item in waiting}
        self.recipients = self._recipients()
        numbers = [number for item in self.recipients.values() for number in item.numbers]
        codes = codes_for([item.number for item in waiting], now)
        reached = [item.number for item in waiting if item.number in self.recipients]
        self.marks = marks(sender().mark)
        self.links = letter_links(reached, by=job.asked_by, now=now) if names_pages() else {}
        self.composer = Composer(self.wave, numbers, week.monday, self.today, codes=codes, links=self.links)

    def _recipients(self) -> dict[str, Recipient]:
        """Whom the letters go to as it is known today: the way, the household and the address may be others now."""
        units = {item.unit_id for item in self.waiting}
        known = people(None, self.wave.kind, self.wave.policy, self.today, units=units, without=self.wave)  # type: ignore[arg-type]
        chosen = choose(self.wave.kind, known, self.wave.channel)  # type: ignore[arg-type]  # of the model's choices
        return {item.to.number: item for item in chosen.letters}

    def make(self, progress: Progress) -> dict[str, int]:
        """Makes them one after the other; answers how many were made and how many failed."""
        made = failed = 0
        for start in range(0, len(self.waiting), CHUNK):
            done = [self._one(item) for item in self.waiting[start : start + CHUNK]]
            with short_write():
                kept = self._keep(done)
            made += sum(item.state == "made" for item in kept)
            failed += sum(item.state == "failed" for item in kept)
            progress.step("mailing_step_letters", start + len(done), len(self.waiting))
        return {"made": made, "failed": failed}

    def _one(self, item: WaveLetter) -> tuple[WaveLetter, Written | None]:
        """A letter with its paper, or with the reason why there is none."""
        try:
            recipient = self.recipients.get(item.number)
            if recipient is None:
                return self._failed(item, mistake("mailing_out_changed")), None
            written = self.composer.write(recipient)
            link = self.links.get(item.number)
            item.paper = keep_paper(letter_pdf(printable(written.letter, link, self.today), self.marks))
        except Refused as refused:
            if refused.findings[0].reason.code == "typeset_not_installed":
                raise  # none can be made
            return self._failed(item, refused.findings[0]), None
        except Exception as error:
            log.exception("a letter could not be made")
            return self._failed(item, mistake("mailing_broke", text=type(error).__name__)), None
        item.said = as_json(written, self.wave.policy.hash, item.class_key)
        item.state, item.why, item.made_at, item.link = "made", None, self.now, link
        item.channel, item.numbers, item.name = recipient.way, list(recipient.numbers), recipient.to.name
        return item, written

    def _failed(self, item: WaveLetter, why: Finding) -> WaveLetter:
        item.state, item.why = "failed", finding_as_json(why)
        return item

    def _keep(self, done: Sequence[tuple[WaveLetter, Written | None]]) -> list[WaveLetter]:
        """Keep what still is to be kept, within a transaction: a wave that was stopped meanwhile stays stopped, whoever
        was erased stays erased, and what names them is not written."""
        held = WaveLetter.objects.select_for_update().order_by("pk")  # by their week PostgreSQL could not hold them
        rows = held.filter(pk__in=[item.pk for item, _ in done], state__in=OPEN)
        now = {pk: (number, numbers) for pk, number, numbers in rows.values_list("pk", "number", "numbers")}
        kept = [(item, written) for item, written in done if item.pk in now]
        for item, written in kept:
            if now[item.pk] != self.seen[item.pk]:
                self._failed(item, mistake("mailing_out_changed"))
            elif written is not None:
                self._into_outbox(item, written)
            item.save(update_fields=OF_FAILED if item.state == "failed" else OF_MADE)
        return [item for item, _ in kept]

    def _into_outbox(self, item: WaveLetter, written: Written) -> None:
        tells, mail = self.wave.kind != "statement", item.channel == "email"
        file = word("mailing_file", self.composer.language)
        purpose = f"letters {self.wave.pk}"
        made = write(
            number=item.number, unit_id=item.unit_id, name=item.name, also=item.numbers[1:],
            purpose=purpose, kind=self.wave.kind, channel=item.channel, gate="service",
            address=self.recipients[item.number].to.email if mail else "", subject=written.letter.subject,
            text=letter_text(written.letter) if mail else "", attachment=f"files/{item.paper}",
            attachment_name=file, policy=self.wave.policy if tells else None,
            class_key=item.class_key if tells else "", holds_on=written.starts_on if tells else None,
            not_before=self.week.monday, by=self.job.asked_by, now=self.now,
        )  # fmt: skip
        item.message = made or Message.objects.get(number=item.number, purpose=purpose)


def _print(week: LetterWeek, now: datetime, progress: Progress) -> None:
    """The file for printing: all letters of the week that go by post, were made and not stopped since, in order. It is
    made anew where one of them went while it was (an erasure, say): it would be printed all the same."""
    while not _printed(week, now, progress):
        pass


def _printed(week: LetterWeek, now: datetime, progress: Progress) -> bool:
    for item in stale(week):
        WaveLetter.objects.filter(pk=item.pk).update(state="stopped", why=item.message.why if item.message else None)
    found = week.letters.filter(state="made", channel="post").order_by("place", "pk")
    today = timezone.localdate(now)
    rows = list(found.select_related("link"))
    letters = [printable(from_json(item.said or {}), item.link, today) for item in rows]
    named = marks(*{item.sender.mark for item in letters})
    printed = print_letters(letters, named, step=lambda done, total: progress.step("mailing_step_print", done, total))
    paper = keep_paper(printed.pdf) if printed.pdf else ""
    with short_write():
        if list(found.values_list("pk", flat=True)) != [item.pk for item in rows]:
            return False
        LetterWeek.objects.filter(pk=week.pk).update(printed=paper, made_at=now)
    return True
