"""The base of every API address: declared rights, declared parameters, limits, preconditions, one way to answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, ClassVar

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model, QuerySet
from django.http import Http404
from rest_framework import exceptions, status, viewsets
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from governance.access import rights
from governance.access.models import User
from governance.access.rights import Reach, visible
from governance.access.roles import SCOPE_PERMISSIONS
from governance.access.vocabulary import Permission, Scope
from governance.inputs import InvalidInput
from governance.ledger.acting import Door, acting
from governance.ledger.verbs import VERBS
from governance.lifecycle import Forbidden, Reason
from governance.rest import etags, idempotency, paging
from governance.rest.filters import Filter, filtered, refuse_undeclared, searched, words_of
from governance.rest.limits import count_call
from governance.rest.permissions import Audience, Declaration, rights_in
from governance.rest.serializers import Nothing

STANDARD = ("list", "retrieve", "create", "update", "partial_update", "destroy")


class Declared(BasePermission):
    """Open what the view declares for this action: to people, and to machines whose token reaches that far.

    Whether the right is held on this very object is asked by the query (reading) or the service (changing).
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether the action is declared; raises Forbidden `scope` for a token that is too narrow."""
        if not request.user.is_authenticated:
            return False
        declared = view.declared
        if declared is None:  # No such method here: the view answers 405.
            return True
        needed = rights_in(declared)
        machine = request.user.kind == User.Kind.MACHINE
        if machine and needed and _reach(request.user).isdisjoint(needed):
            raise Forbidden(Reason("scope", _too_narrow(needed)))
        return True


class PortalViewSet(viewsets.GenericViewSet[Any]):
    """Derive every API view from this.

    `permissions` names, for each action, the right it needs; an action without one stops the start of the portal.
    `verbs` names the ledger verb of each changing action, under which a refusal is recorded.
    `serializers` names the input of an action and `answers` its output; `filters` and `query` declare parameters,
    `search` the field of the full-text vector, `later` the actions that are answered 202,
    `again` those that create and are answered 200 where it was there already,
    `ordering` the order of paging, `paged` the actions that page.
    """

    permissions: ClassVar[Mapping[str, Declaration]] = {}
    permission_classes = [Declared]
    filters: ClassVar[Mapping[str, Filter]] = {}
    query: ClassVar[Mapping[str, Collection[str]]] = {}
    repeatable: ClassVar[Collection[str]] = ()
    search: ClassVar[str] = ""
    ordering: ClassVar[Sequence[str]] = ("-pk",)
    serializers: ClassVar[Mapping[str, type[BaseSerializer[Any]]]] = {}
    answers: ClassVar[Mapping[str, type[BaseSerializer[Any]]]] = {}
    paged: ClassVar[Collection[str]] = ("list",)
    later: ClassVar[Collection[str]] = ()
    again: ClassVar[Collection[str]] = ()
    verbs: ClassVar[Mapping[str, str]] = {}
    lookup_value_regex = "[1-9][0-9]{0,17}"

    def __init_subclass__(cls, **options: Any) -> None:
        """Refuse an action that declares no right, and a declaration of none."""
        super().__init_subclass__(**options)
        actions = {name for name in STANDARD if hasattr(cls, name)}
        for extra in cls.get_extra_actions():
            actions.update(extra.mapping.values())  # type: ignore[attr-defined]
        missing = actions - set(cls.permissions)
        without = {name for name in cls.permissions if not hasattr(cls, name)}
        silent = {name for name in cls.verbs.values() if name not in VERBS}
        if missing or without or silent:
            raise ImproperlyConfigured(
                f"{cls.__qualname__}: no right declared for {sorted(missing)}; no action named {sorted(without)}; "
                f"no verb of the ledger {sorted(silent)}"
            )

    @property
    def declared(self) -> Declaration | None:
        """The declaration of the action at hand; None when the address does not know the method."""
        return self.permissions[self.action] if self.known else None

    @property
    def known(self) -> bool:
        """Whether the address knows the method; OPTIONS is answered by none."""
        return bool(self.action) and self.action != "metadata"

    @property
    def person(self) -> User:
        """Who calls."""
        assert isinstance(self.request.user, User)  # noqa: S101  Declared turned strangers away
        return self.request.user

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Identify, count and check a call before anything else happens."""
        try:
            super().initial(request, *args, **kwargs)
        except exceptions.UnsupportedMediaType as unreadable:  # whoever asks in a way there is none need not be read
            if self.known:
                raise
            raise exceptions.MethodNotAllowed(str(request.method)) from unreadable
        count_call(_subject(self.person), reading=self.reading)
        if not self.known:
            return
        declared = set(self.query.get(self.action, ()))
        if self.action in self.paged:
            declared |= {"cursor", "page_size"}
        if self.action == "list":
            declared |= set(self.filters) | ({"search"} if self.search else set())
        refuse_undeclared(request._request.GET, declared, self.repeatable)
        if self.action != "create" and "Idempotency-Key" in request.headers and not self.creates:
            raise InvalidInput({"Idempotency-Key": ["Is for creating only."]})

    @property
    def creates(self) -> bool:
        """Whether the action at hand creates something."""
        return self.action == "create" or self.action.startswith("create_")

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Keep answers out of shared caches."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer["Cache-Control"] = "no-store"
        return answer

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        """The serializer that reads the action's input."""
        return self.serializers.get(self.action or "", Nothing)

    def get_queryset(self) -> QuerySet[Any]:
        """What this person may see of the view's rows: the right of reading actions, seeing for all others."""
        queryset = super().get_queryset()
        needed = rights_in(self.declared)
        return visible(self.person, queryset, needed[0] if self.reading and needed else Permission.SYSTEM_VIEW)

    @property
    def reading(self) -> bool:
        """Whether the method changes nothing."""
        return self.request.method in {"GET", "HEAD"}

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Apply the declared filters and the search of a list."""
        if self.action != "list":
            return queryset
        parameters = self.request._request.GET
        queryset = filtered(queryset, self.filters, parameters)
        if self.search and "search" in parameters:
            queryset = self.find(queryset, words_of(str(parameters["search"])))
        return queryset

    def find(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        """The rows that hold these words; none given, all rows."""
        return searched(queryset, self.search, words)

    def get_object(self) -> Any:
        """The row of this address, authorised.

        Raises Http404, the same for unknown and for invisible; Forbidden for a change the person may not make.
        """
        key = self.kwargs[self.lookup_url_kwarg or self.lookup_field]
        found = self.get_queryset().filter(**{self.lookup_field: key}).first()
        if found is None:
            raise Http404
        self.authorise(found)
        return found

    def authorise(self, obj: Model | None) -> None:
        """Judge a changing action before its body is read, as a page does; the service judges again under its lock.

        Without an object: whether the person has the right anywhere. Raises Forbidden, recorded as a denial.
        """
        needed = rights_in(self.declared)
        if self.reading or not needed:
            return
        if not rights.permissions_of(self.person, obj).isdisjoint(needed):
            return
        if obj is None and any(_somewhere(rights.reach_of(self.person, right)) for right in needed):
            return
        with acting(self.person, door=Door.API, verb=self.verbs[self.action]):
            rights.require(self.person, needed[0], obj)

    def input(self) -> dict[str, Any]:
        """The checked body of the action's serializer. Raises ValidationError."""
        serializer = self.get_serializer(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def expected(self, current: str) -> str:
        """The version the caller has seen: demanded by PATCH and PUT, honoured everywhere."""
        return etags.expected(self.request, current, required=self.request.method in {"PATCH", "PUT"})

    def listed(
        self,
        queryset: QuerySet[Any],
        serializer: type[BaseSerializer[Any]],
        ordering: Sequence[str] | None = None,
        sight: rights.Sight | None = None,
    ) -> Response:
        """One page of rows; with `sight` of those the person may see."""
        parameters = self.request._request.GET
        page = paging.page(queryset, ordering or self.ordering, parameters, sight)
        base = self.request.build_absolute_uri(self.request.path)
        rows = serializer(page.rows, many=True, context=self.get_serializer_context())
        return Response(
            {
                "next": paging.address(base, parameters, page.next),
                "previous": paging.address(base, parameters, page.previous),
                "results": rows.data,
            }
        )

    def shown(self, obj: Model, data: Any, version: str = "") -> Response:
        """One object, with the ETag a later change has to name."""
        headers = {"ETag": etags.etag(version)} if version else {}
        return Response(data, headers=headers)

    def created(self, create: Callable[[], idempotency.Answer]) -> Response:
        """Run a creation, once per Idempotency-Key if the caller sent one: 201 with Location."""
        key = idempotency.key_of(self.request)
        if key is None:
            answer = create()
        else:
            with acting(self.person, door=Door.API, verb=self.verbs[self.action]):
                answer = idempotency.once(self.person, key, self.request.path, self.request.data, create)
        headers = {"Location": answer.location}
        if answer.etag:
            headers["ETag"] = answer.etag
        return Response(answer.body, status=answer.status, headers=headers)

    def creation(self, data: Any, location: str, version: str = "") -> idempotency.Answer:
        """The answer to a creation."""
        return idempotency.Answer(
            status=status.HTTP_201_CREATED,
            location=location,
            etag=etags.etag(version) if version else "",
            body=data,
        )


class Nowhere(PortalViewSet):
    """Every other address below the API: the same 404 as for an unknown object."""

    permissions: ClassVar[Mapping[str, Declaration]] = {"nowhere": Audience.SIGNED_IN}
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Identify the caller, then answer."""
        viewsets.GenericViewSet.initial(self, request, *args, **kwargs)
        raise Http404

    def nowhere(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Never reached: `initial` has answered."""
        raise Http404


def _reach(person: User) -> frozenset[Permission]:
    """Every right the scopes of a machine's token could give somewhere."""
    token = getattr(person, "token", None)
    scopes = getattr(token, "scopes", ()) if token is not None else ()
    return frozenset(word for scope in scopes for word in SCOPE_PERMISSIONS.get(Scope(scope), frozenset()))


def _too_narrow(needed: Collection[Permission]) -> str:
    """Which scope would have been needed, if any is enough."""
    enough = [scope for scope in Scope if not SCOPE_PERMISSIONS.get(scope, frozenset()).isdisjoint(needed)]
    if not enough:
        return "No scope of a token reaches this; a person does it."
    return f"This token does not have the scope {' or '.join(enough)}."


def _somewhere(reach: Reach) -> bool:
    return bool(reach.everything or reach.units or reach.systems or reach.reviewed_units or reach.reviewed_systems)


def _subject(person: User) -> str:
    token = getattr(person, "token", None)
    return f"token:{token.pk}" if token is not None else f"person:{person.pk}"
