"""A plan and a wish ("the best fifth") come in, a proposed cut in words and in the policy's text goes out."""

from __future__ import annotations

from datetime import date

from zusage.classes.calibrate import Proposal, propose_cut
from zusage.classes.parts import ranked, with_metrics
from zusage.engine import collect
from zusage.ground.money import half_up
from zusage.ground.reasons import Finding, Reason, Refused, Value, mistake
from zusage.ground.words import Language, say, word
from zusage.plan import Plan
from zusage.policy.document import METRICS, Policy, leaves, metric
from zusage.policy.edit import set_cut
from zusage.policy.values import share

_WRITTEN = {"cents": 100, "permille": 1000, "months": 12, "milli": 1000, "count": 1}


def calibrate(plan: Plan, class_key: str, key: str, *, top_share: str | None, top_count: int | None) -> Proposal:
    """The cut with which a share or a number of the units would reach a metric. Raises Refused if none can."""
    check_wish(plan.policy, class_key, key, top_share=top_share, top_count=top_count)
    count = plan.units.shape[0]
    wished = top_count if top_count is not None else half_up(count * share(top_share), 1000)
    if not 0 < wished <= count:
        raise Refused([mistake("calibrate_impossible", wished_count=wished, units_count=count)])
    units = collect(with_metrics(plan.units.lazy().select(*_inputs(plan)), plan.policy))
    proposal = propose_cut(units, f"m_{key}", key, wished=wished)
    if proposal.cut <= 0:
        raise Refused([mistake("calibrate_nothing_there", metric=key, wished_count=wished)])
    return proposal


def check_wish(policy: Policy, class_key: str, key: str, *, top_share: str | None, top_count: int | None) -> None:
    """Raises Refused with all that is wrong with a wish, whatever the book is."""
    wrong: list[Finding] = []
    known = {leaf.metric for item in ranked(policy) if item.key == class_key for leaf in leaves(item.rule)}
    if key not in known:
        text = ", ".join(sorted(known)) or "–"
        wrong.append(mistake("calibrate_no_criterion", text=class_key, metric=key, known=text))
    if (top_share is None) == (top_count is None):
        wrong.append(mistake("calibrate_one_wish"))
    try:
        share("1 %" if top_share is None else top_share)
    except ValueError:
        wrong.append(mistake("calibrate_not_share", text=str(top_share)))
    if wrong:
        raise Refused(wrong)


def _inputs(plan: Plan) -> list[str]:
    """The columns of units before metrics and parts were put to them."""
    return [name for name in plan.units.columns if not name.startswith(("m_", "met_"))]


def _written(value: int, key: str) -> float:
    unit = _WRITTEN[metric(key).unit]
    return value / unit


def describe(proposal: Proposal, class_key: str, language: Language) -> str:
    """The proposal in a sentence with everything it rests on."""
    unit = metric(proposal.metric).unit if proposal.metric in METRICS else "milli"
    values: dict[str, Value] = {
        "metric": word(f"metric_{proposal.metric}", language) if proposal.metric in METRICS else proposal.metric,
        "text": class_key,
        "wished_count": proposal.wished,
        "reached_count": proposal.reached,
        "units_count": proposal.units,
        "share_permille": proposal.share_permille,
    }
    for name in ("cut", "stay", "exact"):
        figure = getattr(proposal, name)
        values[f"{name}_cents" if unit == "cents" else f"{name}_figure"] = (
            figure if unit == "cents" else half_up(figure, _WRITTEN[unit])
        )
    return say(Reason("calibrate_proposal" if unit == "cents" else "calibrate_proposal_figure", values), language)


def write_cut(text: str, class_key: str, proposal: Proposal, as_of: date, language: Language) -> str:
    """The policy's text with the cut and a remark of what it was derived from."""
    values: dict[str, Value] = {"reached_count": proposal.reached, "units_count": proposal.units, "made_on": as_of}
    remark = say(Reason("calibrate_remark", values), language)
    key = proposal.metric
    changed = set_cut(
        text, class_key, key, cut=_written(proposal.cut, key), stay=_written(proposal.stay, key), remark=remark
    )
    if changed is None:
        raise Refused([mistake("calibrate_no_criterion", text=class_key, metric=key, known="–")])
    return changed
