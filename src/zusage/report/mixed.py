"""The best mix of classes comes in, lines on a terminal and JSON go out: the answer first, then what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

from rich.console import Console

from zusage.ground.money import half_up
from zusage.ground.reasons import Finding, Reason, Value, finding_as_json
from zusage.ground.words import UNKNOWN, Language, listed, percent, say, say_finding, word
from zusage.outlook.mix import CASES, BreakEven, Mix, Move, Proposal, RoleMix
from zusage.plan import Plan
from zusage.report import charts
from zusage.report.charts import Spec
from zusage.report.drawings import figures_of
from zusage.report.page.view import Block, Head, Table, View
from zusage.report.terminal import print_lines, print_table
from zusage.report.writing import decimal, said

SHOWN = 12
"""So many moves are printed; JSON holds all of them."""


def print_mix(plan: Plan, mix: Mix, console: Console, language: Language) -> None:
    """The proposal with its reasons where there is one, else how it could be had; then the break-even of each class."""
    view = View(plan, language)
    if mix.proposal is None:
        print_lines(console, word("mix_no_response", language), bold=True)
    else:
        _print_proposal(view, mix.proposal, console)
    for item in mix.break_evens:
        print_lines(console, break_even_sentence(view, item))
    if mix.break_evens:
        print_table(console, _break_evens(view, mix.break_evens))
        print_lines(console, word("mix_break_even_basis", language))


def mix_block(view: View, mix: Mix) -> Block:
    """The same as a section of a page."""
    found = mix.proposal
    answer = word("mix_no_response", view.language) if found is None else headline(view, found)
    said_first, tables = [break_even_sentence(view, item) for item in mix.break_evens], []
    if found is not None:
        warned = [say_finding(item, view.language) for item in named_findings(view, found.findings)]
        said_first = [*warned, *remarks(view, found), *said_first]
        tables = [_roles(view, found), _classes(view, found), *([_moves(view, found)] if found.moves else [])]
    if mix.break_evens:
        tables.append(replace(_break_evens(view, mix.break_evens), more=word("mix_break_even_basis", view.language)))
    drawn = figures_of(list(price_chart(view.plan, mix, view.language).values()))
    return Block("mix", word("mix_topic", view.language), answer, said_first, drawn, tables)


def print_unit(plan: Plan, name: str, found: Sequence[BreakEven], console: Console, language: Language) -> None:
    """What each class would have to bring with one household or customer."""
    view = View(plan, language)
    print_lines(console, said("mix_unit", language, name=name), bold=True)
    for item in found:
        print_lines(console, break_even_sentence(view, item))
    print_table(console, _break_evens(view, found))
    print_lines(console, word("mix_break_even_basis", language))


def break_even_sentence(view: View, item: BreakEven) -> str:
    """How much a class must prevent to pay for itself: one cancellation in so many years."""
    values: dict[str, Value] = {"name": view.class_name(item.class_key), "below": view.class_name(item.below_key)}
    if item.cost_cents <= 0:
        return said("mix_pays_anyway", view.language, **values)
    if not item.yield_cents or item.years_tenths is None or item.permille is None:
        return said("mix_pays_never", view.language, **values)
    if item.permille > 1000:
        return said("mix_pays_hardly", view.language, **values, yield_permille=item.permille)
    years = said("mix_years_one" if item.years_tenths == 10 else "mix_years", view.language,
                 text=decimal(item.years_tenths, 1, view.language))  # fmt: skip
    code = "mix_pays_one" if item.units == 1 else f"mix_pays_{view.noun}"
    return said(code, view.language, **values, years=years, yield_permille=item.permille)


def _break_evens(view: View, found: Sequence[BreakEven]) -> Table:
    rows = [
        [
            said(
                "mix_above", view.language, name=view.class_name(item.class_key), below=view.class_name(item.below_key)
            ),
            view.n(item.units),
            view.eur(item.yield_cents),
            view.h(sum(item.seconds)),
            view.eur(item.cost_cents),
            UNKNOWN if item.permille is None else percent(item.permille, view.language),
        ]
        for item in found
    ]
    heads = _heads(view, "class", f"{view.noun}s", "yield", "more_hours", "more_cost", "must_keep")
    return Table(word("mix_break_even_caption", view.language), heads, rows)


def _heads(view: View, *codes: str, words: int = 1) -> list[Head]:
    return [Head(word(f"mix_head_{code}", view.language), figure=place >= words) for place, code in enumerate(codes)]


# --- the proposal


def _print_proposal(view: View, found: Proposal, console: Console) -> None:
    print_lines(console, headline(view, found), bold=True)
    for finding in named_findings(view, found.findings):
        print_lines(console, f"{word('severity_warning', view.language)}: {say_finding(finding, view.language)}")
    for remark in remarks(view, found):
        print_lines(console, remark)
    print_table(console, _roles(view, found))
    print_table(console, _classes(view, found))
    if found.moves:
        print_table(console, _moves(view, found))
        print_lines(console, move_sentence(view, found.moves[0]))
        print_lines(console, word("mix_people_decide", view.language))


def headline(view: View, found: Proposal) -> str:
    """What the mix is worth beside the classes by the criteria, and whether those fit the hours."""
    lacking = {item.role: item.ruled_seconds - item.free_seconds for item in found.roles}
    over = [role for role, seconds in lacking.items() if seconds > 0 and _asked(found, role)]
    values: dict[str, Value] = {
        "mixed": view.euros(found.mixed.cents("mid")),
        "ruled": view.euros(found.ruled.cents("mid")),
        "units": view.units(len(found.moves)),
    }
    if not over:
        return said("mix_headline", view.language, **values)
    roles = listed([f"{view.role_name(role)} ({view.whole_h(lacking[role])})" for role in over], view.language)
    return said("mix_headline_over", view.language, **values, roles=roles)


def _asked(found: Proposal, role: str) -> bool:
    """Whether classes ask anything of a role; one that is short without them is named by itself."""
    return next(item.ruled_seconds for item in found.roles if item.role == role) > 0


def remarks(view: View, found: Proposal) -> Iterator[str]:
    """What the proposal rests on: the assumption and its source, how sure it is, how near to the best."""
    response = view.plan.policy.response
    if response is None:
        return
    classes = [
        said("mix_assumed_class", view.language, name=view.class_name(item.class_key),
             low_permille=item.low, mid_permille=item.mid, high_permille=item.high)
        for item in response.classes
    ]  # fmt: skip
    values: dict[str, Value] = {"classes": listed(classes, view.language), "source": response.source[view.language]}
    yield said("mix_assumed", view.language, **values)
    everybody = sum(mixed for _, _, _, mixed in found.counts)
    stable, moves = view.units(found.stable_count), sum(move.stable for move in found.moves)
    yield said("mix_stable", view.language, units=stable, all_count=everybody, moves_count=len(found.moves),
               stable_count=moves)  # fmt: skip
    if response.stay_cents:
        yield said("mix_stay", view.language, stay_cents=response.stay_cents)
    missing = view.euros(found.missing_cents)
    yield said("mix_missing", view.language, text=missing) if found.missing_cents else word("mix_best", view.language)
    if view.plan.hours.answer == "unknown":
        yield said("mix_unknown", view.language, coverage_permille=view.plan.hours.coverage_permille)


def named_findings(view: View, findings: Sequence[Finding]) -> list[Finding]:
    """Findings with the names of roles instead of their keys."""
    return [
        replace(item, reason=Reason(item.reason.code, {**item.reason.values, "role": view.role_name(str(role))}))
        if (role := item.reason.values.get("role"))
        else item
        for item in findings
    ]


def _roles(view: View, found: Proposal) -> Table:
    rows = [
        [
            view.role_name(item.role),
            *(view.h(seconds) for seconds in (item.free_seconds, item.ruled_seconds, item.mixed_seconds)),
            _price(view, item),
            view.eur(item.rate_cents),
        ]
        for item in found.roles
    ]
    codes = ("role", "free", "ruled_hours", "mixed_hours", "price", "rate")
    return Table(word("mix_roles_caption", view.language), _heads(view, *codes), rows,
                 more=word("mix_price", view.language))  # fmt: skip


def _price(view: View, item: RoleMix) -> str:
    low, mid, high = (view.eur(item.price_cents[case]) for case in CASES)
    return mid if low == mid == high else said("mix_price_range", view.language, low=low, mid=mid, high=high)


def _classes(view: View, found: Proposal) -> Table:
    rows = [[view.class_name(key), *map(view.n, counts)] for key, *counts in found.counts]
    worth = [found.held, found.ruled, found.mixed]
    foot = [word("mix_worth", view.language), *(view.eur(item.cents("mid")) for item in worth)]
    return Table(
        word("mix_classes_caption", view.language), _heads(view, "class", "held", "ruled", "mixed"), rows, foot
    )


def _moves(view: View, found: Proposal) -> Table:
    rows = [
        [
            move.name,
            said("mix_from_to", view.language, old=view.class_name(move.from_key), new=view.class_name(move.to_key)),
            word("mix_yes" if move.stable else "mix_no", view.language),
            view.eur(move.kept_cents),
            view.eur(-move.spent_cents),
            view.h(-sum(move.seconds)),
            view.eur(-move.priced_cents),
            view.eur(move.gain_cents),
        ]
        for move in found.moves[:SHOWN]
    ]
    codes = ("name", "change", "stable", "kept", "saved", "freed", "freed_worth", "gain")
    rest = len(found.moves) - len(rows)
    return Table(word("mix_moves_caption", view.language), _heads(view, *codes, words=3), rows,
                 more=said("mix_more", view.language, number=rest) if rest > 0 else "")  # fmt: skip


def move_sentence(view: View, move: Move) -> str:
    """Why a unit is moved, in one sentence with the whole reckoning."""
    code = "mix_why_less" if sum(move.seconds) < 0 else "mix_why_more"
    return say(move_reason(view, move, code), view.language)


def move_reason(view: View, move: Move, code: str) -> Reason:
    """The reckoning of a move as a reason."""
    sign = -1 if code == "mix_why_less" else 1
    values: dict[str, Value] = {
        "name": move.name,
        "old": view.class_name(move.from_key),
        "new": view.class_name(move.to_key),
        "taken_seconds": sign * sum(move.seconds),
        "priced_round_cents": sign * move.priced_cents,
        "kept_round_cents": sign * move.kept_cents,
        "spent_round_cents": sign * move.spent_cents,
        "gain_round_cents": half_up(move.gain_cents, 100) * 100,
    }
    return Reason(code, values)


# --- JSON


def price_chart(plan: Plan, mix: Mix, language: Language) -> dict[str, Spec]:
    """What one more hour of each role would be worth, as a chart; none where nothing is proposed."""
    if mix.proposal is None:
        return {}
    view = View(plan, language)
    rows = [{"name": view.role_name(item.role), "euro": item.price_cents["mid"] / 100} for item in mix.proposal.roles]
    return {"prices": charts.prices(rows, headline(view, mix.proposal), language)}


def mix_as_json(plan: Plan, mix: Mix, language: Language) -> dict[str, Any]:
    """Everything for other programs: cents and seconds of a year, keys instead of names, reasons also in words."""
    view = View(plan, language)
    facts: dict[str, Any] = {
        "policy_version": plan.policy.version,
        "policy_hash": plan.policy.hash,
        "roles_order": [role.key for role in plan.policy.roles],
        "break_even": [break_even_as_json(view, item) for item in mix.break_evens],
        "proposal": None,
    }
    if mix.proposal is not None:
        found = mix.proposal
        facts["proposal"] = asdict(found) | {
            "counts": [
                {"class_key": key, "held": held, "ruled": ruled, "mixed": mixed}
                for key, held, ruled, mixed in found.counts
            ],
            "moves": [asdict(move) | {"text": move_sentence(view, move)} for move in found.moves],
            "findings": [
                finding_as_json(item) | {"text": say_finding(shown, language)}
                for item, shown in zip(found.findings, named_findings(view, found.findings), strict=True)
            ],
            "answer": headline(view, found),
        }
    return facts


def break_even_as_json(view: View, item: BreakEven) -> dict[str, Any]:
    """A break-even with its derived figures and its sentence."""
    derived = {"cost_cents": item.cost_cents, "permille": item.permille, "years_tenths": item.years_tenths}
    return asdict(item) | derived | {"text": break_even_sentence(view, item)}
