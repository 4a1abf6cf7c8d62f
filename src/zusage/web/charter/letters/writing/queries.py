"""A wave and whom a letter goes to come in, the letter as data goes out, with the day from which it says things hold.

All that letters of a wave share is asked once. What a letter says of promises is the promises' own sentences, from the
same data that answer requests.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Any

from zusage.ground.reasons import Finding, Place, Refused, mistake
from zusage.ground.typed import typed
from zusage.ground.words import Language, listed
from zusage.policy.document import Policy, Text
from zusage.promises.plain import degrading
from zusage.promises.recipients import Kind, Recipient, choose, holds_from
from zusage.promises.standing import Agreed
from zusage.report.letters import (
    Address,
    Block,
    Cause,
    Contact,
    Delivered,
    Letter,
    OwnPage,
    Statement,
    Template,
    compose,
    letter_fields,
    own_page,
    read_template,
)
from zusage.report.letters.fields import Around, Former, Subject
from zusage.report.letters.template import built_in_text
from zusage.report.writing import said
from zusage.web.calendar.models import Touchpoint
from zusage.web.charter.letters.models import LetterText, LetterWave, WaveLetter
from zusage.web.charter.letters.news.queries import Knowledge, people
from zusage.web.charter.letters.queries import unfit
from zusage.web.charter.models import CustomerLink
from zusage.web.charter.queries import LINK_DAYS, address_again, addresses, names_pages, sender, sheet, shown_code
from zusage.web.customers.models import Agreement, Customer, Membership
from zusage.web.customers.queries import agreed_of
from zusage.web.desk.models import Request
from zusage.web.office.models import User
from zusage.web.office.queries import policy_of, refused_words, role_of
from zusage.web.review.models import Proposal
from zusage.web.review.waves.queries import monday_of

WEEK = timedelta(days=7)
STATEMENT_MONTHS = 6
"""Up to this month a statement is about the year before."""
NEXT = 5
"""So many dates ahead a statement names."""


@dataclass(frozen=True)
class Written:
    """A letter, and from when on what it says holds."""

    letter: Letter
    starts_on: date


class Composer:
    """Makes the letters of a wave for a week; all that they share is asked once.

    `text`: a template instead of the firm's, to be looked at with an example; `codes`: of the reply slips; `links`: to
    the customers' own pages, None where they are not made yet.
    """

    def __init__(
        self, wave: LetterWave, numbers: Collection[str], monday: date, today: date, *, text: str | None = None,
        codes: Mapping[str, str] | None = None, links: Mapping[str, CustomerLink] | None = None,
    ) -> None:  # fmt: skip
        self.kind: Kind = wave.kind  # type: ignore[assignment]  # one of KINDS
        self.language: Language = wave.language  # type: ignore[assignment]
        self.policy, self.knowledge = policy_of(wave.policy), Knowledge(wave.policy, numbers)
        self.monday, self.day = monday, max(monday, today)
        self.template = template_of(self.kind, self.language, text if text is not None else wave.text or None)
        found, self.sender = sheet(), sender()
        self.shown = frozenset(found.shown)
        self.ways = {key: Text(*pair) for key, pair in found.ways.items()}
        self.codes, self.example = codes or {}, text is not None
        self.links, self.names_pages = links, names_pages()
        self.rows = addresses(numbers)
        self.facts = _Facts(numbers, self.knowledge, self.policy_year())
        self.contact = cache(self._contact)

    def policy_year(self) -> int:
        """The year a statement is about: the last one that is over, in the first half of the next; else this one."""
        return self.day.year - (self.day.month <= STATEMENT_MONTHS)

    def write(self, item: Recipient) -> Written:
        """The letter to one recipient; raises Refused where it cannot be said."""
        starts_on = self.starts_on(item)
        around = Around(self.sender, self.contact(item.to.adviser), self.day, starts_on, self.shown, self.ways)
        subject = self.subject(item, starts_on)
        code = self.codes.get(item.to.number, "")
        code = shown_code(code) if code else ""
        fields = letter_fields(
            self.kind, self.policy, subject, around, self.language, former=self.former(item), code=code,
            cause=self.facts.cause(item, self.knowledge), statement=self.statement(item),
        )  # fmt: skip
        letter = compose(self.kind, self.template, fields, subject, around, self.language, code)
        return Written(replace(self.for_all(letter, item), page=self.page(item.to.number)), starts_on)

    def page(self, number: str) -> OwnPage | None:
        """Until when the customer's own page opens; its address is not for what is kept of a letter."""
        if not self.names_pages:
            return None
        return own_page(self.links[number].expires_on if self.links else self.day + LINK_DAYS, self.language)

    def starts_on(self, item: Recipient) -> date:
        """From when on it holds: a reduction after the notice, whatever day of its week the letter leaves; what is
        more from the next week on, when it has surely arrived."""
        news, decided = item.to.news, item.to.holds_from
        if self.kind in ("welcome", "statement"):
            return max(self.day, self.knowledge.version.valid_from)
        leaves = max(self.monday + WEEK - timedelta(days=1), self.day)
        if news == "up":
            return holds_from(news, decided, leaves + timedelta(days=1), 0)
        return holds_from(news, decided, leaves, self.policy.review.notice_days)

    def subject(self, item: Recipient, starts_on: date) -> Subject:
        """The customer of a letter with what was agreed with them."""
        number, row = item.to.number, self.rows.get(item.to.number)
        agreed = tuple(one.promise for one in self.facts.agreed.get(number, ()) if one.holds(starts_on))
        known = {service.key for service in self.policy.services}
        return Subject(
            number=number,
            address=Address.of(row, item.to.name),
            class_key=item.to.class_key,
            agreed=tuple(promise for promise in agreed if promise.service in known),
            cannot_come=number in self.facts.cannot_come,
            consumer=number not in self.facts.businesses,
        )

    def former(self, item: Recipient) -> Former | None:
        """What the customer was told last."""
        if self.kind not in ("up", "down"):
            return None
        told = self.knowledge.last.get(item.to.number)
        if told is None or self.example:
            return Former(self.policy, other_class(self.policy, item.to.class_key))
        return Former(policy_of(self.knowledge.versions[told[0]]), told[1])

    def statement(self, item: Recipient) -> Statement | None:
        """The year of the household, where the letter is about one."""
        return self.facts.statement(item) if self.kind == "statement" else None

    def for_all(self, letter: Letter, item: Recipient) -> Letter:
        """The letter with a sentence that names the others it is for, before the signature."""
        if not item.others:
            return letter
        others = zip(item.numbers[1:], item.others, strict=True)
        names = [Address.of(self.rows.get(key), name).person for key, name in others]
        sentence = Block("paragraph", said("mailing_also_for", self.language, names=listed(names, self.language)))
        place = next((at for at, block in enumerate(letter.blocks) if block.kind == "signature"), len(letter.blocks))
        return replace(letter, blocks=(*letter.blocks[:place], sentence, *letter.blocks[place:]))

    def _contact(self, adviser: str) -> Contact:
        person = User.objects.filter(adviser=adviser).order_by("pk").first() if adviser else None
        role = role_of(person, self.policy) if person else None
        return Contact(name=person.name if person else adviser, role=role.name[self.language] if role else "")


