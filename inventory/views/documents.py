"""A system's documents: read by section, compared word by word, written with preview and a draft that is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse

from governance.access import rights
from governance.access.rights import NotVisible
from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.lifecycle import Conflict
from governance.policy.completeness import AskedSection, Completeness, asked_sections, groups_of, says_something
from governance.policy.schema import DocumentTemplate, PackDocument
from governance.web.pages import ActionPage, DetailPage, ObjectFormPage
from inventory import queries
from inventory.documents import reading
from inventory.documents.difference import sections_difference
from inventory.documents.front_matter import FRONT_MATTER
from inventory.documents.merging import Merged, merged
from inventory.documents.recorded import as_markdown
from inventory.forms import DocumentForm
from inventory.models import Document, DocumentDraft, DocumentRevision, System
from inventory.services import save_document_revision
from inventory.services.documents import discard_draft, save_draft

FREE = (AskedSection("text", "Text", "Markdown."),)


def sections_of(
    system: System, template: DocumentTemplate | None, newest: DocumentRevision | None
) -> list[AskedSection]:
    """The template's sections, then what else the newest revision has, in its own order."""
    asked = list(asked_sections(template, groups_of(system.affected_groups)) if template else ())
    known = {section.id for section in asked}
    written = newest.sections if newest else {}
    order = {name: place for place, name in enumerate(newest.layout if newest else ())}
    further = sorted(set(written) - known, key=lambda name: (name != FRONT_MATTER, order.get(name, len(order)), name))
    asked += [AskedSection(name, reading.title_of(name), required=False) for name in further]
    return asked or list(FREE)


class About:
    """What is known of one document of a system before a page shows it."""

    def __init__(self, system: System, name: str) -> None:
        self.pack: PackDocument | None = reading.policy_now()
        self.template = reading.template_named(self.pack, name)
        self.document = Document.objects.filter(system=system, template=name).first()
        if self.document is None and self.template is None:
            raise NotVisible
        self.revisions = list(queries.revisions_of(self.document)) if self.document else []
        self.newest = self.revisions[0] if self.revisions else None
        known = self.document.title if self.document else ""
        self.title = known or (self.template.title if self.template else reading.title_of(name))

    def numbered(self, number: str) -> DocumentRevision | None:
        """The revision of that number, the newest without one. Raises NotVisible for one that does not exist."""
        if not number:
            return self.newest
        for revision in self.revisions:
            if str(revision.number) == number:
                return revision
        raise NotVisible

    def standing(self, system: System, revision: DocumentRevision | None) -> Completeness | None:
        """How a revision stands against the template in force."""
        if self.template is None or self.pack is None:
            return None
        return reading.standing_of(system, self.template, revision, self.pack)


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
        about = About(self.object, self.kwargs["template"])
        shown = about.numbered(self.request.GET.get("revision", ""))
        written = shown.sections if shown else {}
        record = reading.record_of(self.object)
        sections = [
            _part(section, written.get(section.id, ""), as_markdown(section.shows, record))
            for section in sections_of(self.object, about.template, shown)
        ]
        return {
            **super().context(), "system": self.object, "title": about.title, "document": about.document,
            "successor": about.document.successor if about.document and shown == about.newest else None,
            "template": about.template, "revisions": about.revisions, "shown": shown, "newest": about.newest,
            "sections": sections, "standing": about.standing(self.object, shown),
            "evidence": reading.evidence_of(about.document) if about.document else (),
            "can_change": rights.can(self.person, Permission.DOCUMENT_CHANGE, self.object),
        }  # fmt: skip


def _part(section: AskedSection, text: str, recorded: str) -> dict[str, Any]:
    return {
        "section": section, "text": text, "said": says_something(text), "recorded": recorded,
        "verbatim": section.id == FRONT_MATTER,
    }  # fmt: skip


