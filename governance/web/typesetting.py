"""PDF files from our own templates, typeset by Typst; what varies goes in as data, never into the template's text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst


def pdf(template: Path, data: Mapping[str, Any]) -> bytes:
    """The PDF of a template that reads `data` from its input of that name, tagged for assistive software (PDF/UA-1).

    Raises `typst.TypstError` for a template that is wrong.
    """
    return bytes(
        typst.compile(
            template,
            format="pdf",
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            pdf_standards="ua-1",
            ignore_system_fonts=True,
        )
    )
