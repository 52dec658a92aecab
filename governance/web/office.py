"""The governance team's window: Django's admin, where governed records are looked at and changed only by services.

An app registers read-only views of its records on `office` and declares, beside the right to look, each verb as an
`OfficeVerb`: a right, a form, and the service it calls. Nothing here is added, changed or deleted by the admin's own
forms, and Django's own sign-in and password pages are not hung up: there is one way in, with one limiter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite, AllValuesFieldListFilter, FieldListFilter, ModelAdmin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import CharField, Model, QuerySet
from django.forms.models import model_to_dict
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.views.generic import RedirectView

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.inputs import InvalidInput
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict

if TYPE_CHECKING:
    from django.contrib.admin.sites import _ViewType as View

    AnyModelAdmin = ModelAdmin[Any]
else:
    AnyModelAdmin = ModelAdmin

# Pages of the stock admin that no verb may stand in front of.
STOCK_ADDRESSES = frozenset({"add", "change", "delete", "history"})
# What the stock filters of a list send after a field's name.
_FILTERED_BY = frozenset({"", "exact", "id__exact", "isnull", "isempty"})
# Ways in, generic redirects and choosers that would bypass the portal's own.
_NOT_HUNG_UP = frozenset({"login", "password_change", "password_change_done", "autocomplete", "view_on_site"})
# What the first page calls records whose own name says less.
_CALLED = {
    "Assignment": "Roles on systems and units",
    "Endpoint": "Webhooks",
    "Group": "Organisation-wide roles",
    "ImportRun": "Imports",
    "Pack": "Policy packs",
    "Token": "Tokens of machines",
    "UnmappedValue": "Imported values nobody has read",
    "User": "People and machines",
}


class ValuesFilter(AllValuesFieldListFilter):
    """The values a column holds, with a word for the empty one: a link needs a name."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Each value as a link."""
        for choice in super().choices(changelist):
            yield {**choice, "display": choice["display"] or "Nothing stated"}


FieldListFilter.register(lambda field: isinstance(field, CharField) and not field.choices, ValuesFilter, True)


