"""A certificate comes in, the sentences a person reads before publishing go out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from zusage.ground.reasons import Finding, Reason
from zusage.ground.words import Language, say
from zusage.outlook.gate import Certificate, Kept
from zusage.policy.document import Policy


def certificate_lines(certificate: Certificate, policy: Policy, language: Language) -> Iterator[str]:
    """The answer with its figures, then what stands against it, then who took the risk."""
    figures = {
        "owed_seconds": certificate.owed_seconds,
        "there_seconds": certificate.there_seconds,
        "coverage_permille": certificate.coverage_permille,
    }
    yield say(Reason(f"gate_answer_{certificate.answer}", figures), language)
    for ground in certificate.grounds:
        yield say(named(ground, policy, language), language)
    for kept in certificate.kept:
        if kept.permille >= certificate.target_permille:
            yield say(named(kept_reason(kept), policy, language), language)
    if certificate.risk:
        yield say(Reason("gate_risk", {"name": certificate.risk.name, "text": certificate.risk.reason}), language)


def kept_reason(kept: Kept) -> Reason:
    """How likely the answers to a class are kept, to be said."""
    figures = {"kept_permille": kept.permille, "low_permille": kept.low, "high_permille": kept.high}
    return Reason("gate_kept", {"class": kept.class_key, **figures})


def named(ground: Reason, policy: Policy, language: Language) -> Reason:
    """A ground with the names of roles and classes instead of their keys."""
    values = dict(ground.values)
    if "role" in values:
        values["role"] = policy.role(str(values["role"])).name[language]
    if "class" in values:
        values["class"] = policy.service_class(str(values["class"])).name[language]
    return Reason(ground.code, values)


def named_findings(findings: Sequence[Finding], policy: Policy, language: Language) -> list[Finding]:
    """Findings of the gate with the names of roles and classes instead of their keys."""
    return [replace(item, reason=named(item.reason, policy, language)) for item in findings]
