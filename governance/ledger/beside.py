"""What else has to be whole beside chain and tables: apps register checks that verify_ledger runs after its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from governance.ledger.differences import Difference

Check = Callable[[], Iterable[Difference]]

_CHECKS: dict[str, Check] = {}


def also_verify(name: str, check: Check) -> None:
    """Register a check under a name. Raises ValueError where another one has it."""
    if _CHECKS.get(name, check) is not check:
        raise ValueError(f"{name!r} is registered already")
    _CHECKS[name] = check


def beside() -> Iterator[Difference]:
    """Every difference the registered checks find."""
    for name in sorted(_CHECKS):
        yield from _CHECKS[name]()
