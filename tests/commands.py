"""Starting the project's own commands the way a person would, in a process of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "SYSTEMROOT")


def environment(**values: str) -> dict[str, str]:
    """An environment without anything the portal or its tests were told, except `values`."""
    return {**{name: os.environ[name] for name in KEPT if name in os.environ}, **values}


def manage(*arguments: str, **values: str) -> subprocess.CompletedProcess[str]:
    """Run `manage.py` to its end; `values` are the environment it sees besides the bare essentials."""
    return subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", *arguments],
        cwd=PROJECT, env=environment(**values), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