class Office(AdminSite):
    """The admin site: for people with a right over the whole organisation, and for operators to look around."""

    site_header = "Countersign administration"
    site_title = "Countersign"
    index_title = "Administration"
    enable_nav_sidebar = False
    final_catch_all_view = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the person sees the organisation as a whole."""
        return rights.can(cast("User", request.user), Permission.SYSTEM_VIEW)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:  # type: ignore[override]
        """Where the admin sends whom it does not let in: to the portal's own sign-in, or away."""
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.get_full_path())

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """The stock wrapper, but for who is signed in and not let in: refused at once, not asked to sign in again."""
        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            return guarded(request, *args, **kwargs)

        return cast("View", answered)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The records by subject; organisation-wide roles stand beside the people who hold them."""
        subjects = super().get_app_list(request, app_label)
        people = next((subject for subject in subjects if subject["app_label"] == "access"), None)
        for subject in subjects:
            for record in subject["models"]:
                record["name"] = _CALLED.get(record["object_name"], record["name"])
            if people is not None and subject["app_label"] == "auth":
                people["models"] += subject["models"]
        return [subject for subject in subjects if people is None or subject["app_label"] != "auth"]

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """The admin's addresses without its own ways in: those two names lead to the portal's."""
        kept = [
            pattern
            for pattern in super().get_urls()
            if getattr(pattern, "name", None) not in _NOT_HUNG_UP
        ]  # fmt: skip
        elsewhere = RedirectView.as_view(pattern_name="account_change_password")
        return [
            path("login/", self.login, name="login"),
            path("password_change/", self.admin_view(elsewhere), name="password_change"),
            *kept,
        ]


office = Office(name="admin")


@dataclass(frozen=True)
class OfficeVerb:
    """A button: the right it needs, the ledger verb a refusal is recorded under, its form and its service.

    `run` gets who acts, the object (None for a verb of the list, like adding) and the checked values, and returns
    the object to show afterwards. `filled` forms open with what the object says now; `then` names the page to go to
    instead of the object's.
    """

    label: str
    permission: Permission
    recorded_as: str
    run: Callable[[User, Any, Mapping[str, Any]], Model]
    form: type[forms.Form] = forms.Form
    of_list: bool = False
    filled: bool = False
    then: Callable[[Any], str] | None = None


class Records(AnyModelAdmin):
    """Governed records: looked at by `permission`, changed by `verbs`, never by the admin itself.

    `links` lead from the list to pages of the portal, `pages` from a record to those about it.
    """

    permission: ClassVar[Permission] = Permission.SYSTEM_VIEW
    verbs: ClassVar[Mapping[str, OfficeVerb]] = {}
    links: ClassVar[Sequence[tuple[str, str]]] = ()
    pages: ClassVar[Sequence[tuple[str, str, Permission]]] = ()
    actions = None
    list_per_page = 50
    show_full_result_count = False
    change_form_template = "admin/record.html"
    change_list_template = "admin/records.html"

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the records stand on the first page."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether the person may look."""
        return rights.can(cast("User", request.user), self.permission)

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Never by the admin's form."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never by the admin's form."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: nothing governed is deleted."""
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only the filters the list shows: any other would answer questions about columns nobody is shown."""
        shown = {name for name in self.list_filter if isinstance(name, str)}
        field, _, rest = lookup.partition("__")
        return field in shown and rest in _FILTERED_BY

    def get_urls(self) -> list[URLPattern]:
        """The admin's addresses and one for each verb."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        own = []
        for verb, declared in self.verbs.items():
            if verb in STOCK_ADDRESSES:
                raise ValueError(f"the verb {verb!r} would hide a page of the stock admin")
            where = f"{verb}/" if declared.of_list else f"<path:object_id>/{verb}/"
            view = self.admin_site.admin_view(self._page_of(verb))
            own.append(path(where, view, name=f"{name}_{verb}"))
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list with the buttons that need no object."""
        buttons = self._buttons(request, None)
        return super().changelist_view(request, {**(extra_context or {}), "buttons": buttons})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The record with its buttons."""
        obj = self.get_object(request, object_id)
        buttons = self._buttons(request, obj) if obj is not None else []
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "buttons": buttons})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """What the person may see."""
        return rights.visible(cast("User", request.user), super().get_queryset(request), self.permission)

    def _buttons(self, request: HttpRequest, obj: Model | None) -> list[dict[str, str]]:
        """Label and address of each verb the person has the right to."""
        allowed = rights.permissions_of(cast("User", request.user), obj)
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        arguments = [obj.pk] if obj is not None else []
        found = [
            {"label": declared.label, "href": reverse(f"{name}_{verb}", args=arguments)}
            for verb, declared in self.verbs.items()
            if declared.of_list == (obj is None) and declared.permission in allowed
        ]
        if obj is None:
            return found + [{"label": label, "href": reverse(where)} for label, where in self.links]
        found += [
            {"label": label, "href": reverse(where, args=arguments)}
            for label, where, right in self.pages if right in allowed
        ]  # fmt: skip
        return found

    def _page_of(self, verb: str) -> Callable[..., HttpResponseBase]:
        declared = self.verbs[verb]

        def page(request: HttpRequest, object_id: str | None = None) -> HttpResponseBase:
            return self._perform(request, declared, object_id)

        page.permission = declared.permission  # type: ignore[attr-defined]  # read by the test of all addresses
        return page

    def _perform(self, request: HttpRequest, declared: OfficeVerb, object_id: str | None) -> HttpResponseBase:
        """Show the verb's form, or call its service with what was posted."""
        person = cast("User", request.user)
        obj = self.get_object(request, object_id) if object_id is not None else None
        if object_id is not None and obj is None:
            raise Http404
        if not rights.can(person, declared.permission, obj):
            with acting(person, door=Door.ADMIN, verb=declared.recorded_as):
                rights.require(person, declared.permission, obj)
        known = model_to_dict(obj, fields=[*declared.form.base_fields]) if declared.filled and obj is not None else {}
        form = declared.form(request.POST if request.method == "POST" else None, initial=known)
        status = 200
        if request.method == "POST":
            status, shown = _run(declared, person, obj, form, set(request.POST))
            if shown is not None:
                messages.success(request, f"{declared.label}: done.")
                opts = shown._meta
                own = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[shown.pk])
                return HttpResponseRedirect(declared.then(shown) if declared.then is not None else own)
        context = {
            **self.admin_site.each_context(request),
            "title": declared.label,
            "opts": self.opts,
            "original": obj,
            "form": form,
        }
        return TemplateResponse(request, "admin/verb.html", context, status=status)


def _run(
    declared: OfficeVerb, person: User, obj: Model | None, form: forms.Form, posted: set[str]
) -> tuple[int, Model | None]:
    """(status, the object to show), with everything that was wrong noted on the form."""
    for name in sorted(posted - set(form.fields) - {"csrfmiddlewaretoken"}):
        form.add_error(None, f"{name[:60]} is no field of this form.")
    if not form.is_valid():
        return 400, None
    try:
        return 200, declared.run(person, obj, form.cleaned_data)
    except Conflict as conflict:
        for reason in conflict.reasons:
            form.add_error(None, reason.text)
        return 409, None
    except InvalidInput as invalid:
        for field, sentences in invalid.errors.items():
            form.add_error(field if field in form.fields else None, sentences)
        return 400, None
