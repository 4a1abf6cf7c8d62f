"""The firm's words around its promises as written (YAML) come in; `Texts` go out, or all mistakes with their lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from zusage.ground.reasons import Finding, Place, Refused, mistake
from zusage.policy import values
from zusage.policy.document import METRICS, OWN, Policy, Text
from zusage.policy.load import load, plain
from zusage.policy.mistakes import Mistakes, shown
from zusage.policy.sections import placed
from zusage.promises.charter import Texts

FIELDS = ("intro", "closing", "contact", "shown", "refused", "ways")
LONGEST = 2000
"""Characters of a text: the charter is one sheet."""


def read_texts(path: Path, policy: Policy | None) -> tuple[Texts, tuple[Finding, ...]]:
    """A file with the texts of a charter (YAML, UTF-8): what can be read of it, and all mistakes in it.
    Without a policy classes and metrics of the firm's own are taken as they are.

    Raises Refused where it is no such file at all.
    """
    try:
        return read_texts_text(path.read_bytes().decode("utf-8-sig"), policy, path.name)
    except UnicodeDecodeError:
        raise Refused([mistake("policy_not_utf8", Place(file=path.name))]) from None
    except OSError:
        raise Refused([mistake("policy_not_readable", Place(file=str(path)))]) from None


def read_texts_text(text: str, policy: Policy | None, file: str = "texts.yaml") -> tuple[Texts, tuple[Finding, ...]]:
    """The texts of a charter and the mistakes in them; `file` names the text in findings.

    >>> from zusage.policy.read import read_policy_text
    >>> from zusage.policy.templates import template
    >>> policy = read_policy_text(template("abc", "de")).policy
    >>> read_texts_text("shown: [tenure]\nintro: Guten Tag", policy)[0].intro
    Text(de='Guten Tag', en='Guten Tag')
    """
    mistakes = Mistakes()
    raw = load(text, file, mistake("packages_no_texts", Place(file=file, line=1), known=", ".join(FIELDS)))
    found = Texts()
    for name, value in plain(raw, file, mistakes).items():
        if name not in FIELDS:
            mistakes.unknown("policy_unknown_field", name, FIELDS, name)
        elif value is not None:
            with mistakes.inside(name):
                found = replace(found, **{name: _READERS[name](value, policy, mistakes)})
    return found, tuple(placed(item, raw, file) for item in mistakes.found)


def _text(value: Any, _: Policy | None, mistakes: Mistakes) -> Text | None:
    try:
        found = values.text(value)
    except ValueError as error:
        mistakes.add(str(error), text=shown(value))
        return None
    if max(len(found.de), len(found.en)) > LONGEST:
        mistakes.add("packages_text_long", most_count=LONGEST)
    return found


def _words(value: Any, mistakes: Mistakes) -> list[str]:
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, Sequence):
        mistakes.add("policy_not_list", field=str(mistakes.path[-1]))
        return []
    return [str(item).strip() for item in items if str(item).strip()]


def _shown(value: Any, policy: Policy | None, mistakes: Mistakes) -> frozenset[str]:
    found = _words(value, mistakes)
    leaves = policy.criteria() if policy else ()
    known = [*METRICS, *dict.fromkeys(leaf.metric for leaf in leaves if leaf.metric.startswith(OWN))]
    for index, name in enumerate(found):
        if name not in known and (policy or not name.startswith(OWN)):
            mistakes.unknown("policy_unknown_metric", name, known, index)
    return frozenset(found)


def _refused(value: Any, _: Policy | None, mistakes: Mistakes) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_words(value, mistakes)))


def _ways(value: Any, policy: Policy | None, mistakes: Mistakes) -> tuple[tuple[str, Text], ...]:
    if not isinstance(value, Mapping):
        mistakes.add("policy_not_mapping", field="ways", text=shown(value))
        return ()
    keys, found = [item.key for item in policy.classes if not item.provisional] if policy else [*value], []
    for key, item in value.items():
        if key not in keys:
            mistakes.unknown("policy_unknown_class", key, keys, key)
            continue
        with mistakes.inside(key):
            text = _text(item, policy, mistakes)
        if text is not None:
            found.append((key, text))
    return tuple(found)


_READERS: Mapping[str, Callable[[Any, Policy | None, Mistakes], Any]] = {
    "intro": _text,
    "closing": _text,
    "contact": _text,
    "shown": _shown,
    "refused": _refused,
    "ways": _ways,
}