def other_class(policy: Policy, key: str) -> str:
    """Another class than one, for an example of a change."""
    return next((item.key for item in policy.classes if item.key != key and not item.provisional), key)


def template_of(kind: Kind, language: Language, text: str | None = None) -> Template:
    """The template of a kind of letter: the text given (such as a wave's own), else the firm's, else the built-in one.
    Raises Refused with the mistakes of the text."""
    return read_template(usual_text(kind, language) if text is None else text, kind)


def usual_text(kind: Kind, language: Language) -> str:
    """The firm's own text of a kind of letter, else the built-in one."""
    own = LetterText.objects.filter(kind=kind, language=language).values_list("text", flat=True).first()
    return own or built_in_text(kind, language)


def check_text(text: str, kind: Kind) -> None:
    """Raises Refused with all that is wrong with a text somebody typed, each with its line: fields that do not exist,
    and words that degrade those who read it."""
    found: list[Finding] = []
    try:
        read_template(text, kind)
    except Refused as refused:
        found += refused.findings
    words = refused_words()
    for line, said_there in enumerate(text.splitlines(), 1):
        if word := degrading(said_there, words):
            found.append(mistake("mailing_degrading", Place(line=line), text=word))
    if found:
        raise Refused(found)


# --- to be looked at


def letter_now(item: WaveLetter, today: date) -> Written:
    """A letter as it would be made today. Raises Refused with the reason where it would not be made any more."""
    wave = item.wave
    why = unfit(wave, [item], today).get(item.pk)
    if why is not None:
        raise Refused([Finding("note", why)])
    known = people(None, wave.kind, wave.policy, today, units=[item.unit_id], without=wave)  # type: ignore[arg-type]
    chosen = choose(wave.kind, known, wave.channel).letters  # type: ignore[arg-type]  # of the model's choices
    found = next(one for one in chosen if one.to.number == item.number)
    monday = item.week.monday if item.week else monday_of(today)
    return Composer(wave, found.numbers, monday, today).write(found)