class DocumentDifference(DetailPage[System]):
    """Two revisions of a document, word by word."""

    permission = Permission.SYSTEM_VIEW
    template_name = "inventory/document_difference.html"
    lookups = {"slug": "slug"}

    def objects(self) -> QuerySet[System]:
        """The system."""
        return queries.system_pages()

    def context(self) -> dict[str, Any]:
        """The revisions asked for: without any, the newest and the one before it."""
        about = About(self.object, self.kwargs["template"])
        if about.newest is None:
            raise NotVisible
        after = about.numbered(self.request.GET.get("to", "")) or about.newest
        earlier = self.request.GET.get("from", "") or str(max(after.number - 1, 1))
        before = about.numbered(earlier) or after
        titles = reading.section_titles(self.object, about.template)
        parts = sections_difference(before.sections, after.sections, [*titles, *after.layout])
        shown = [(titles.get(part.id, reading.title_of(part.id)), part) for part in parts]
        return {
            **super().context(), "system": self.object, "title": about.title, "revisions": about.revisions,
            "before": before, "after": after, "template_id": self.kwargs["template"],
            "changed": [(title, part) for title, part in shown if part.changed],
            "same": [title for title, part in shown if not part.changed],
        }  # fmt: skip


class DocumentChange(ObjectFormPage[System]):
    """Write the next revision of a document, beginning with one's draft if there is one."""

    permission = Permission.DOCUMENT_CHANGE
    verb = "document.save"
    template_name = "inventory/document_form.html"
    form_class = DocumentForm
    lookups = {"slug": "slug"}
    about: About
    draft: DocumentDraft | None
    collisions: Mapping[str, Merged] = {}

    def objects(self) -> QuerySet[System]:
        """The system."""
        return queries.system_pages()

    def prepare(self) -> None:
        """Also find the document and the draft."""
        super().prepare()
        name = self.kwargs["template"]
        self.about = About(self.object, name)
        self.draft = reading.draft_of(self.object, name, self.person.pk)

    def form_arguments(self) -> dict[str, Any]:
        """The sections."""
        return {"sections": sections_of(self.object, self.about.template, self.about.newest)}

    def initial(self) -> dict[str, Any]:
        """The draft joined with what was saved since; else what is saved; else what the record knows."""
        newest = self.about.newest
        texts: dict[str, str] = dict(newest.sections) if newest else {}
        if self.draft is not None:
            texts = self._joined(self.draft.sections, self.draft.seen)
        else:
            record = reading.record_of(self.object)
            for section in sections_of(self.object, self.about.template, newest):
                if section.shows and not texts.get(section.id, "").strip():
                    texts[section.id] = as_markdown(section.shows, record)
        return {
            **{f"section-{name}": text for name, text in texts.items()},
            "contact": self._contact(), "seen": newest.number if newest else 0,
        }  # fmt: skip

    def _contact(self) -> str:
        newest = self.about.newest
        drafted = self.draft.contact if self.draft else ""
        if newest and newest.document.successor is not None:
            return drafted or newest.document.successor.email or str(newest.document.successor)
        return drafted or (newest.contact if newest else self.person.email or str(self.person))

    def _joined(self, mine: Mapping[str, str], seen: int) -> dict[str, str]:
        """What was typed from revision `seen`, joined with the newest; what both changed is kept for the page."""
        newest = self.about.newest
        theirs = newest.sections if newest and newest.number != seen else None
        if theirs is None:
            return dict(mine)
        base: dict[str, str] = next((each.sections for each in self.about.revisions if each.number == seen), {})
        joined = merged(base, mine, theirs)
        self.collisions = {name: part for name, part in joined.items() if part.both}
        return {name: part.text for name, part in joined.items()}

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        name, newest = self.kwargs["template"], self.about.newest
        titles = {section.id: section.title for section in self.form_arguments()["sections"]}
        where = reverse("inventory:document_detail", args=[self.object.slug, name])
        return {
            **super().context(), "heading": self.about.title, "system": self.object, "template_id": name,
            "newest": newest, "draft": self.draft, "cancel": where,
            "collisions": [(titles.get(part, part), each) for part, each in self.collisions.items()],
            "standing": self.about.standing(self.object, newest),
        }  # fmt: skip

    def known_fields(self, form: Any) -> set[str]:
        """“preview” is a button."""
        return super().known_fields(form) | {"preview"}

    def save(self, form: Any) -> HttpResponseBase:
        """Show the preview, or save; what somebody else saved in the meantime is shown beside what was typed."""
        if "preview" in self.request.POST:
            texts = form.sections()
            preview = [
                {"id": section.id, "title": section.title, "text": texts[section.id]}
                for section in self.form_arguments()["sections"]
            ]
            return self.show(form=form, preview=preview, previewed=self.request.POST["preview"])
        name = self.kwargs["template"]
        seen = form.cleaned_data["seen"] or 0
        try:
            revision = save_document_revision(
                actor=self.person, door=Door.WEB, system=self.object, template=name, sections=form.sections(),
                contact=form.cleaned_data["contact"], expected_number=seen,
            )  # fmt: skip
        except Conflict as conflict:
            if conflict.code != "stale":
                raise
            return self._stale(form, conflict, seen)
        where = reverse("inventory:document_detail", args=[self.object.slug, name])
        return self.done(f"Revision {revision.number} is saved.", where)

    def _stale(self, form: Any, conflict: Conflict, seen: int) -> HttpResponseBase:
        """409 with both texts: the next save stands on the newest revision."""
        self.about = About(self.object, self.kwargs["template"])
        newest = self.about.newest
        data = self.request.POST.copy()
        for name, text in self._joined(form.sections(), seen).items():
            data[f"section-{name}"] = text
        data["seen"] = str(newest.number if newest else 0)
        again = self.form_class(data, initial=self.initial(), **self.form_arguments())
        again.is_valid()
        for reason in conflict.reasons:
            again.add_error(None, reason.text)
        if newest:
            again.add_error(None, f"Revision {newest.number} is by {newest.author}; its other sections are taken over.")
        return self.show(status=409, form=again)


