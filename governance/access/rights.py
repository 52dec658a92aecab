"""The only place that answers who may do what, what a person may see, and who holds a right.

The three questions agree, for organisation-wide, unit and system rights, because they read the same rows: current
assignments through the views of the inventory, organisation roles through their groups, and a machine's rights
through the limits of the token it came with. Nothing is cached: the database is asked at each use, and by a page that
only shows, once for each question (`one_reading`).

A superuser operates the portal: he sees (`system.view`, `ledger.view`) and decides nothing.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib.auth.models import AnonymousUser, Group
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, BooleanField, Exists, F, Func, Model, OuterRef, Q, QuerySet, Value
from django.http import Http404
from guardian.utils import get_user_obj_perms_model

from governance.access.models import RolePermission, User
from governance.access.roles import SCOPE_PERMISSIONS
from governance.access.structure import structure
from governance.access.vocabulary import BUILDING_ROLES, REVIEWING_ROLES, Permission, Role, Scope
from governance.ledger.acting import is_acting
from governance.lifecycle import Forbidden, Reason, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

M = TypeVar("M", bound=Model)
Found = TypeVar("Found")

_Standing = tuple[str, int | None, int | None, int | None, bool]
_BUILDS = ((Role.OWNER, "own"), (Role.DEPUTY_OWNER, "own"), (Role.DEVELOPER, "develop"))
OPERATOR_PERMISSIONS = frozenset({Permission.SYSTEM_VIEW, Permission.LEDGER_VIEW})


class NotVisible(Refusal, Http404):
    """The person may not even know that it exists (HTTP 404, the same answer as for an unknown id)."""

    def __init__(self) -> None:
        super().__init__(Reason("not_found", "Nothing of that name or number is here for you."))


_read: ContextVar[dict[tuple[object, ...], Any] | None] = ContextVar("rights_read", default=None)


@contextmanager
def one_reading() -> Iterator[None]:
    """Ask each question about a person's rights once while a page is put together, which is of one moment then.

    Whoever acts within it asks anew each time: what is decided under a lock is decided on what holds there.
    """
    token = _read.set({})
    try:
        yield
    finally:
        _read.reset(token)


def _once(question: tuple[object, ...], ask: Callable[[], Found]) -> Found:
    read = _read.get()
    if read is None or is_acting():
        return ask()
    if question not in read:
        read[question] = ask()
    found: Found = read[question]
    return found


def can(person: User | AnonymousUser, permission: str, obj: Model | None = None) -> bool:
    """Whether the person has the right on this object now; without an object, for the whole organisation."""
    return permission in permissions_of(person, obj)


def require(person: User | AnonymousUser, permission: str, obj: Model | None = None) -> None:
    """Raise NotVisible if the person has no right at all on the object, Forbidden if only this one is missing."""
    words = permissions_of(person, obj)
    if permission in words:
        return
    if obj is not None and not words:
        raise NotVisible
    raise Forbidden(Reason("forbidden", missing(person, permission, obj)))


def missing(person: User | AnonymousUser, permission: str, obj: Model | None = None) -> str:
    """The sentence that says which right is missing, and whether recusal is why."""
    if obj is None:
        return f"You need the right to {Permission(permission).words} for the whole organisation."
    recused = recusal(person, obj)
    right = f"You need the right to {Permission(permission).words} on this {obj._meta.verbose_name}."
    return f"{right} {recused}" if recused else right


def permissions_of(person: User | AnonymousUser, obj: Model | None = None) -> frozenset[str]:
    """Every right the person has on this object now, in one statement; feed it to `Machine.decide(allowed=…)`.

    Objects that hang on no system or unit are governed for the whole organisation.
    """
    if not _is_open(person):
        return frozenset()
    assert isinstance(person, User)  # noqa: S101  anonymous visitors have been turned away
    if person.kind == User.Kind.MACHINE:
        return _permissions_of_machine(person, obj)
    system_id, unit_id = _place(obj)
    return _once(("words", person.pk, system_id, unit_id), lambda: _permissions_at(person, system_id, unit_id))


def _permissions_at(person: User, system_id: int | None, unit_id: int | None) -> frozenset[str]:
    words = _organisation_grants(person).values_list("permission__codename")
    if system_id is not None:
        words = words.union(
            _user_grants().filter(user_id=person.pk, content_object_id=system_id).values_list("permission__codename")
        )
    elif unit_id is not None:
        roles = structure().standing._default_manager.filter(person_id=person.pk, unit_id=unit_id).values("role")
        words = words.union(RolePermission.objects.filter(role__in=roles).values_list("permission__codename"))
    return frozenset(word for (word,) in words) | _operator(person)


def permissions_on(person: User | AnonymousUser, systems: Iterable[Model]) -> dict[int, frozenset[str]]:
    """Rights on many systems at once (key → rights), in two statements whatever their number."""
    keys = [system.pk for system in systems]
    if not _is_open(person):
        return dict.fromkeys(keys, frozenset())
    assert isinstance(person, User)  # noqa: S101
    everywhere: set[str] = set()
    found: dict[int, set[str]] = {key: set() for key in keys}
    if person.kind == User.Kind.MACHINE:
        for key, scope in _token_reach(person).filter(system_id__in=keys).values_list("system_id", "scope"):
            found[key] |= SCOPE_PERMISSIONS[Scope(scope)]
    else:
        everywhere |= set(_organisation_grants(person).values_list("permission__codename", flat=True))
        everywhere |= _operator(person)
        grants = _user_grants().filter(user_id=person.pk, content_object_id__in=keys)
        for key, word in grants.values_list("content_object_id", "permission__codename"):
            found[key].add(word)
    return {key: frozenset(words | everywhere) for key, words in found.items()}


def visible(
    person: User | AnonymousUser, queryset: QuerySet[M], permission: str = Permission.SYSTEM_VIEW
) -> QuerySet[M]:
    """The rows of the queryset on which the person has the right now.

    One statement is spent on the person's reach; the queryset itself is filtered by unit and system keys, and not
    at all for people whose right covers the organisation.
    """
    return Sight(person, permission).rows(queryset)


def among(field: str, keys: QuerySet[Any, Any]) -> Func:
    """`field = ANY (ARRAY(…))`: the keys of a subquery that stands by itself, found once whatever the planner believes.

    An `IN (SELECT …)` inside another becomes a join that is run through again for each row wherever the statistics
    call a table empty, as they do after a large import or a night of deletions.
    """
    found = Func(ArraySubquery(keys), function="ANY")
    return Func(F(field), found, template="(%(expressions)s)", arg_joiner=" = ", output_field=BooleanField())


class Sight:
    """What a person sees with one right: asked once, then given whole or a slice at a time.

    A plain filter makes the database look through all a person may see, or through everything to find the little he
    may see. For a slice of the list of systems each unit gives its first rows from its own index, and single systems
    are looked up, so that it costs what the units and grants are, not what the portal holds.
    """

    def __init__(self, person: User | AnonymousUser, permission: str = Permission.SYSTEM_VIEW) -> None:
        self._reach = reach_of(person, permission)

    def rows(self, queryset: QuerySet[M]) -> QuerySet[M]:
        """Every row in sight, by a plain filter: for what is few, or read to its end."""
        if self._reach.everything:
            return queryset
        system, unit = _paths(queryset.model)
        condition = Q(pk__in=[])
        if system is not None:
            key, of_unit = (f"{system}_id", f"{system}__unit_id") if system else ("pk", "unit_id")
            condition |= self._reach.condition(key, of_unit)
        if unit is not None:
            units = self._reach.units | self._reach.reviewed_units | self._reach.lent_units
            condition |= Q(**{f"{unit}__in" if unit == "pk" else f"{unit}_id__in": units})
        return queryset.filter(condition)

    def first(self, queryset: QuerySet[M], order: Sequence[str], most: int) -> list[M]:
        """The first systems in this order, at most so many: those of `rows(…).order_by(*order)[:most]`."""
        ordered = queryset.order_by(*order)
        if not self._reach.everything:
            ordered = ordered.filter(pk__in=self._keys(ordered, most))
        return list(ordered[:most])

    def count(self, queryset: QuerySet[M], most: int) -> int:
        """How many systems there are, counted no further than `most`."""
        unordered = queryset.order_by()
        return (unordered if self._reach.everything else self._keys(unordered, most))[:most].count()

    def units(self) -> QuerySet[Any]:
        """The units some system in sight belongs to."""
        reach, here = self._reach, structure().system._default_manager.filter(unit_id=OuterRef("pk"))
        units = structure().unit._default_manager.all()
        if reach.everything:
            return units.filter(Exists(here))
        single = structure().system._default_manager.filter(reach.single()).values("unit_id")
        whole = Q(pk__in=reach.units) & Exists(here)
        reviewed = Q(pk__in=reach.reviewing_units()) & Exists(here.exclude(pk__in=reach.built_systems))
        return units.filter(whole | reviewed | Q(among("pk", single)))

    def _keys(self, rows: QuerySet[Any], most: int) -> QuerySet[Any, Any]:
        """Keys of at least the first so many rows in the order given, each once."""
        reach, system = self._reach, structure().system
        if rows.model is not system:
            raise TypeError(f"{rows.model} is no list of systems; filter it by visible()")
        single = rows.filter(reach.single()).values_list("pk")[:most]
        parts = [
            structure()
            .unit._default_manager.filter(pk__in=units)
            .order_by()
            .values_list(Func(ArraySubquery(of_unit.values("pk")[:most]), function="unnest"))
            for units, of_unit in (
                (reach.units, rows.filter(unit_id=OuterRef("pk"))),
                (reach.reviewing_units(), rows.filter(unit_id=OuterRef("pk")).exclude(pk__in=reach.built_systems)),
            )
            if units
        ]
        return single.union(*parts, all=True) if parts else single


class Reach:
    """Where a person holds one right: everywhere, on units (already spread out), on single systems.

    What comes from a reviewing role is kept apart: it is inert on systems the same person builds.
    """

    def __init__(self, *, everything: bool = False) -> None:
        self.everything = everything
        self.units: set[int] = set()
        self.systems: set[int] = set()
        self.reviewed_units: set[int] = set()
        self.reviewed_systems: set[int] = set()
        self.built_units: set[int] = set()
        self.built_systems: set[int] = set()
        self.lent_units: set[int] = set()  # the units themselves; their systems stand among `systems`

    def condition(self, system: str, unit: str) -> Q:
        """The filter for a queryset that knows its system's key and its system's unit under these names."""
        condition = Q(**{f"{system}__in": self.systems}) | Q(**{f"{unit}__in": self.units})
        if self.reviewed_units or self.reviewed_systems:
            reviewed = Q(**{f"{system}__in": self.reviewed_systems}) | Q(**{f"{unit}__in": self.reviewed_units})
            built = Q(**{f"{system}__in": self.built_systems}) | Q(**{f"{unit}__in": self.built_units})
            condition |= reviewed & ~built
        return condition

    def reviewing_units(self) -> set[int]:
        """Units seen by a reviewing role alone: all their systems but those the person builds."""
        return self.reviewed_units - self.units - self.built_units

    def single(self) -> Q:
        """Systems seen one by one and through none of the units (a queryset of systems)."""
        reviewed = Q(pk__in=self.reviewed_systems - self.built_systems) & ~Q(unit_id__in=self.built_units)
        by_review = Q(unit_id__in=self.reviewing_units()) & ~Q(pk__in=self.built_systems)
        return (Q(pk__in=self.systems) | reviewed) & ~Q(unit_id__in=self.units) & ~by_review


def reach_of(person: User | AnonymousUser, permission: str) -> Reach:
    """Where the person holds the right now, in one statement; for lists that compose their own shape.

    Whoever holds it by a lent role costs one more: it is inert on what the lender builds, so its systems are counted.
    A page asks for a score of rights: its reading fetches the person's roles once, and what they give.
    """
    if not _is_open(person):
        return Reach()
    assert isinstance(person, User)  # noqa: S101
    if permission in _operator(person):
        return Reach(everything=True)
    if person.kind == User.Kind.MACHINE:
        reach = Reach()
        scopes = [scope for scope, words in SCOPE_PERMISSIONS.items() if permission in words]
        reach.systems.update(_token_reach(person).filter(scope__in=scopes).values_list("system_id", flat=True))
        return reach
    return _once(("reach", person.pk, permission), lambda: _reach_of_person(person, permission))


def _reach_of_person(person: User, permission: str) -> Reach:
    reach = Reach()
    lent = False
    for role, system_id, unit_id, delegated, granting in _standing_for(person, permission):
        if not role:
            return Reach(everything=True)
        if granting and delegated is not None:
            lent = True
            _note(reach.lent_units, unit_id)
        elif granting:
            reviewing = role in REVIEWING_ROLES
            _note(reach.reviewed_systems if reviewing else reach.systems, system_id)
            _note(reach.reviewed_units if reviewing else reach.units, unit_id)
        if role in BUILDING_ROLES:
            _note(reach.built_systems, system_id)
            _note(reach.built_units, unit_id)
    if lent:
        grants = _user_grants().filter(user_id=person.pk, permission__codename=permission)
        reach.systems.update(grants.values_list("content_object_id", flat=True))
    return reach


def holders(permission: str, obj: Model | None = None) -> QuerySet[User]:
    """The people who hold the right on this object now (machines hold rights by token only and are not listed)."""
    by_organisation = _organisation_memberships().filter(permission__codename=permission).values("group_id")
    holding = Q(groups__in=by_organisation)
    system_id, unit_id = _place(obj)
    if system_id is not None:
        grants = _user_grants().filter(content_object_id=system_id, permission__codename=permission)
        holding |= Q(pk__in=grants.values("user_id"))
    elif unit_id is not None:
        roles = RolePermission.objects.filter(permission__codename=permission).values("role")
        standing = structure().standing._default_manager.filter(unit_id=unit_id, role__in=roles)
        holding |= Q(pk__in=standing.values("person_id"))
    if permission in OPERATOR_PERMISSIONS:
        holding |= Q(is_superuser=True)
    people = User.objects.filter(is_active=True, closed_at=None, kind=User.Kind.HUMAN)
    return people.filter(pk__in=User.objects.filter(holding).values("pk"))


def recusal(person: User | AnonymousUser, obj: Model) -> str | None:
    """Why a reviewing role of the person is inert on this object's system, or None.

    Whoever owns, deputises for or develops a system, directly or through a unit, does not review it.
    """
    roles = _roles_here(person, obj)
    if not roles & REVIEWING_ROLES:
        return None
    verb = next((verb for role, verb in _BUILDS if role in roles), None)
    return f"Recused: you {verb} this." if verb else None


def building(person: User, obj: Model) -> str | None:
    """The word for how a person builds this object's system (“owns”, “develops”), directly or by unit, or None."""
    roles = _roles_here(person, obj)
    return next((f"{verb}s" for role, verb in _BUILDS if role in roles), None)


