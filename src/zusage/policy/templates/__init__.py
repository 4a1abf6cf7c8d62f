"""A template's name and a language come in, a commented policy to start from goes out as YAML text.

One source per template holds both languages: lines `# de: …` and `# en: …` become comments of that language, and
`# insert: part` puts in a part that several templates share.
"""

from __future__ import annotations

import re
from importlib.resources import files

from zusage.ground.words import Language

TEMPLATES = ("ritter", "abc", "client-mandant", "20-50-30", "solo")
_INSERT = re.compile(r"^# insert: ([a-z-]+)\n", re.MULTILINE)
_COMMENT = re.compile(r"^( *)# (de|en): (.*)\n", re.MULTILINE)


def template(name: str, language: Language) -> str:
    """The text of a template, ready to be saved and edited. KeyError where there is no such template."""
    if name not in TEMPLATES:
        raise KeyError(name)
    whole = _with_parts(_source(name))
    if name == "solo":  # one person does everything
        whole = re.sub(r"\brole: (adviser|inside)\b", "role: owner", whole)
    whole = _COMMENT.sub(lambda found: f"{found[1]}# {found[3]}\n" if found[2] == language else "", whole)
    return whole.replace("LANGUAGE", language).replace("\n# ---", "\n\n# ---")


def _with_parts(text: str) -> str:
    return _INSERT.sub(lambda found: _with_parts(_source(f"parts/{found[1]}")), text)


def _source(name: str) -> str:
    return (files(__package__) / f"{name}.yaml").read_text("utf-8")
