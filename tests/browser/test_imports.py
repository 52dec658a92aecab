"""An inventory is taken in by hand: handed in, looked at, confirmed, read; in both colours and on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest

from inventory.imports.schema import load
from tests.browser.conftest import Visitor
from tests.browser.test_accessibility import DESK, PHONE, too_wide
from tests.governance.access.people import PASSWORD
from tests.inventory.scene import build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def written(folder: Path, *, cut: int = 0) -> Path:
    """A small edition with a value nobody reads and an odd date; `cut` bytes short at its end."""
    columns = load("omb-2024-raw").columns
    cells = dict.fromkeys((column.name for column in columns), "") | {
        "use_case_name": "Chatbot for a very long-winded enquiry desk", "agency": "Ministry", "bureau": "Office",
        "dev_stage": "Dormant", "date_initiated": "7/15/1905", "purpose_benefits": "Answers.\nPolitely.",
    }  # fmt: skip
    lines = [",".join(str(column.header) for column in columns), ",".join(f'"{cell}"' for cell in cells.values())]
    path = folder / "edition.csv"
    content = "\r\n".join(lines).encode("utf-8-sig")
    path.write_bytes(content[: len(content) - cut])
    return path


@pytest.fixture
def somebody(transactional_db: None) -> None:
    """People who can sign in; arranged before the browser starts, whose event loop sees connections of its own."""
    build()


@pytest.mark.parametrize(("theme", "size"), [("light", DESK), ("dark", DESK), ("light", PHONE)])
def test_an_edition_is_taken_in_by_hand(
    somebody: None, visitor: Visitor, tmp_path: Path, theme: str, size: dict[str, int]
) -> None:
    visitor.sign_in("governor", PASSWORD)
    window = visitor.window
    if theme == "dark":
        window.click("button[name=theme][value=dark]")
        window.wait_for_selector("html[data-bs-theme=dark]")
    window.set_viewport_size(size)
    wrong: list[str] = []

    def look(text: str) -> None:
        window.get_by_text(text).first.wait_for()
        wrong.extend(visitor.violations() + too_wide(visitor))

    def hand_in(path: Path) -> None:
        visitor.open("/imports/new/")
        look("Check the file")
        window.select_option("[name=mapping]", "omb-2024-raw")
        window.set_input_files("[name=file]", str(path))
        window.get_by_role("button", name="Check the file").click()

    visitor.open("/imports/")
    look("Nothing imported yet")
    hand_in(written(tmp_path, cut=9))
    look("cannot be taken in")
    hand_in(written(tmp_path))
    look("Import 1 rows")
    window.get_by_role("button", name="Import 1 rows").click()
    look("Taken in")
    visitor.open("/imports/")
    look("Say so")
    visitor.open("/systems/chatbot-for-a-very-long-winded-enquiry-desk/?tab=imported")
    look("The year may be 2023.")
    assert wrong + visitor.complaints == []