def _roles_here(person: User | AnonymousUser, obj: Model) -> set[str]:
    system_id, _ = _place(obj)
    if system_id is None or not _is_open(person):
        return set()
    unit = structure().system._default_manager.filter(pk=system_id).values("unit_id")
    standing = structure().standing._default_manager.filter(person_id=person.pk)
    return set(standing.filter(Q(system_id=system_id) | Q(unit_id__in=unit)).values_list("role", flat=True))


def _note(keys: set[int], key: int | None) -> None:
    if key is not None:
        keys.add(key)


def _is_open(person: User | AnonymousUser) -> bool:
    return bool(person.is_authenticated and person.is_active and person.closed_at is None)


def _operator(person: User) -> frozenset[str]:
    return OPERATOR_PERMISSIONS if person.is_superuser else frozenset()


def _paths(model: type[Model]) -> tuple[str | None, str | None]:
    """Where a model says its system stands (`scope`) and, if it may hang on a unit instead, its unit."""
    if model is structure().unit:
        return None, "pk"
    return getattr(model, "scope", None), getattr(model, "unit_scope", None)


def _place(obj: Model | None) -> tuple[int | None, int | None]:
    """The keys of the system, or else of the unit, that an object hangs on."""
    if obj is None:
        return None, None
    system, unit = _paths(type(obj))
    if unit == "pk" or system == "":
        return (None, obj.pk) if unit == "pk" else (obj.pk, None)
    return _follow(obj, system), _follow(obj, unit)


