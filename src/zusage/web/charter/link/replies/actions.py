"""A reply on paper comes in, what follows from it goes out: choice record, consents, wishes and requests."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from zusage.ground.reasons import Finding, Place, Refused, mistake
from zusage.policy.document import Policy
from zusage.web.charter.link.actions import (
    ask_why,
    object_to_advertising,
    refuse_package,
    set_consent,
    wish_contact,
    wish_package,
)
from zusage.web.charter.link.models import ReplyList
from zusage.web.charter.link.queries import charter, terms_of
from zusage.web.charter.link.replies.queries import Reply, replies_of
from zusage.web.charter.queries import sender
from zusage.web.customers.actions import record_choice
from zusage.web.customers.consent.queries import may_write
from zusage.web.customers.models import Customer
from zusage.web.desk import actions as at_desk
from zusage.web.desk.queries import owner_for, usual_service
from zusage.web.office.jobs import short_write
from zusage.web.office.models import User
from zusage.web.speech import said


def record_reply(*, reply: Reply, policy: Policy, source: str, evidence: str, by: User, now: datetime) -> list[str]:
    """Write down all that a reply says, or nothing; answers what followed, as the endings of its texts.

    A package with a price waits for a person; one without is on record at once, and the next review proposes it.
    """
    customer = Customer.objects.get(run__published=True, former=False, number=reply.number)
    done = []
    with transaction.atomic():
        if reply.chosen is not None:
            done.append(_chosen(reply, customer, policy, source, evidence, by, now))
        if reply.declined is not None:
            refuse_package(
                customer=customer, policy=policy, place=reply.declined, by=by, evidence=evidence,
                said_on=reply.said_on, now=now,
            )  # fmt: skip
            done.append("declined")
        done += _ways(reply, customer, evidence, by, now)
        done += _wishes(reply, customer, policy, source, evidence, by, now)
    return done


def _chosen(
    reply: Reply, customer: Customer, policy: Policy, source: str, evidence: str, by: User, now: datetime
) -> str:
    found, place = charter(policy), reply.chosen or 0
    package = found.packages[place]
    if package.price is None:
        record_choice(
            customer=customer, state="chosen", class_key=package.class_key, chosen_on=reply.said_on,
            evidence=evidence, by=by, now=now,
        )  # fmt: skip
        return "chosen"
    wish_package(
        customer=customer, policy=policy, place=place, mark=terms_of(package, place, found).mark, source=source, by=by,
        now=now, text=reply.text, evidence=evidence, signed=reply.signed,
    )  # fmt: skip
    return "ordered"


def _ways(reply: Reply, customer: Customer, evidence: str, by: User, now: datetime) -> list[str]:
    done = []
    for channel, allow in reply.ways.items():
        wording = said("link_consent_wording", firm=sender().name, channel=said(f"link_by_{channel}")) if allow else ""
        set_consent(
            customer=customer, channel=channel, allow=allow, wording=wording, source=evidence, by=by, now=now,
            on=reply.said_on,
        )  # fmt: skip
        holds = allow and may_write(reply.number, channel, "advertising", timezone.localdate(now)).allowed
        done.append("allowed" if holds else "overruled" if allow else "forbidden")
    if reply.objection:
        object_to_advertising(customer=customer, source=evidence, by=by, now=now, on=reply.said_on)
        done.append("objected")
    return list(dict.fromkeys(done))


def _wishes(
    reply: Reply, customer: Customer, policy: Policy, source: str, evidence: str, by: User, now: datetime
) -> list[str]:
    done = []
    facts = {"customer": customer, "source": source, "by": by, "now": now, "evidence": evidence}
    if reply.contact and wish_contact(lines=reply.contact, **facts):  # type: ignore[arg-type] # all as named
        done.append("contact")
    if reply.why:
        ask_why(policy=policy, text=reply.why, **facts)  # type: ignore[arg-type] # the same
        done.append("why")
    if reply.text and "ordered" not in done and not _carried(reply, policy):
        at_desk.take_request(
            customer=customer, what=usual_service(policy), channel="email", urgency="normal", cause="asked",
            text=reply.text, phone="", wants="", matter="", owner=owner_for(customer), noticed=False, by=by, now=now,
        )  # fmt: skip
        done.append("request")
    return done


def _carried(reply: Reply, policy: Policy) -> bool:
    """Whether the words of a reply stand with a package that was ordered."""
    return reply.chosen is not None and charter(policy).packages[reply.chosen].price is not None


def record_list(*, path: Path, name: str, policy: Policy, by: User, now: datetime) -> int:
    """Take in a list of replies; answers how many. Raises Refused with everything that is wrong before anything is
    written, and for a list that was taken in already.

    Each reply is written by itself, so that others can go on writing. Where the program is stopped in between, the same
    list, given once more, goes on after the last reply that was written.
    """
    digest = sha256(path.read_bytes()).hexdigest()
    known = ReplyList.objects.filter(sha256=digest).first()
    if known is not None and known.done == known.replies:
        raise Refused([_again(known, name)])
    replies = replies_of(path, name, policy, timezone.localdate(now))
    facts = {"name": name[:255], "replies": len(replies), "by": by, "taken_at": now}
    known, _ = ReplyList.objects.get_or_create(sha256=digest, defaults=facts)
    for place, (line, reply) in enumerate(replies[known.done :], known.done):
        with short_write():
            if not ReplyList.objects.filter(pk=known.pk, done=place).update(done=place + 1):
                raise Refused([_again(known, name)])  # somebody gave the same list at the same moment
            evidence = said("link_evidence_list", said_on=reply.said_on, text=f"{name[:120]}:{line}")
            record_reply(reply=reply, policy=policy, source="list", evidence=evidence, by=by, now=now)
    return len(replies)


def _again(known: ReplyList, name: str) -> Finding:
    day = timezone.localdate(known.taken_at)
    return mistake("link_list_again", Place(name), text=known.name, taken_on=day)
