"""Files of reviews and findings: attached by a form, handed out as attachments to who may see the system."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpResponseBase
from django.urls import reverse

from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.lifecycle import Forbidden, Reason
from governance.validation import attaching, queries
from governance.validation.forms import AttachForm
from governance.validation.models import Finding, FindingFile, Review, ReviewFile
from governance.validation.services import attach_to_finding, attach_to_review
from governance.web.pages import DetailPage, ObjectFormPage
from inventory.views.evidence import handed_out

M = TypeVar("M", bound=Model)
NOBODY = Reason("forbidden", "You cannot attach a file here as it stands now.")


def attach_href(noun: str, record: Model, parts: list[str]) -> str:
    """Where this person attaches a file to a record; empty where there is no part to attach one to."""
    return reverse(f"validation:{noun}_attach", args=[record.pk]) if parts else ""


class Attach(ObjectFormPage[M], abstract=True):
    """A file for one of the parts this person may add to; the service judges again."""

    permission = Permission.SYSTEM_VIEW
    template_name = "web/form.html"
    form_class = AttachForm

    def parts(self) -> list[tuple[str, str]]:
        """The parts with their words."""
        raise NotImplementedError

    def page(self) -> str:
        """Where the record is shown."""
        raise NotImplementedError

    def form_arguments(self) -> dict[str, Any]:
        """The parts to choose from; every part for whoever posts, so that the service says why not."""
        return {"parts": self.parts()}

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The form; not to somebody who could not send it. Raises Forbidden."""
        if not self.parts():
            raise Forbidden(NOBODY)
        return super().get(request, *args, **kwargs)

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        words = {"heading": "Attach a file", "pretitle": str(self.object), "submit": "Attach", "cancel": self.page()}
        return {**super().context(), **words, "lead": "It stays on the record and changes nothing that is reviewed."}


class ReviewAttach(Attach[Review]):
    """Attach a file to a review."""

    verb = "review.attach"

    def objects(self) -> QuerySet[Review]:
        """Reviews with the submission they are of."""
        return queries.reviews()

    def parts(self) -> list[tuple[str, str]]:
        """Discussion, decision."""
        offered = attaching.parts_of_review(self.person, self.object)
        return [part for part in ReviewFile.Part.choices if self.request.method == "POST" or part[0] in offered]

    def page(self) -> str:
        """The files of the review's page."""
        return f"{reverse('validation:review_detail', args=[self.object.pk])}#files"

    def save(self, form: Any) -> HttpResponseBase:
        """Keep the file."""
        kept = attach_to_review(actor=self.person, review=self.object, door=Door.WEB, **form.handed())
        return self.done(f"“{kept.name}” is attached.", self.page())


class FindingAttach(Attach[Finding]):
    """Attach a file to a finding."""

    verb = "finding.attach"

    def objects(self) -> QuerySet[Finding]:
        """Findings with their release and people."""
        return queries.findings()

    def parts(self) -> list[tuple[str, str]]:
        """Answer, judgement."""
        offered = attaching.parts_of_finding(self.person, self.object)
        return [part for part in FindingFile.Part.choices if self.request.method == "POST" or part[0] in offered]

    def page(self) -> str:
        """The files of the finding's page."""
        return f"{reverse('validation:finding_detail', args=[self.object.pk])}#files"

    def save(self, form: Any) -> HttpResponseBase:
        """Keep the file."""
        kept = attach_to_finding(actor=self.person, finding=self.object, door=Door.WEB, **form.handed())
        return self.done(f"“{kept.name}” is attached.", self.page())


class Download(DetailPage[M], abstract=True):
    """A file, read through and compared with its digest before a byte of it leaves."""

    permission = Permission.SYSTEM_VIEW
    model: type[M]

    def objects(self) -> QuerySet[M]:
        """The rows that attach a file."""
        return self.model._default_manager.select_related("file")

    def show(self, status: int = 200, **extra: Any) -> Any:
        """As an attachment of no type a browser would open."""
        attached: Any = self.object
        return handed_out(attached.file.sha256, attached.name)


class ReviewFileDownload(Download[ReviewFile]):
    """A file of a review."""

    model = ReviewFile


class FindingFileDownload(Download[FindingFile]):
    """A file of a finding."""

    model = FindingFile