def _follow(obj: Model, path: str | None) -> int | None:
    if not path:
        return None
    *steps, last = path.split("__")
    place: Any = obj
    for step in steps:
        place = getattr(place, step)
        if place is None:
            return None
    key = getattr(place, f"{last}_id")
    return None if key is None else int(key)


def _user_grants() -> QuerySet[Any]:
    return get_user_obj_perms_model(structure().system())._default_manager.all()


def _organisation_memberships() -> QuerySet[Any]:
    """Group × permission, of the permission words only."""
    return Group.permissions.through._default_manager.filter(
        permission__content_type__app_label=structure().system._meta.app_label,
        permission__content_type__model=structure().system._meta.model_name,
    )


def _organisation_grants(person: User) -> QuerySet[Any]:
    return _organisation_memberships().filter(
        group__user=person.pk, group__user__is_active=True, group__user__closed_at=None
    )


def _standing_for(person: User, permission: str) -> Iterable[_Standing]:
    """(role, system, unit, the role it is lent from, whether the role gives the right).

    An empty role stands for the whole organisation.
    """
    if _read.get() is None or is_acting():
        return _ask_standing(person, permission)
    if permission in permissions_of(person):
        return [("", None, None, None, True)]
    standing = _once(("standing", person.pk), lambda: list(_standing_of(person)))
    words = _once(("role words", person.pk), lambda: _words_of({role for role, *_ in standing}))
    return [(*row, permission in words[row[0]]) for row in standing]