class DocumentDraftSave(ActionPage[System]):
    """Keep what is being typed; answers with one line for the page."""

    permission = Permission.DOCUMENT_CHANGE
    verb = "document.save"
    lookups = {"slug": "slug"}

    def objects(self) -> QuerySet[System]:
        """The system."""
        return queries.system_pages()

    def post(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Every section posted is kept; a field that is none is refused."""
        sections = {
            name.removeprefix("section-"): self.request.POST[name]
            for name in self.request.POST
            if name.startswith("section-")
        }
        self.refuse_unknown({*(f"section-{name}" for name in sections), "contact", "seen"})
        return self._keep(sections)

    def _keep(self, sections: dict[str, str]) -> HttpResponseBase:
        About(self.object, self.kwargs["template"])
        seen = self.request.POST.get("seen", "")
        draft = save_draft(
            actor=self.person, system=self.object, template=self.kwargs["template"], sections=sections,
            contact=self.request.POST.get("contact", ""),
            seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else 0,
        )  # fmt: skip
        return HttpResponse(f"Draft kept at {draft.updated_at:%H:%M:%S} UTC, for you alone.", content_type="text/plain")


class DocumentDraftDiscard(ActionPage[System]):
    """Throw one's own draft away."""

    permission = Permission.DOCUMENT_CHANGE
    verb = "document.save"
    lookups = {"slug": "slug"}

    def objects(self) -> QuerySet[System]:
        """The system."""
        return queries.system_pages()

    def act(self) -> HttpResponseBase:
        """Call the service."""
        name = self.kwargs["template"]
        discard_draft(actor=self.person, system=self.object, template=name)
        where = reverse("inventory:document_change", args=[self.object.slug, name])
        return self.done("The draft is thrown away.", where)
