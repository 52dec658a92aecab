"""Vendored files are exactly what was written down when they were taken."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = (ROOT / "governance/static/governance/vendor", ROOT / "tests/browser/vendor")
LINE = re.compile(r"^\| `([^`]+)` \| `([0-9a-f]{64})` \|$", re.MULTILINE)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_every_vendored_file_has_the_hash_that_was_written_down(folder: Path) -> None:
    written = dict(LINE.findall((folder / "VENDOR.md").read_text()))
    found = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "VENDOR.md"
    }
    assert found == written


def test_every_icon_a_template_or_page_names_is_vendored() -> None:
    icons = {path.stem for path in (FOLDERS[0] / "tabler-icons-3.51.0").glob("*.svg")}
    named = {
        name
        for template in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r'{% icon "([^"]+)"', template.read_text())
    }
    assert named - icons == set()
