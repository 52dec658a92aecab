"""What starting a process of the portal costs: every worker and command pays it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

# The grammars of addresses take as long to load as the rest of the portal together, and check bills of materials only.
HEAVY = ("rfc3987_syntax", "jsonschema")
PROGRAM = f"""
import sys, django
django.setup()
import governance.urls
print(*[name for name in {HEAVY!r} if name in sys.modules])
"""


def test_starting_loads_nothing_that_takes_longer_than_the_portal_itself() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True,
        cwd=Path(__file__).resolve().parents[2],
        env={"DJANGO_SETTINGS_MODULE": "governance.settings.base", "PATH": "/usr/bin"},
    )  # fmt: skip
    assert done.stdout.split() == []
