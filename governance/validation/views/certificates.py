"""The decision certificate: one printable page that says who decided what, and how to check it."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import QuerySet

from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.ledger.models import Block
from governance.validation import queries
from governance.validation.models import ReviewFile, SignOff, Submission
from governance.web.pages import DetailPage


class CertificatePage(DetailPage[Submission]):
    """What was decided about one submission, by whom, under which rules, sealed where."""

    permission = Permission.SYSTEM_VIEW
    template_name = "validation/certificate.html"

    def objects(self) -> QuerySet[Submission]:
        """Submissions with their release and pack."""
        return Submission.objects.select_related("release__system__unit", "pack", "submitter")

    def context(self) -> dict[str, Any]:
        """Signatures with the block each is sealed in."""
        submission = self.object
        signatures = list(submission.sign_offs.select_related("review", "delegation__delegated_from__person"))
        blocks = queries.blocks_of(signatures)
        return {
            **super().context(),
            "submission": submission,
            "release": submission.release,
            "system": submission.release.system,
            "manifest": json.loads(submission.manifest),
            "signatures": [_sealed(signature, blocks.get(signature.pk)) for signature in signatures],
            "checklists": [
                (review, queries.checklist(review)) for review in submission.reviews.all() if review.checklist
            ],
            "conditions": submission.conditions.select_related("owner", "successor"),
            "papers": ReviewFile.objects.filter(
                review__submission=submission, part=ReviewFile.Part.DECISION
            ).select_related("file", "review", "added_by"),
            "printed_at": portal_now(),
        }


def _sealed(signature: SignOff, block: Block | None) -> dict[str, Any]:
    return {
        "signature": signature,
        "height": block.height if block else None,
        "hash": bytes(block.hash).hex() if block else "",
    }
