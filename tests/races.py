"""Letting two people act at the same instant, each on a connection of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.db import connection

from governance.lifecycle import Refusal

PATIENCE = 60


def at_once(*acts: Callable[[], object]) -> list[Refusal | None]:
    """Start all acts together and say for each by what it was refused, if it was. Raises what else went wrong."""
    start = threading.Barrier(len(acts), timeout=PATIENCE)
    outcomes: list[BaseException | None] = [None] * len(acts)

    def run(number: int, act: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            start.wait()
            act()
        except Exception as error:  # noqa: BLE001  carried to the test's own thread
            outcomes[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number, act), daemon=True) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive(), "an act did not end"
    answers: list[Refusal | None] = []
    for outcome in outcomes:
        if outcome is not None and not isinstance(outcome, Refusal):
            raise outcome
        answers.append(outcome)
    return answers


def race(*acts: Callable[[], object]) -> list[str]:
    """Start all acts together; for each `ok` or the code of the refusal."""
    return [refusal.code if refusal is not None else "ok" for refusal in at_once(*acts)]
