"""Transparency: what people outside may read about a system, its versions, and the public page itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from governance.access import rights
from governance.access.models import User
from governance.access.rights import NotVisible
from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.web.pages import Declared, DetailPage, ObjectFormPage, Page
from governance.web.slots import Action, WorkItem
from inventory import transparency
from inventory.forms import LookMixin
from inventory.models import System, TransparencyVersion
from inventory.services import transparency as verbs

P = Permission
MOST = 50


class WriteForm(LookMixin, forms.Form):
    """What people outside are to read."""

    slug = forms.SlugField(
        label="Public address", required=False, max_length=120,
        help_text="What stands after /transparency/. It is chosen once; left empty, that of the system.",
    )  # fmt: skip
    title = forms.CharField(label="What it is called outside", max_length=200)
    contact = forms.CharField(
        label="Whom people outside ask",
        max_length=300,
        help_text="A mailbox, a telephone number, a page; no name.",
    )
    text = forms.CharField(
        label="Text", max_length=verbs.LONGEST, widget=forms.Textarea({"rows": 24}),
        help_text="Markdown, drafted from the record. It names nobody, and the system only as it is called outside.",
    )  # fmt: skip


class ReasonForm(LookMixin, forms.Form):
    """Why."""

    reason = forms.CharField(max_length=500, widget=forms.Textarea({"rows": 3}))


class NoteForm(LookMixin, forms.Form):
    """Why, if there is something to say."""

    reason = forms.CharField(label="Note", required=False, max_length=2000, widget=forms.Textarea({"rows": 3}))


def address(system: System) -> str:
    """Where the versions of a system are."""
    return reverse("inventory:system_transparency", args=[system.slug])


class SystemTransparency(DetailPage[System]):
    """The versions, what is public, and what this person can do."""

    permission = P.SYSTEM_VIEW
    template_name = "inventory/transparency.html"
    lookups = {"slug": "slug"}

    def objects(self) -> QuerySet[System]:
        """Systems with their versions."""
        return transparency.pages()

    def context(self) -> dict[str, Any]:
        """Adds the versions and the buttons."""
        system = self.object
        page = getattr(system, "transparency", None)
        versions = list(page.versions.all()) if page else []
        public = transparency.public_version(page.slug) if page else None
        waiting = next((one for one in versions if one.decided_at is None), None)
        return {
            **super().context(), "system": system, "public_page": page, "versions": versions, "public": public,
            "verbs": list(self.buttons(waiting, public)),
        }  # fmt: skip

    def buttons(self, waiting: TransparencyVersion | None, public: TransparencyVersion | None) -> Iterable[Any]:
        """Writing while nothing waits, deciding on what waits, withdrawing what is public."""
        allowed = rights.permissions_of(self.person, self.object)
        slug = self.object.slug
        if waiting is None and P.DOCUMENT_CHANGE in allowed:
            yield {
                "label": "Write a version",
                "href": reverse("inventory:transparency_write", args=[slug]),
                "reasons": (),
            }
        if waiting is not None and P.TRANSPARENCY_DECIDE in allowed:
            own = [{"text": "You wrote it; somebody else decides on it."}] if waiting.written_by == self.person else []
            for label, name in (("Approve it", "transparency_approve"), ("Refuse it", "transparency_refuse")):
                href = reverse(f"inventory:{name}", args=[slug, waiting.pk])
                yield {"label": label, "href": href, "reasons": own}
        if public is not None and {P.DOCUMENT_CHANGE, P.TRANSPARENCY_DECIDE} & allowed:
            href = reverse("inventory:transparency_withdraw", args=[slug])
            yield {"label": "Withdraw what is public", "href": href, "reasons": ()}


class TransparencyForm(ObjectFormPage[System], abstract=True):
    """A form about a system's public page."""

    template_name = "web/form.html"
    lookups = {"slug": "slug"}
    heading: ClassVar[str]
    lead: ClassVar[str]

    def objects(self) -> QuerySet[System]:
        """Systems with their versions."""
        return transparency.pages()

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        words = {"heading": self.heading, "pretitle": self.object.name, "lead": self.lead, "submit": self.heading}
        return {**super().context(), **words, "cancel": address(self.object)}


