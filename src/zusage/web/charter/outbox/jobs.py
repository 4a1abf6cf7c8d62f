"""The job that hands mails over: what is due comes in, how each stands goes out; and the watch that starts it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import DatabaseError
from django.utils import timezone

from zusage.ground.reasons import Finding, Refused, mistake
from zusage.web.charter.outbox import sending
from zusage.web.charter.outbox.mail import From, composed, envelope
from zusage.web.charter.outbox.models import Message
from zusage.web.charter.outbox.queries import letter_language, mail_account
from zusage.web.charter.outbox.server import Account, Later, Lost, Rejected, Server, Trouble, Unsent
from zusage.web.office.jobs import Progress, job, start_job
from zusage.web.office.models import Job, User
from zusage.web.office.queries import firm_time_zone
from zusage.web.speech import said

log = logging.getLogger("zusage.outbox")
ROUND = 500
"""Mails of one job: other work gets its turn between two of them."""
IN_A_ROW = 2
"""So many troubles in a row are the server's, not one mail's: the others wait without being tried."""
LEFT_BEHIND = timedelta(minutes=2)
"""A mail is handed over in seconds; what is under way for longer was left behind by a process that is gone."""
AGAIN = timedelta(minutes=1)
Clock = Callable[[], datetime]


@job("send")
def send(job: Job, progress: Progress) -> dict[str, Any]:
    """Hand over the mails that are due, once each."""
    sending.unclear_after_crash(timezone.now())
    sending.look_at_clock(timezone.now())
    ways = mail_account()
    if ways is None:
        raise Refused([mistake("outbox_no_server")])
    account, sender = ways
    server = Server(account)
    try:
        found = send_due(server, sender, timezone.now, progress)
    finally:
        server.leave()
    if sending.due(timezone.now()).exists():
        start_job("send", now=timezone.now(), by=job.asked_by)
    return found


def send_due(server: Server, sender: From, clock: Clock, progress: Progress | None = None) -> dict[str, int]:
    """One round; answers how many were handed over, and how many were not for which reason."""
    ids = list(sending.due(clock()).values_list("pk", flat=True)[:ROUND])
    counts: dict[str, int] = {}
    in_a_row = 0
    for place, pk in enumerate(ids):
        if progress is not None:
            progress.step("outbox_step_send", place, len(ids))
        outcome, why = _one(server, sender, pk, clock)
        counts[outcome] = counts.get(outcome, 0) + 1
        in_a_row = in_a_row + 1 if outcome in ("waiting", "unclear") and _of_server(why) else 0
        if in_a_row == IN_A_ROW and why is not None:
            sending.postpone(ids[place + 1 :], why, clock())
            counts["waiting"] = counts.get("waiting", 0) + len(ids) - place - 1
            break
    return counts


def _of_server(why: Finding | None) -> bool:
    """Whether a failure says nothing of its mail: the next one would fail as well."""
    return why is not None and why.reason.code not in ("outbox_later", "outbox_broke")


def _one(server: Server, sender: From, pk: int, clock: Clock) -> tuple[str, Finding | None]:
    """Hand over one mail; how it stands then, and why."""
    message = Message.objects.select_related("policy", "by").filter(pk=pk).first()
    if message is None or message.state != "written":  # erased or stopped meanwhile
        return "passed", None
    try:
        content = composed(message, sender, letter_language()).message().as_bytes()
        return _given(server, sender, message, content, clock)
    except DatabaseError:
        raise  # it says nothing of this mail
    except Exception as error:
        if isinstance(error, Refused):
            why = error.findings[0]
        else:
            log.exception("a mail could not be handed over")
            why = mistake("outbox_broke", text=type(error).__name__)
        return _broken(message, why, clock)


def _broken(message: Message, why: Finding, clock: Clock) -> tuple[str, Finding]:
    """A mail that broke on our side holds up no other one: it would be the first again in each round. What broke after
    the server was given it is for a person to decide; what nobody foresaw is tried again, as it may pass."""
    if message.state == "handing":
        sending.unclear(message, why)
        return "unclear", why
    if why.reason.code == "outbox_broke":
        sending.later(message, why, clock())
        return "waiting", why
    sending.failed(message, why, clock())
    return "failed", why


def _given(server: Server, sender: From, message: Message, content: bytes, clock: Clock) -> tuple[str, Finding | None]:
    try:
        claimed = server.hand_over(
            envelope(sender.address),
            envelope(message.address),
            content,
            lambda: sending.claim(message, sender, clock()),
        )
    except (Later, Trouble) as answer:
        sending.later(message, answer.finding, clock())
        return "waiting", answer.finding
    except Rejected as answer:
        sending.failed(message, answer.finding, clock(), address_bad=answer.address_bad)
        return "failed", answer.finding
    except Lost as answer:
        sending.unclear(message, answer.finding)
        return "unclear", answer.finding
    if not claimed:
        return "stopped", None
    return ("sent" if sending.handed(message, clock()) else "passed"), None


def send_test(account: Account, sender: From, to: User) -> None:
    """Send somebody a mail that says it works. Raises Refused with what the server said."""
    test = Message(
        number=str(to.pk), name=to.name, address=to.email, gate="asked", written_at=timezone.now(),
        subject=said("outbox_test_subject"), text=said("outbox_test_text"),
    )  # fmt: skip
    server = Server(account)
    try:
        content = composed(test, sender, letter_language()).message().as_bytes()
        server.hand_over(envelope(sender.address), envelope(to.email), content, lambda: True)
    except Unsent as answer:
        raise Refused([answer.finding]) from None
    finally:
        server.leave()


def watch(now: datetime) -> None:
    """What the clock sets off: mails that are due leave, what a killed process left behind is shown as unclear."""
    with timezone.override(ZoneInfo(firm_time_zone())):
        if not Message.objects.filter(state__in=("written", "handing"), channel="email").exists():
            return
        sending.look_at_clock(now)
        sending.unclear_after_crash(now, LEFT_BEHIND)
        if has_account() and sending.due(now).exists() and not _under_way(now):
            start_job("send", now=now)


def has_account() -> bool:
    """Whether a mail server is set, and set rightly; the page of the server says what is wrong."""
    try:
        return mail_account() is not None
    except Refused:
        return False


def _under_way(now: datetime) -> bool:
    """Whether a job sends already, or has just ended: one that fails does not begin again at once."""
    found = Job.objects.filter(kind="send")
    waiting: Sequence[str] = ("queued", "running")
    return found.filter(state__in=waiting).exists() or found.filter(finished_at__gt=now - AGAIN).exists()
