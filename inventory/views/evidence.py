"""Evidence files: attached to a document, handed out only to who may see the system, never opened in the browser."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponseBase
from django.urls import reverse

from governance.access.rights import NotVisible
from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.lifecycle import Conflict, Reason
from governance.web.pages import DetailPage, ObjectFormPage
from inventory import queries
from inventory.evidence.content import LARGEST, MEGABYTE, EvidenceBroken, checked
from inventory.models import Document, EvidenceLink, System
from inventory.services.evidence import attach_evidence


class EvidenceForm(forms.Form):
    """One file."""

    file = forms.FileField(
        max_length=1000,
        help_text=f"Any kind, at most {LARGEST // MEGABYTE} MB. It is kept under its SHA-256 and never changes.",
        widget=forms.ClearableFileInput({"class": "form-control"}),
    )


class EvidenceAttach(ObjectFormPage[System]):
    """Attach a file to a document; that is the document's next revision."""

    permission = Permission.DOCUMENT_CHANGE
    verb = "evidence.attach"
    template_name = "web/form.html"
    form_class = EvidenceForm
    lookups = {"slug": "slug"}
    document: Document

    def objects(self) -> QuerySet[System]:
        """The system."""
        return queries.system_pages()

    def prepare(self) -> None:
        """Also find the document. Raises NotVisible while nobody has written it."""
        super().prepare()
        found = Document.objects.filter(system=self.object, template=self.kwargs["template"]).first()
        if found is None:
            raise NotVisible
        self.document = found

    def context(self) -> dict[str, Any]:
        """The texts of the page."""
        return {
            **super().context(), "heading": "Attach a file", "pretitle": f"{self.object.name} › {self.document.title}",
            "lead": "The next revision of the document names the file with its digest.", "submit": "Attach",
            "cancel": self._page(),
        }  # fmt: skip

    def save(self, form: Any) -> HttpResponseBase:
        """Keep the file."""
        file = form.cleaned_data["file"]
        link = attach_evidence(
            actor=self.person, door=Door.WEB, system=self.object, document=self.document, content=file, name=file.name
        )
        return self.done(f"“{link.name}” is attached.", self._page())

    def _page(self) -> str:
        return reverse("inventory:document_detail", args=[self.object.slug, self.document.template])


class EvidenceDownload(DetailPage[EvidenceLink]):
    """The file itself, read through and compared with its digest before a byte of it leaves."""

    permission = Permission.SYSTEM_VIEW

    def objects(self) -> QuerySet[EvidenceLink]:
        """The link."""
        return EvidenceLink.objects.select_related("file", "system")

    def show(self, status: int = 200, **extra: Any) -> Any:
        """As an attachment of no type a browser would open. Raises Conflict for a file that is not what it was."""
        return handed_out(self.object.file.sha256, self.object.name)


def handed_out(sha256: str, name: str) -> FileResponse:
    """A kept file as an attachment. Raises Conflict `evidence_broken`, `storage`."""
    try:
        content = checked(sha256)
    except EvidenceBroken as broken:
        sentence = f"The kept file is {broken}, not what was handed in. The ledger's check names it, too."
        raise Conflict(Reason("evidence_broken", sentence)) from broken
    except OSError as error:
        raise Conflict(Reason("storage", "The file store is out of reach.")) from error
    answer = FileResponse(content, as_attachment=True, filename=name, content_type="application/octet-stream")
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, no-store"
    return answer
