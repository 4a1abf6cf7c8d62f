"""A policy file comes in, the frozen policy goes out, or all its mistakes at once, each with line, path and remedy."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from zusage.ground.reasons import Finding, Place, Reason, Refused, mistake
from zusage.policy.checks import check_design
from zusage.policy.document import Policy
from zusage.policy.freeze import freeze
from zusage.policy.labels import check_labels
from zusage.policy.load import LARGEST_CHARACTERS, keep_parsed, plain
from zusage.policy.mistakes import Mistake, Mistakes, Path, shown
from zusage.policy.sections import Sections, line_in, loaded, placed
from zusage.policy.written import WrittenPolicy

_CODES = {
    "bool_type": "policy_not_bool",
    "bool_parsing": "policy_not_bool",
    "string_type": "policy_not_string",
    "list_type": "policy_not_list",
    "dict_type": "policy_not_mapping",
    "model_type": "policy_not_mapping",
    "model_attributes_type": "policy_not_mapping",
}
_MAPPING = {kind for kind, code in _CODES.items() if code == "policy_not_mapping"}


@dataclass(frozen=True)
class Read:
    """A usable policy with the remarks on it (warnings and notes, no errors), and as it was written."""

    policy: Policy
    findings: tuple[Finding, ...]
    written: WrittenPolicy


def read_policy(path: FilePath) -> Read:
    """Read and check a policy file (YAML 1.2, UTF-8). Raises Refused with all mistakes."""
    try:
        if path.stat().st_size > 4 * LARGEST_CHARACTERS:
            raise Refused([mistake("policy_too_large", Place(file=path.name))])
        return read_policy_text(path.read_bytes().decode("utf-8-sig"), path.name)
    except UnicodeDecodeError:
        raise Refused([mistake("policy_not_utf8", Place(file=path.name))]) from None
    except OSError:
        raise Refused([mistake("policy_not_readable", Place(file=str(path)))]) from None


def read_policy_text(text: str, file: str = "policy.yaml") -> Read:
    """Read and check the text of a policy; `file` names it in findings. Raises Refused with all mistakes."""
    raw = loaded(text, file)
    mistakes = Mistakes()
    written = _written(plain(raw, file, mistakes), mistakes)
    unread = dict.fromkeys(mistakes.found)
    policy = freeze(written, mistakes)
    check_labels(written, policy, mistakes)
    if not mistakes.errors():
        check_design(policy, mistakes)
    findings = [placed(item, raw, file) for item in dict.fromkeys(mistakes.found) if not _follows(item, unread)]
    findings.sort(key=lambda item: (item.where.line or 0, item.where.path or "", item.reason.code))
    if mistakes.errors():
        raise Refused(findings)
    if not isinstance(raw, Sections):
        keep_parsed(text, raw)
    return Read(policy, tuple(findings), written)


def plain_document(text: str, file: str = "policy.yaml") -> dict[str, Any]:
    """The plain mappings, lists and values of a policy's text, to try changes on. Raises Refused where it is none."""
    mistakes = Mistakes()
    found: dict[str, Any] = plain(loaded(text, file), file, mistakes)
    return found


def read_document(whole: Mapping[str, Any], *, design: bool = True) -> Policy:
    """The policy of a plain document, as `read_policy_text` would read its text, at a tenth of the time.

    Raises Refused with all mistakes; they name no lines. Without `design` a service model is let through that could be
    reckoned but not published.
    """
    mistakes = Mistakes()
    written = _written(copy.deepcopy(whole), mistakes)
    policy = freeze(written, mistakes)
    check_labels(written, policy, mistakes)
    if design and not mistakes.errors():
        check_design(policy, mistakes)
    if mistakes.errors():
        raise Refused([Finding(item.severity, Reason(item.code, dict(item.values))) for item in mistakes.found])
    return policy


def _follows(item: Mistake, unread: Iterable[Mistake]) -> bool:
    """Whether a mistake only says that something is missing which could not be read: that was said already."""
    return item not in unread and any(item.path[: len(before.path)] == before.path for before in unread)


def _written(whole: Any, mistakes: Mistakes) -> WrittenPolicy:
    """The written policy; fields that cannot be read are noted and taken out, so that the rest is checked too."""
    try:
        return WrittenPolicy.model_validate(whole)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            # a field left empty is one that was not written, as long as there is such a field
            if detail["input"] is not None or detail["type"] == "extra_forbidden":
                _note(detail, mistakes)
            _take_out(whole, detail["loc"], mapping=detail["type"] in _MAPPING)
    return WrittenPolicy.model_validate(whole)


def _take_out(whole: Any, path: Path, *, mapping: bool) -> None:
    """Put something empty in the place of what could not be read; a mapping stays, so that others can still name it."""
    *above, last = path
    for step in above:
        whole = whole[step]
    if mapping:
        whole[last] = {}
    elif isinstance(last, int):
        whole[last] = ""
    else:
        del whole[last]


def _note(detail: ErrorDetails, mistakes: Mistakes) -> None:
    path, kind, context = detail["loc"], detail["type"], detail.get("ctx") or {}
    if kind == "extra_forbidden":
        mistakes.unknown("policy_unknown_field", str(path[-1]), _fields_at(path[:-1]), *path)
    elif kind == "literal_error":
        known = str(context["expected"]).replace(" or ", ", ").replace("'", "").split(", ")
        mistakes.unknown("policy_not_one_of", shown(detail["input"]), known, *path)
    else:
        code = str(context["code"]) if kind == "zusage" else _CODES[kind]
        mistakes.add(code, *path, text=shown(detail["input"]), field=str(path[-1]))


def _fields_at(path: Path) -> list[str]:
    """The fields that may stand at a place of the policy."""
    at: Any = WrittenPolicy
    for step in path:
        if isinstance(at, type) and issubclass(at, BaseModel):
            at = at.model_fields[str(step)].annotation
            if get_origin(at) in (Union, UnionType):
                at = next(part for part in get_args(at) if part is not NoneType)
        else:
            at = get_args(at)[-1]  # of a mapping or a list
    return list(at.model_fields)


def located(findings: Sequence[Finding], text: str, file: str) -> tuple[Finding, ...]:
    """Findings that know only the path of a field, with the file and the line where it stands in a text."""
    raw = loaded(text, file)
    return tuple(
        replace(
            item, where=replace(item.where, file=file, line=line_in(raw, tuple((item.where.path or "").split("."))))
        )
        for item in findings
    )