def _standing_of(person: User) -> QuerySet[Any, Any]:
    standing = structure().standing._default_manager.filter(person_id=person.pk)
    return standing.values_list("role", "system_id", "unit_id", "delegated_from_id")


def _words_of(roles: set[str]) -> dict[str, set[str]]:
    """What each of these roles gives."""
    words: dict[str, set[str]] = {role: set() for role in roles}
    for role, word in RolePermission.objects.filter(role__in=roles).values_list("role", "permission__codename"):
        words[role].add(word)
    return words


def _ask_standing(person: User, permission: str) -> QuerySet[Any, Any]:
    here = RolePermission.objects.filter(role=OuterRef("role"), permission__codename=permission)
    nowhere = Value(None, output_field=BigIntegerField())
    organisation = (
        _organisation_grants(person)
        .filter(permission__codename=permission)
        .values_list(Value(""), nowhere, nowhere, nowhere, Value(True))
    )
    both: QuerySet[Any, Any] = _standing_of(person).annotate(granting=Exists(here)).union(organisation)
    return both


def _token_reach(person: User) -> QuerySet[Any]:
    token = person.token
    reach = structure().token_reach._default_manager
    return reach.none() if token is None else reach.filter(token_id=token.pk, user_id=person.pk)


def _permissions_of_machine(person: User, obj: Model | None) -> frozenset[str]:
    system_id, _ = _place(obj)
    if system_id is None:
        return frozenset()
    scopes = _token_reach(person).filter(system_id=system_id).values_list("scope", flat=True)
    return frozenset(word for scope in scopes for word in SCOPE_PERMISSIONS[Scope(scope)])
