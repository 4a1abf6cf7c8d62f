"""Criteria as written (`when`, `grid`) come in, rules of absolute cuts go out.

A rule is a criterion, all of several or any of several. Criteria that would treat people by who they are instead of
by what they and the firm do for each other are refused here, in whatever language the column was named.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from zusage.policy import values
from zusage.policy.document import EVERYONE, METRICS, OWN, AllOf, AnyOf, Criterion, Rule, Unit, metric
from zusage.policy.mistakes import Mistakes, shown

REFUSED = {
    "age": r"(^|_)(age|alter|kundenalter|lebensalter)(_|$)|altersgr|altersklasse|age_?(group|band)|(^|_)(birth|geburt)"
    r"|geb_?dat|geboren|jahrgang|lebensjahr|senior",
    "sex": r"(^|_)sex|gender|geschlecht|anrede|salutation|pronoun|(^|_)(title|titel|frau|herr)(_|$)",
    "origin": r"(^|_)nation|herkunft|ethni|citizen|staatsang|staatsbuerg|staatsbürg|migrant|migrationsh"
    r"|(^|_)(race|rasse)(_|$)",
    "belief": r"relig|konfession|kirchen|glaube|(^|_)belief|weltansch",
    "family": r"marital|famil|verheirat|married|(^|_)(kinder|children)|scheidung|divorc|(^|_)ledig|ehepartner|spouse",
    "health": r"health(?!_?(insurance|contract|polic))|gesundheit|krank(?!en_?(vers|vertr|kasse))|disab|behinder"
    r"|pflegegrad|diagnos|schwerb|schwanger|pregnan",
}
PROXIES = (
    r"first_?name|vorname|given_?name|postcode|postleitzahl|plz|zip_?code|language|(^|_)sprache|stadtteil|district"
)
RELATIVE = r"top_?(share|count|percent)|quantil|percentil|perzentil|(^|_)(rank|ranking|rang)(_|$)"


def refused(name: str) -> str | None:
    """The kind of a characteristic that must not decide about a class, or None; matches German and English names.

    >>> refused("own_Geburtsdatum"), refused("customerAge"), refused("own_donations")
    ('age', 'age', None)
    """
    plain = _plain_name(name)
    return next((kind for kind, pattern in REFUSED.items() if re.search(pattern, plain)), None)


def _plain_name(name: str) -> str:
    return re.sub(r"[\W_]+", "_", re.sub(r"(?<=[a-zäöüß])(?=[A-ZÄÖÜ])", "_", name)).lower()


_READ: Mapping[Unit, values.Reader] = {
    "cents": values.euro,
    "count": values.count,
    "permille": values.share,
    "months": values.years,
    "milli": values.milli,
}


def read_rule(written: Any, mistakes: Mistakes) -> Rule:
    """The rule of a `when`; an empty one lets everyone in."""
    if written is None:
        return EVERYONE
    if isinstance(written, str):
        written = {written: None}
    if isinstance(written, Sequence):
        return _group(AllOf, written, mistakes)
    if not isinstance(written, Mapping):
        mistakes.add("policy_rule_shape")
        return EVERYONE
    return join(AllOf, [_read_entry(str(key), value, mistakes) for key, value in written.items()])


def join(kind: type[AllOf] | type[AnyOf], parts: Iterable[Rule]) -> Rule:
    """One rule of several, in its plainest shape: the same criteria give the same rule however they were nested."""
    flat = tuple(dict.fromkeys(part for rule in parts for part in (rule.rules if isinstance(rule, kind) else (rule,))))
    if not flat or (kind is AnyOf and EVERYONE in flat):
        return EVERYONE
    return flat[0] if len(flat) == 1 else kind(flat)


def _read_entry(key: str, value: Any, mistakes: Mistakes) -> Rule:
    with mistakes.inside(key):
        if key in ("all", "any"):
            entries = [{name: cut} for name, cut in value.items()] if isinstance(value, Mapping) else value
            return _group(AllOf if key == "all" else AnyOf, entries, mistakes, keyed=isinstance(value, Mapping))
        return _read_criterion(key, value, mistakes) or EVERYONE


def _group(kind: type[AllOf] | type[AnyOf], entries: Any, mistakes: Mistakes, *, keyed: bool = False) -> Rule:
    if not isinstance(entries, Sequence) or isinstance(entries, str) or not entries:
        mistakes.add("policy_rule_empty")
        return EVERYONE
    parts = []
    for index, entry in enumerate(entries):
        with mistakes.inside(*(() if keyed else (index,))):
            parts.append(read_rule(entry, mistakes))
    return join(kind, parts)


def check_metric(key: str, mistakes: Mistakes) -> bool:
    """Whether a metric exists and may decide about a class; notes why not. Proxies are let through with a warning."""
    if kind := refused(key):
        mistakes.add(f"policy_refused_{kind}", text=shown(key))
    elif re.search(RELATIVE, _plain_name(key)):
        mistakes.add("policy_relative_cut", text=shown(key))
    elif not key.startswith(OWN) and key not in METRICS:
        mistakes.unknown("policy_unknown_metric", key, [*METRICS, OWN + "…"])
    else:
        if re.search(PROXIES, _plain_name(key)):
            mistakes.add("policy_proxy", severity="warning", text=shown(key))
        return True
    return False


def _read_criterion(key: str, value: Any, mistakes: Mistakes) -> Criterion | None:
    if not check_metric(key, mistakes):
        return None
    body = value if isinstance(value, Mapping) else {"from": value}
    for name in body:
        if re.search(RELATIVE, _plain_name(name)):
            mistakes.add("policy_relative_cut", name, text=shown(name))
        elif name not in ("from", "stay"):
            mistakes.unknown("policy_unknown_field", name, ("from", "stay"), name)
    if body.get("from") is None:
        mistakes.add("policy_no_cut", text=shown(key))
        return None
    read: dict[str, int] = {}
    for name in ("from", "stay"):
        try:
            if body.get(name) is not None:
                read[name] = _READ[metric(key).unit](body[name])
        except ValueError as error:
            mistakes.add(str(error), *((name,) if isinstance(value, Mapping) else ()), text=shown(body[name]))
    if "from" not in read:
        return None
    cut, stay = read["from"], read.get("stay", read["from"])
    if stay > cut:
        mistakes.add("policy_stay_above_cut", "stay", text=shown(key))
    return Criterion(key, cut, stay)


def read_grid(written: Any, known: Sequence[str], mistakes: Mistakes) -> dict[str, Rule]:
    """Rules by class key from two metrics with cuts and a class in each cell.

    `rows` and `columns` hold one metric with its cuts, best first; `cells` one row of class keys for each cut and one
    for those below, likewise best first. A class is given by "at least" in both directions and the best class wins, so
    only grids that give the written cell to everyone that way can be kept; others are noted as mistakes.
    """
    if not isinstance(written, Mapping) or set(written) != {"rows", "columns", "cells"}:
        mistakes.add("policy_grid_shape")
        return {}
    rows = _axis(written["rows"], "rows", mistakes)
    columns = _axis(written["columns"], "columns", mistakes)
    if not rows or not columns:
        return {}
    cells = written["cells"]
    if not _is_table(cells, len(rows) + 1, len(columns) + 1):
        mistakes.add("policy_grid_shape", "cells")
        return {}
    unknown = [key for key in dict.fromkeys(str(key) for row in cells for key in row) if key not in known]
    for key in unknown:
        mistakes.unknown("policy_unknown_class", key, known, "cells")
    if unknown:
        return {}
    rules: dict[str, list[Rule]] = {}
    for (i, row), (j, column) in itertools.product(_bounds(rows), _bounds(columns)):
        rules.setdefault(str(cells[i][j]), []).append(join(AllOf, [item for item in (row, column) if item]))
    _check_grid(cells, known, mistakes)
    return {key: join(AnyOf, parts) for key, parts in rules.items()}


def _is_table(cells: Any, height: int, width: int) -> bool:
    return (
        isinstance(cells, list)
        and len(cells) == height
        and all(isinstance(row, list) and len(row) == width for row in cells)
    )


def _axis(written: Any, name: str, mistakes: Mistakes) -> list[Criterion]:
    with mistakes.inside(name):
        if not isinstance(written, Mapping) or len(written) != 1:
            mistakes.add("policy_grid_shape")
            return []
        key, cuts = next(iter(written.items()))
        entries: Iterable[Any] = cuts if isinstance(cuts, Sequence) and not isinstance(cuts, str) else [cuts]
        with mistakes.inside(str(key)):
            found = [_read_criterion(str(key), cut, mistakes) for cut in entries]
    axis = [item for item in found if item]
    if any(better.cut <= worse.cut for better, worse in itertools.pairwise(axis)):
        mistakes.add("policy_grid_order", name)
    return axis


def _bounds(axis: list[Criterion]) -> Iterable[tuple[int, Criterion | None]]:
    return enumerate([*axis, None])


def _check_grid(cells: Any, order: Sequence[str], mistakes: Mistakes) -> None:
    """A customer in cell (i, j) also reaches every cell below and right of it: none of them may hold a better class."""
    rank = {key: position for position, key in enumerate(order)}
    for i, j in itertools.product(range(len(cells)), range(len(cells[0]))):
        best = min(rank[str(cells[k][m])] for k in range(i, len(cells)) for m in range(j, len(cells[0])))
        if best < rank[str(cells[i][j])]:
            mistakes.add("policy_grid_not_rising", "cells", i, text=shown(cells[i][j]))
