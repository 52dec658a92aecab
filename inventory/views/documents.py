"""A system's documents: read as one text, edited section by section, every revision kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.urls import reverse

from governance.access import rights
from governance.access.rights import NotVisible
from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.policy.queries import pack_in_force
from governance.web.pages import DetailPage, ObjectFormPage
from inventory import queries
from inventory.forms import DocumentForm
from inventory.models import Document, DocumentRevision, System
from inventory.services import save_document_revision

FREE = ({"id": "text", "title": "Text", "help": "Markdown."},)


def template_of(name: str) -> Mapping[str, Any] | None:
    """The pack's template of that name, if it has one."""
    pack = pack_in_force()
    templates = ((pack.document.get("documents") or {}).get("templates") or []) if pack else []
    return next((template for template in templates if template["id"] == name), None)


def sections_of(template: Mapping[str, Any] | None, newest: DocumentRevision | None) -> list[Mapping[str, Any]]:
    """The template's sections, then what else the newest revision has; one free text where there is neither."""
    wanted: list[Mapping[str, Any]] = list(template["sections"]) if template else []
    known = {section["id"] for section in wanted}
    wanted += [{"id": name, "title": _title(name)} for name in (newest.sections if newest else {}) if name not in known]
    return wanted or list(FREE)


def _title(name: str) -> str:
    return name.replace("-", " ").replace("_", " ").capitalize()


class DocumentDetail(DetailPage[System]):
    """One document of a system in one of its revisions."""

    permission = Permission.SYSTEM_VIEW
    template_name = "inventory/document_detail.html"
    lookups = {"slug": "slug"}

    def objects(self) -> QuerySet[System]:
        """The system."""
        return queries.system_pages()

    def context(self) -> dict[str, Any]:
        """The revision asked for, the newest if none is."""
        template = template_of(self.kwargs["template"])
        document = Document.objects.filter(system=self.object, template=self.kwargs["template"]).first()
        if document is None and template is None:
            raise NotVisible
        revisions = list(queries.revisions_of(document)) if document else []
        shown = _revision(revisions, self.request.GET.get("revision", ""))
        written = shown.sections if shown else {}
        title = document.title if document else template["title"] if template else ""
        return {
            **super().context(), "system": self.object, "title": title, "document": document, "template": template,
            "revisions": revisions, "shown": shown, "newest": revisions[0] if revisions else None,
            "sections": [{**part, "text": written.get(part["id"], "")} for part in sections_of(template, shown)],
            "can_change": rights.can(self.person, Permission.DOCUMENT_CHANGE, self.object),
        }  # fmt: skip


def _revision(revisions: list[DocumentRevision], number: str) -> DocumentRevision | None:
    """The revision of that number. Raises NotVisible for one that does not exist."""
    if not number:
        return revisions[0] if revisions else None
    for revision in revisions:
        if str(revision.number) == number:
            return revision
    raise NotVisible


class DocumentChange(ObjectFormPage[System]):
    """Write the next revision of a document; a preview shows it as it will be read."""

    permission = Permission.DOCUMENT_CHANGE
    verb = "document.save"
    template_name = "inventory/document_form.html"
    form_class = DocumentForm
    lookups = {"slug": "slug"}
    newest: DocumentRevision | None

    def objects(self) -> QuerySet[System]:
        """The system."""
        return queries.system_pages()

    def prepare(self) -> None:
        """Also find the newest revision and the template."""
        super().prepare()
        name = self.kwargs["template"]
        self.newest = (
            DocumentRevision.objects.filter(document__system=self.object, document__template=name)
            .select_related("document")
            .order_by("-number")
            .first()
        )
        self.template = template_of(name)

    def form_arguments(self) -> dict[str, Any]:
        """The sections."""
        return {"sections": sections_of(self.template, self.newest)}

    def initial(self) -> dict[str, Any]:
        """What is written so far."""
        written = self.newest.sections if self.newest else {}
        return {
            **{f"section-{name}": text for name, text in written.items()},
            "contact": self.newest.contact if self.newest else self.person.email or str(self.person),
            "seen": self.newest.number if self.newest else 0,
        }

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        name = self.kwargs["template"]
        title = self.newest.document.title if self.newest else self.template["title"] if self.template else _title(name)
        return {
            **super().context(), "heading": title, "pretitle": self.object.name, "template": self.template,
            "newest": self.newest, "submit": "Save revision",
            "cancel": reverse("inventory:document_detail", args=[self.object.slug, name])
            if self.newest or self.template
            else reverse("inventory:system_detail", args=[self.object.slug]) + "?tab=documents",
        }  # fmt: skip

    def known_fields(self, form: Any) -> set[str]:
        """“preview” is a button."""
        return super().known_fields(form) | {"preview"}

    def save(self, form: Any) -> HttpResponseBase:
        """Show the preview, or save."""
        if "preview" in self.request.POST:
            titles = {section["id"]: section["title"] for section in sections_of(self.template, self.newest)}
            preview = [{"title": titles[name], "text": text} for name, text in form.sections().items()]
            return self.show(form=form, preview=preview)
        revision = save_document_revision(
            actor=self.person, door=Door.WEB, system=self.object, template=self.kwargs["template"],
            title=self.template["title"] if self.template else "", sections=form.sections(),
            contact=form.cleaned_data["contact"], expected_number=form.cleaned_data["seen"],
        )  # fmt: skip
        where = reverse("inventory:document_detail", args=[self.object.slug, self.kwargs["template"]])
        return self.done(f"Revision {revision.number} is saved.", where)