class TransparencyWrite(TransparencyForm):
    """Write a version; at first the draft from the record, later the last version."""

    permission = P.DOCUMENT_CHANGE
    verb = "transparency.write"
    form_class = WriteForm
    heading = "Write a version"
    lead = "Nobody outside can read it before somebody else than you approves it."

    def initial(self) -> dict[str, Any]:
        """The last version, or the draft."""
        page = transparency.page_of(self.object)
        last = page.versions.first() if page else None
        if page is None or last is None:
            return {"slug": self.object.slug, "text": transparency.draft_of(self.object)}
        return {"slug": page.slug, "title": last.title, "contact": last.contact, "text": last.text}

    def save(self, form: Any) -> HttpResponseBase:
        """Write it."""
        verbs.write_transparency(actor=self.person, system=self.object, door=Door.WEB, **form.cleaned_data)
        return self.done(
            "It is written. Somebody else approves it before anybody outside can read it.", address(self.object)
        )


class TransparencyDecision(TransparencyForm, abstract=True):
    """A version decided on."""

    permission = P.TRANSPARENCY_DECIDE
    version: TransparencyVersion

    def prepare(self) -> None:
        """Also find the version. Raises NotVisible for one of another system."""
        super().prepare()
        listed = TransparencyVersion.objects.select_related("page__system__unit")
        found = listed.filter(page__system=self.object, pk=self.kwargs["version"]).first()
        if found is None:
            raise NotVisible
        self.version = found


class TransparencyApprove(TransparencyDecision):
    """Make a version public."""

    verb = "transparency.approve"
    form_class = NoteForm
    heading = "Approve it"
    lead = "From then on anybody can read it, without signing in."

    def save(self, form: Any) -> HttpResponseBase:
        """Approve it."""
        verbs.approve_transparency(actor=self.person, version=self.version, door=Door.WEB, **form.cleaned_data)
        return self.done("It is public.", address(self.object))


class TransparencyRefuse(TransparencyDecision):
    """Keep a version inside."""

    verb = "transparency.refuse"
    form_class = ReasonForm
    heading = "Refuse it"
    lead = "It stays inside. Another version can be written."

    def save(self, form: Any) -> HttpResponseBase:
        """Refuse it."""
        verbs.refuse_transparency(actor=self.person, version=self.version, door=Door.WEB, **form.cleaned_data)
        return self.done("It stays inside.", address(self.object))


class TransparencyWithdraw(TransparencyForm):
    """Take back what is public. The service asks for the right to write or to decide."""

    permission = P.SYSTEM_VIEW
    verb = "transparency.withdraw"
    form_class = ReasonForm
    heading = "Withdraw what is public"
    lead = "The page is gone at once, and no earlier version takes its place."

    def save(self, form: Any) -> HttpResponseBase:
        """Withdraw it."""
        verbs.withdraw_transparency(actor=self.person, system=self.object, door=Door.WEB, **form.cleaned_data)
        return self.done("Nothing about this system is public any more.", address(self.object))


class PublicPage(Page):
    """`/transparency/<slug>/`, for anybody: the version that is public, or nothing."""

    permission = Declared.PUBLIC
    takes = frozenset()
    template_name = "inventory/transparency_public.html"
    version: TransparencyVersion

    def prepare(self) -> None:
        """Find it. Raises NotVisible where nothing is public, whether or not there is a system."""
        found = transparency.public_version(self.kwargs["slug"])
        if found is None:
            raise NotVisible
        self.version = found

    def context(self) -> dict[str, Any]:
        """Adds the version, and nothing else of the record."""
        return {**super().context(), "version": self.version}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show it; what is withdrawn is to be gone, so nobody keeps a copy."""
        answer = self.show()
        answer["Cache-Control"] = "no-store"
        return answer


def system_actions(request: HttpRequest, system: System) -> Iterable[Action]:
    """What people outside may read."""
    yield Action("Transparency page", address(system), "world", link=True)


def waiting(person: User) -> Iterable[WorkItem]:
    """Versions to approve or refuse."""
    for version in transparency.to_decide(person)[:MOST]:
        system = version.page.system
        yield WorkItem(
            f"Transparency page of {system.name}", address(system), "Approve or refuse it",
            about=f"written by {version.written_by}", since=version.written_at, icon="world",
        )  # fmt: skip