def example_of(wave: LetterWave, text: str, user: User, today: date) -> Written | None:
    """A text as a letter to the first customer who has a class; None where nobody has. Raises Refused."""
    known = people(user, wave.kind, wave.policy, today)  # type: ignore[arg-type]  # one of KINDS
    with_class = [item for item in known if item.class_key and not item.former and not item.locked]
    head = min(with_class, key=lambda item: (not item.address, item.news != wave.kind, item.number), default=None)
    if head is None:
        return None
    composer = Composer(wave, [head.number], monday_of(today), today, text=text)
    return composer.write(Recipient(head, "post", (head.number,), ()))


# --- facts of customers


class _Facts:
    """What is known of customers besides their class and address, in a few questions for all of them."""

    def __init__(self, numbers: Collection[str], knowledge: Knowledge, year: int) -> None:
        self.year = year
        self.services = [item.key for item in knowledge.policy.services]  # a letter can name no others
        wanted = frozenset(numbers)
        self.agreed: dict[str, list[Agreed]] = {}
        for item in Agreement.objects.order_by("since", "pk"):
            if item.number in wanted:
                self.agreed.setdefault(item.number, []).append(agreed_of(item))
        unable = Customer.objects.filter(run__published=True, cannot_come=True)
        self.cannot_come = set(unable.values_list("number", flat=True))
        firms = Customer.objects.filter(run__published=True, consumer=False)
        self.businesses = set(firms.values_list("number", flat=True))
        decided = Membership.objects.order_by("effective_on", "pk").values_list("number", "because")
        self.because = dict(decided)
        confirmed = Proposal.objects.filter(state="confirmed").order_by("decided_at", "pk")
        self.criteria = dict(confirmed.values_list("unit_id", "criteria"))

    def cause(self, item: Recipient, knowledge: Knowledge) -> Cause:
        """Why the class is another one, as the reason codes say; never a person's own note."""
        number = item.to.number
        told = knowledge.last.get(number)
        if told is not None and knowledge.known(told[1]) == item.to.class_key:
            return Cause("policy")
        metrics = tuple(filter(None, self.criteria.get(item.to.unit_id, "").split("|")))
        return Cause(self.because.get(number, ""), metrics)

    def statement(self, item: Recipient) -> Statement:
        """A household's year: what was delivered and asked, and what is next."""
        first, last = date(self.year, 1, 1), date(self.year, 12, 31)
        done: dict[str, list[bool | None]] = {}
        touched = Touchpoint.objects.filter(unit_id=item.to.unit_id)
        in_year = touched.filter(state="done", done_on__range=(first, last))
        for service, due_on, done_on in in_year.values_list("service", "due_on", "done_on"):
            done.setdefault(service, []).append(done_on is not None and done_on <= due_on)
        asked = Request.objects.filter(number__in=item.numbers, state="done", asked_at__year=self.year)
        for service, kept in asked.values_list("what", "kept"):
            done.setdefault(service, []).append(kept)
        ahead = touched.filter(state="open", service__in=self.services).order_by("due_on", "pk")
        coming = ahead.values_list("service", "due_on")[:NEXT]
        known = [(key, done[key]) for key in self.services if key in done]
        return Statement(self.year, tuple(_delivered(key, marks) for key, marks in known), tuple(coming))


def _delivered(service: str, marks: list[bool | None]) -> Delivered:
    dated = [mark for mark in marks if mark is not None]
    return Delivered(service, len(marks), len(dated) or None, sum(dated) if dated else None)


# --- printed


def printable(letter: Letter, link: CustomerLink | None, day: date) -> Letter:
    """A letter as it is printed: with the address of the customer's page, which what is kept of it does not name. A
    page that its link does not open any more is not named at all."""
    address = address_again(link, day)
    return replace(letter, page=OwnPage(letter.page.text, address) if letter.page and address else None)


# --- kept as JSON


def as_json(written: Written, policy_hash: str, class_key: str) -> dict[str, Any]:
    """A letter as it is kept: what it says, under which service model, for which class, from when on."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(written.letter), default=date.isoformat))
    kept = {"policy_hash": policy_hash, "class_key": class_key, "starts_on": written.starts_on.isoformat()}
    return kept | {"letter": plain}


def from_json(said_: Mapping[str, Any]) -> Letter:
    """The letter of its JSON, the way back of `as_json`."""
    letter: Letter = typed(said_["letter"], Letter)
    return letter
