"""Letting people act at the same instant, each on a connection of their own.

The racers stay between races, as the workers of a web server do: a new connection would first have to plan and compile
every trigger, which takes longer than the race itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue

from django.db import connection

from governance.lifecycle import Refusal

PATIENCE = 60


class Racer:
    """A thread with a connection of its own, which does one act after another."""

    def __init__(self) -> None:
        self._acts: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self._outcomes: SimpleQueue[BaseException | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def start(self, act: Callable[[], object]) -> None:
        """Begin an act."""
        self._acts.put(act)

    def outcome(self) -> BaseException | None:
        """What the act raised, if anything. Raises queue.Empty where it does not end."""
        return self._outcomes.get(timeout=PATIENCE)

    def leave(self) -> None:
        """Close the connection and end the thread."""
        self._acts.put(None)
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "an act did not end"

    def _run(self) -> None:
        while (act := self._acts.get()) is not None:
            try:
                act()
            except Exception as error:  # noqa: BLE001  carried to the test's own thread
                self._outcomes.put(error)
            else:
                self._outcomes.put(None)
        connection.close()


_resting: list[Racer] = []


def let_go() -> None:
    """End every racer; their connections would keep a database from being replaced."""
    while _resting:
        _resting.pop().leave()


def at_once(*acts: Callable[[], object]) -> list[Refusal | None]:
    """Start all acts together and say for each by what it was refused, if it was. Raises what else went wrong.

    An act may itself let others act: racers under way are left alone.
    """
    racers = [_resting.pop() if _resting else Racer() for _ in acts]
    start = threading.Barrier(len(acts), timeout=PATIENCE)

    def run(act: Callable[[], object]) -> None:
        connection.ensure_connection()
        start.wait()
        act()

    running = list(zip(racers, acts, strict=True))
    for racer, act in running:
        racer.start(partial(run, act))
    answers: list[Refusal | None] = []
    wrong: list[BaseException] = []
    for racer, _ in running:
        outcome = racer.outcome()
        if outcome is not None and not isinstance(outcome, Refusal):
            wrong.append(outcome)
        else:
            answers.append(outcome)
    _resting.extend(racers)
    if wrong:
        raise wrong[0]
    return answers


def race(*acts: Callable[[], object]) -> list[str]:
    """Start all acts together; for each `ok` or the code of the refusal."""
    return [refusal.code if refusal is not None else "ok" for refusal in at_once(*acts)]
