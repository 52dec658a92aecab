"""Markdown and icons: nothing a person writes becomes live HTML."""

from __future__ import annotations

import time

import pytest

from governance.web.markup import icon, markdown

LIVE = ("<script", "javascript:", "onerror=", "onload=", "<svg", "<math", "<style", "<iframe", "<img", "data:text")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt:alert(1))",
        "[a](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](https://example.org/x.png)",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)>",
        "<math><mi xlink:href='javascript:alert(1)'>",
        "a <style>body{display:none}</style>",
        "<iframe src='//example.org'></iframe>",
        "[a]: javascript:alert(1)\n\n[a]",
        "<a href='x' onclick='alert(1)'>a</a>",
    ],
)
def test_nothing_live_comes_out_of_markdown(text: str) -> None:
    tags = [part.split(">")[0].lower() for part in markdown(text).split("<")[1:]]
    assert not [tag for tag in tags for live in LIVE if live.strip("<") in f"<{tag}" and live.startswith("<")]
    assert not [tag for tag in tags if "script:" in tag or " on" in tag or "data:" in tag]


def test_markdown_keeps_what_people_need() -> None:
    html = markdown("# Title\n\n*why* **not**\n\n- one\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[x](https://example.org)")
    for wanted in (
        "<h3>Title</h3>",
        "<em>why</em>",
        "<li>one</li>",
        "<td>1</td>",
        'rel="noopener noreferrer nofollow"',
    ):
        assert wanted in html


@pytest.mark.parametrize("text", ["*a" * 50_000, "[" * 100_000, "> " * 50_000, "`" * 99_999, "|a" * 50_000])
def test_hostile_markdown_costs_no_more_than_other_text(text: str) -> None:
    start = time.perf_counter()
    markdown(text)
    assert time.perf_counter() - start < 5  # about 0.1 s when nothing else runs; quadratic would be minutes


def test_an_icon_is_hidden_from_screen_readers_and_its_classes_are_escaped() -> None:
    svg = icon("check", 'a" onload="x')
    assert 'aria-hidden="true"' in svg
    assert 'onload="x"' not in svg


def test_an_icon_nobody_vendored_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        icon("no-such-icon")
