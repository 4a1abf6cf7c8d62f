"""Questions about the charter: what customers read of a service model, what is wrong with it, and who may read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache
from secrets import compare_digest

from zusage.ground.reasons import Finding
from zusage.policy.document import Policy, Text
from zusage.promises.charter import Charter, Texts, charter_findings, charter_of
from zusage.report.letters import Sender
from zusage.web.charter.models import Sheet
from zusage.web.charter.queries import both, sender_of, sheet, ways_of
from zusage.web.office.models import PolicyVersion
from zusage.web.office.queries import policy_of, policy_version_on, refused_words


def charter_under(version: PolicyVersion, found: Sheet) -> Charter:
    """What customers are told of a published service model, with the firm's texts; made once per process."""
    made = _made(version.hash, version, texts_of(found))
    return replace(made, valid_from=version.valid_from, firm=sender_of(found).name)


@lru_cache(maxsize=8)
def _made(_hash: str, version: PolicyVersion, texts: Texts) -> Charter:
    return charter_of(policy_of(version), texts)


def texts_of(found: Sheet) -> Texts:
    """The firm's texts as the charter takes them."""
    return Texts(
        intro=_either(found.intro_de, found.intro_en),
        closing=_either(found.closing_de, found.closing_en),
        shown=frozenset(found.shown),
        refused=refused_words(),
        contact=_contact(sender_of(found)),
        ways=ways_of(found),
    )


def _either(german: str, english: str) -> Text | None:
    return both(german, english) if german or english else None


def _contact(who: Sender) -> Text | None:
    """Where the firm is and when it is there, in one line."""
    lines = [item for item in (who.street, who.place, who.phone, who.mail, who.web) if item]
    if not lines and not who.opening.de:
        return None
    return Text(*(" · ".join([*lines, *filter(None, (who.opening[language],))]) for language in ("de", "en")))


# --- what is wrong with it


def findings_under(version: PolicyVersion, found: Sheet) -> tuple[Finding, ...]:
    """What is wrong with the charter of a published service model; looked for once per process."""
    return _found(version.hash, version, texts_of(found))


@lru_cache(maxsize=8)
def _found(_hash: str, version: PolicyVersion, texts: Texts) -> tuple[Finding, ...]:
    return charter_findings(_made(_hash, version, texts), policy_of(version))


def mistakes_on(day: date) -> tuple[Finding, ...]:
    """What keeps the charter of a day from being shown to anybody: words that degrade, letters of the firm's own."""
    version = policy_version_on(day)
    return errors_of(findings_under(version, sheet())) if version else ()


def errors_of(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings with which no customer may see it."""
    return tuple(item for item in findings if item.severity == "error")


def hidden_on(day: date) -> bool:
    """Whether the public page is switched on and shows nothing all the same, since its charter is unfit."""
    found, version = sheet(), policy_version_on(day)
    return bool(found.public and version and errors_of(findings_under(version, found)))


def coming_after(day: date) -> PolicyVersion | None:
    """The next service model that is published and not valid yet."""
    return PolicyVersion.objects.filter(valid_from__gt=day).order_by("valid_from", "pk").first()


def open_to_all(token: str, day: date) -> tuple[Sheet, PolicyVersion] | None:
    """What stands at a public address: nothing where the address is wrong, the charter switched off, or unfit.

    Each of these takes the same questions to the database, so that their answers take the same time.
    """
    found, version, _ = sheet(), policy_version_on(day), refused_words()
    right = compare_digest(found.token.encode(), token.encode())
    if not (right and found.public and version):
        return None
    return None if errors_of(findings_under(version, found)) else (found, version)


def metrics_of(policy: Policy) -> list[str]:
    """The metrics that decide about classes, each once: those whose cuts a firm may show."""
    return list(dict.fromkeys(criterion.metric for criterion in policy.criteria()))
