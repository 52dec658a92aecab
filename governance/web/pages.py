"""The page classes every HTML page is built on. Closed by default: a page that declares no permission cannot exist.

What a page answers, whoever asks: not signed in → 302 to the sign-in page · an object one may not see → 404, the
same bytes as for an unknown one · may see but may not do → 403 with reasons · wrong method → 405 · bad input → 400 ·
a state that stands against it → 409.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.views.generic import View

from governance.access import rights
from governance.access.models import User
from governance.access.rights import NotVisible
from governance.access.vocabulary import Permission
from governance.inputs import Checks, InvalidInput
from governance.ledger.acting import Door, acting
from governance.ledger.verbs import VERBS
from governance.lifecycle import Conflict, Forbidden, Offer
from governance.web.controls import dress
from governance.web.errors import method_not_allowed
from governance.web.paging import Slice, keyset_slice

M = TypeVar("M", bound=Model)


class Declared(StrEnum):
    """Declarations of a page that asks for no right on anything. Said explicitly, never by leaving it out."""

    PUBLIC = "public"
    SIGNED_IN = "signed-in only"


class Page(View):
    """Any page. Subclasses declare `permission`; `abstract=True` in the class line postpones that."""

    permission: ClassVar[Permission | Declared]
    template_name: ClassVar[str] = ""
    http_method_names = ["get", "head"]
    # The parameters a list without filters takes; None leaves it to the page.
    takes: ClassVar[frozenset[str] | None] = None

    def __init_subclass__(cls, *, abstract: bool = False, **kwargs: Any) -> None:
        """Refuse a page class without a declared permission when the class is made."""
        super().__init_subclass__(**kwargs)
        if not abstract and not isinstance(getattr(cls, "permission", None), (Permission, Declared)):
            raise ImproperlyConfigured(f"{cls.__module__}.{cls.__qualname__} declares no permission")

    @property
    def person(self) -> User:
        """The signed-in person; only for pages that are not public."""
        return cast("User", self.request.user)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Sign-in, method, visibility and permission, in this order; then the page itself."""
        if self.permission is not Declared.PUBLIC and not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path() if request.method in {"GET", "HEAD"} else "/")
        method = (request.method or "").lower()
        if method not in self.http_method_names or not hasattr(self, method):
            return method_not_allowed(request, self.answered())
        if self.takes is not None and (unknown := set(request.GET) - self.takes):
            raise InvalidInput({name[:100]: ["There is no such filter."] for name in sorted(unknown)})
        self.prepare()
        return super().dispatch(request, *args, **kwargs)

    def answered(self) -> list[str]:
        """The methods the page answers."""
        return [name.upper() for name in self.http_method_names if hasattr(self, name)]

    def prepare(self) -> None:
        """Fetch what the page is about and judge the permission, before anything else runs."""
        if isinstance(self.permission, Permission):
            self.authorise(None)

    def authorise(self, target: Model | None) -> None:
        """Raise unless the person has the page's permission on `target` (None: in the organisation)."""
        if isinstance(self.permission, Permission):
            rights.require(self.person, self.permission, target)

    def context(self) -> dict[str, Any]:
        """What the template gets; subclasses add to it."""
        return {"page": self}

    def show(self, status: int = 200, **extra: Any) -> HttpResponse:
        """The page as an answer."""
        return render(self.request, self.template_name, {**self.context(), **extra}, status=status)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the page."""
        return self.show()


class ObjectMixin(Generic[M]):
    """Finds the one object a page is about among those the person may see."""

    sees: ClassVar[Permission] = Permission.SYSTEM_VIEW
    lookups: ClassVar[Mapping[str, str]] = {"pk": "pk"}
    object: M

    def objects(self) -> QuerySet[M]:
        """The objects the page may be about, with what it needs selected; rights are added by the page."""
        raise NotImplementedError

    def find(self, person: User, kwargs: Mapping[str, Any]) -> M:
        """The object the address names. Raises NotVisible for an unknown and for an invisible one alike."""
        seen = rights.visible(person, self.objects(), self.sees)
        found = seen.filter(**{field: kwargs[name] for field, name in self.lookups.items()}).first()
        if found is None:
            raise NotVisible
        return found


class DetailPage(ObjectMixin[M], Page, abstract=True):
    """A page about one object: fetched through `visible`, then judged by `require`."""

    def prepare(self) -> None:
        """Find the object (404), then ask for the permission on it (403)."""
        self.object = self.find(self.person, self.kwargs)
        if self.permission != self.sees:
            self.authorise(self.object)

    def context(self) -> dict[str, Any]:
        """Adds `object`."""
        return {**super().context(), "object": self.object}


class ListPage(Page, Generic[M], abstract=True):
    """Rows the person may see, filtered by declared filters, in declared orders, a slice at a time.

    The permission narrows the rows, so nobody gets a 403 here; somebody without rights sees an empty list.
    """

    filter_class: ClassVar[type[forms.Form]] = forms.Form
    orders: ClassVar[Mapping[str, tuple[str, ...]]]
    default_order: ClassVar[str]
    page_size: ClassVar[int] = 50
    filters: forms.Form

    def prepare(self) -> None:
        """Refuse filters that are not declared (400); rows are narrowed by `rows`."""
        self.filters = self.bound_filters()
        for field in self.filters.fields.values():
            dress(field)
        unknown = set(self.request.GET) - set(self.filters.fields) - {"order", "after", "before"}
        if unknown:
            raise InvalidInput({name: ["There is no such filter."] for name in sorted(unknown)})
        several = {name for name, field in self.filters.fields.items() if isinstance(field, forms.MultipleChoiceField)}
        twice = [name for name, values in self.request.GET.lists() if len(values) > 1 and name not in several]
        if twice:
            raise InvalidInput({name: ["Is given more than once."] for name in sorted(twice)})
        if not self.filters.is_valid():
            raise InvalidInput({name: [str(text) for text in errors] for name, errors in self.filters.errors.items()})
        if self.order not in self.orders:
            raise InvalidInput({"order": ["There is no such order."]})

    def bound_filters(self) -> forms.Form:
        """The filter form with what stands in the address."""
        return self.filter_class(self.request.GET, **self.filter_arguments())

    def filter_arguments(self) -> dict[str, Any]:
        """More arguments of the filter form."""
        return {}

    @property
    def order(self) -> str:
        """The name of the order asked for."""
        return self.request.GET.get("order") or self.default_order

    def objects(self) -> QuerySet[M]:
        """All rows with what the page needs selected; rights and filters are added by the page."""
        raise NotImplementedError

    def narrow(self, rows: QuerySet[M], wanted: Mapping[str, Any]) -> QuerySet[M]:
        """Apply the declared filters."""
        return rows

    def rows(self) -> QuerySet[M]:
        """Every row the person may see that fits the filters, unordered."""
        seen = rights.visible(self.person, self.objects(), cast("Permission", self.permission))
        return self.narrow(seen, self.filters.cleaned_data)

    def slice(self) -> Slice[M]:
        """The rows of this page."""
        return keyset_slice(
            self.rows(), self.orders[self.order], size=self.page_size,
            after=self.request.GET.get("after", ""), before=self.request.GET.get("before", ""),
        )  # fmt: skip

    def context(self) -> dict[str, Any]:
        """Adds `slice`, `filters`, `order` and whether any filter is set."""
        chosen = {name: value for name, value in self.filters.cleaned_data.items() if value not in (None, "", [])}
        return {
            **super().context(), "slice": self.slice(), "filters": self.filters, "chosen": chosen,
            "order": self.order,
        }  # fmt: skip


class WritingPage(Page, abstract=True):
    """A page that changes something: POST with CSRF, permission judged inside `acting` so a refusal is recorded."""

    verb: ClassVar[str]

    def __init_subclass__(cls, *, abstract: bool = False, **kwargs: Any) -> None:
        """Refuse a writing page whose verb the ledger does not know."""
        super().__init_subclass__(abstract=abstract, **kwargs)
        if not abstract and getattr(cls, "verb", None) not in VERBS:
            raise ImproperlyConfigured(f"{cls.__module__}.{cls.__qualname__} declares no verb of the ledger")

    def authorise(self, target: Model | None) -> None:
        """As on any page; what is refused to a POST leaves a Denial."""
        if self.request.method != "POST":
            return super().authorise(target)
        with acting(self.person, door=Door.WEB, verb=self.verb):
            return super().authorise(target)

    def refuse_unknown(self, known: set[str]) -> None:
        """Raise InvalidInput for posted fields the page does not have: nothing is silently ignored."""
        unknown = {*self.request.POST, *self.request.FILES} - known - {"csrfmiddlewaretoken"}
        if unknown:
            raise InvalidInput({name: ["There is no such field."] for name in sorted(unknown)})

    def done(self, message: str, address: str) -> HttpResponseRedirect:
        """Say what happened and go on to `address`."""
        messages.success(self.request, message)
        return HttpResponseRedirect(address)


class FormPage(WritingPage, abstract=True):
    """A form: GET shows it, POST checks it and hands it to `save`. Invalid input is 400, a refusal 409, both with
    everything typed kept."""

    form_class: ClassVar[type[forms.BaseForm]]
    http_method_names = ["get", "head", "post"]

    def initial(self) -> dict[str, Any]:
        """What the form shows at first."""
        return {}

    def form_arguments(self) -> dict[str, Any]:
        """More arguments of the form class."""
        return {}

    def form(self) -> forms.BaseForm:
        """The form, bound to what was posted, if anything was."""
        arguments = {"initial": self.initial(), **self.form_arguments()}
        if self.request.method == "POST":
            return self.form_class(self.request.POST, self.request.FILES, **arguments)
        return self.form_class(**arguments)

    def known_fields(self, form: forms.BaseForm) -> set[str]:
        """Names that may be posted."""
        return {form.add_prefix(name) for name in form.fields}

    def save(self, form: Any) -> HttpResponseBase:
        """Call the service with the checked values and say where to go."""
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form."""
        return self.show(form=self.form())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Check and save, or show the form again with what is wrong."""
        form = self.form()
        self.refuse_unknown(self.known_fields(form))
        if not form.is_valid():
            return self.show(status=400, form=form)
        try:
            return self.save(form)
        except Conflict as conflict:
            for reason in conflict.reasons:
                form.add_error(None, reason.text)
            return self.show(status=409, form=form)
        except InvalidInput as invalid:
            for field, sentences in invalid.errors.items():
                self.place_error(form, field, sentences)
            return self.show(status=400, form=form)

    def place_error(self, form: forms.BaseForm, field: str, sentences: list[str]) -> None:
        """Show what a service found wrong beside its field, or above the form if the form has no such field."""
        if field in form.fields:
            form.add_error(field, sentences)
        else:
            form.add_error(None, [f"{field}: {sentence}" for sentence in sentences])


class ObjectFormPage(ObjectMixin[M], FormPage, abstract=True):
    """A form about one object."""

    def prepare(self) -> None:
        """Find the object (404), then ask for the permission on it (403)."""
        self.object = self.find(self.person, self.kwargs)
        if self.permission != self.sees:
            self.authorise(self.object)

    def offers(self) -> Iterable[Offer]:
        """What this person could do about the object, in whatever state; nouns moved by a machine say it here."""
        return ()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form; not to somebody who could not send it, who would lose what they type.

        Raises Forbidden for who may not, Conflict where the object is past it.
        """
        word = self.verb.partition(".")[2]
        for offer in self.offers():
            if offer.verb == word and offer.forbidden:
                raise Forbidden(*offer.reasons)
            if offer.verb == word and any(reason.code == "state" for reason in offer.reasons):
                raise Conflict(*offer.reasons)
        return super().get(request, *args, **kwargs)

    def context(self) -> dict[str, Any]:
        """Adds `object`."""
        return {**super().context(), "object": self.object}


class ActionPage(ObjectMixin[M], WritingPage, abstract=True):
    """A button: POST only, carries out one verb on one object and goes back to a page."""

    http_method_names = ["post"]
    fields: ClassVar[frozenset[str]] = frozenset()

    def prepare(self) -> None:
        """Find the object (404), then ask for the permission on it (403)."""
        self.object = self.find(self.person, self.kwargs)
        if self.permission != self.sees:
            self.authorise(self.object)

    def act(self) -> HttpResponseBase:
        """Call the service and say where to go."""
        raise NotImplementedError

    def text(self, name: str, limit: int) -> str:
        """A posted text. Raises InvalidInput when it cannot be kept."""
        checks = Checks()
        value = checks.text(name, self.request.POST.get(name, ""), limit=limit, lines=True)
        checks.done()
        return value

    def chosen(self, name: str, choices: Collection[str]) -> str:
        """A posted word out of a closed list. Raises InvalidInput for any other."""
        checks = Checks()
        value = checks.choice(name, self.request.POST.get(name), choices)
        checks.done()
        return value

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Carry out the verb; refusals become pages of their own."""
        self.refuse_unknown(set(self.fields))
        return self.act()
