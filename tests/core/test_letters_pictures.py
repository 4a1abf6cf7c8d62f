"""The letters on the advisers' pages, made from the example firm; `make pictures` keeps them."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from struct import unpack

import pytest
from PIL import Image, ImageDraw
from tests.letters import PETRA, SENDER, letter

from zusage.ground.words import LANGUAGES, Language
from zusage.policy.read import read_policy
from zusage.promises.recipients import Kind
from zusage.report.letters import OwnPage, Statement, letter_pages, own_page
from zusage.report.letters.fields import Delivered
from zusage.report.mark import name_of

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "docs" / "pictures"
SHOTS = "ZUSAGE_SHOTS"
CODE = "4KM-7PXR"
ADDRESS = "https://buero.muster.example/k/u3Fq9Zr1x0aYvT5mWc7LkN2dPb8HsEoGjR4iQnXtUgM/"
"""Where the invented customer's own page stands."""
SHOWN: tuple[tuple[Kind, int], ...] = (("welcome", 1), ("down", 1), ("down", 2), ("statement", 1))
"""Which pages of which letters."""
ENDING = {"en": "", "de": ".de"}


def logo() -> bytes:
    """The invented firm's mark: a house under a roof."""
    drawn = Image.new("RGBA", (900, 300), (0, 0, 0, 0))
    brush = ImageDraw.Draw(drawn)
    brush.polygon([(450, 20), (650, 150), (250, 150)], fill="#1f4e79")
    brush.rectangle((300, 165, 600, 280), fill="#2b7a78")
    brush.rectangle((420, 205, 480, 280), fill="white")
    kept = BytesIO()
    drawn.save(kept, "png")
    return kept.getvalue()


def picture(kind: Kind, page: int, language: Language) -> bytes:
    """A page of a letter to an invented customer of the example firm."""
    policy = read_policy(ROOT / "examples" / "broker" / "policy.yaml").policy
    statement = Statement(
        2026,
        (
            Delivered("callback", 12, 12, 11),
            Delivered("annual_check", 1, 1, 1),
            Delivered("newsletter", 4, 4, 4),
            Delivered("claims_help", 1),
        ),
        (("annual_check", date(2027, 5, 3)),),
    )
    mark = logo()
    made = letter(
        kind, language, policy, statement=statement, code=CODE, address=PETRA,
        sender=replace(SENDER, mark=name_of(mark)), shown=frozenset({"referrals_won"}),
        class_key="B" if kind == "down" else "A",
    )  # fmt: skip
    made = replace(made, page=OwnPage(own_page(date(2028, 1, 31), language).text, ADDRESS))
    shown = Image.open(BytesIO(letter_pages(made, {made.sender.mark: mark})[page - 1])).convert("RGB").quantize(64)
    small = BytesIO()
    shown.save(small, "png", optimize=True)
    return small.getvalue()


def named(kind: Kind, page: int, language: Language) -> str:
    """The name of a picture's file."""
    return f"letter-{kind}-{page}{ENDING[language]}.png"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pictures_show_whole_pages_of_letters(language: Language, tmp_path: Path) -> None:
    folder = Path(os.environ.get(SHOTS) or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    for kind, page in SHOWN:
        made = picture(kind, page, language)
        assert unpack(">II", made[16:24]) == (909, 1286)
        assert len(made) > 20_000  # an empty page has hardly any bytes
        (folder / named(kind, page, language)).write_bytes(made)


@pytest.mark.parametrize(("document", "language"), [("briefe.md", "de"), ("letters.md", "en")])
def test_the_advisers_pages_show_every_picture(document: str, language: Language) -> None:
    text = (ROOT / "docs" / "adviser" / document).read_text("utf-8")
    names = [named(kind, page, language) for kind, page in SHOWN]
    assert [name for name in names if f"](../pictures/{name})" not in text or not (KEPT / name).is_file()] == []
