"""Running the portal's processes together: one stops, all stop, except the job worker, which is started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

GRACE_SECONDS = 30
MANAGE = Path(__file__).resolve().parent.parent.parent / "manage.py"
PARENT = "COUNTERSIGN_PARENT"


def end_with_parent() -> None:
    """In a child: stop as on SIGTERM once the process that started it is gone, even if that was killed."""
    parent = os.environ.get(PARENT)
    if parent is not None:
        threading.Thread(target=_outlive, args=(int(parent),), daemon=True).start()


def _outlive(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


class Stopped(Exception):  # noqa: N818 (an event, not an error)
    """SIGTERM or SIGINT arrived."""


@contextmanager
def stopping_on_signals() -> Iterator[None]:
    """Turn SIGTERM and SIGINT into Stopped, once; a second one during the stop changes nothing."""

    def stop(number: int, frame: FrameType | None) -> None:
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, signal.SIG_IGN)
        raise Stopped

    before = {each: signal.signal(each, stop) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Processes:
    """Children of this process, each a `manage.py` command."""

    def __init__(self) -> None:
        self._commands: dict[subprocess.Popen[bytes], tuple[tuple[str, ...], bool]] = {}

    def start(self, *arguments: str, again: bool) -> None:
        """Start a command; `again` has it started again whenever it ends."""
        # Children get signals from us alone, so that Ctrl-C stops them once and in order.
        child = subprocess.Popen(  # noqa: S603 (our own command)
            [sys.executable, *_warnings(), str(MANAGE), *arguments],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, PARENT: str(os.getpid())},
        )
        self._commands[child] = (arguments, again)

    @property
    def lost(self) -> bool:
        """Whether a command that is not started again has ended."""
        return any(child.poll() is not None for child, (_, again) in self._commands.items() if not again)

    def watch(self) -> int:
        """Wait until a command that is not started again ends; its exit code."""
        while True:
            for child, (arguments, again) in list(self._commands.items()):
                code = child.poll()
                if code is None:
                    continue
                del self._commands[child]
                if not again:
                    return code
                sys.stderr.write(f"{' '.join(arguments)} ended with {code} and is started again.\n")
                self.start(*arguments, again=True)
            time.sleep(0.5)

    def stop(self) -> None:
        """Ask every child to stop, wait, and kill what does not."""
        for child in self._commands:
            child.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for child in self._commands:
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        self._commands.clear()


def _warnings() -> list[str]:
    return [f"-W{option}" for option in sys.warnoptions]
