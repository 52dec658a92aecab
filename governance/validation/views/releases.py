"""Buttons of a release's page that put it up for review, stop it and let it run again."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.urls import reverse

from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.validation import queries, services
from governance.validation.models import Submission
from governance.validation.routes import LIGHT
from governance.web.pages import ActionPage
from inventory.models import Release

REASON = 2000


class ReleaseVerb(ActionPage[Release], abstract=True):
    """One verb on a release; who may, the service says."""

    permission = Permission.SYSTEM_VIEW

    def objects(self) -> QuerySet[Release]:
        """Releases with their system."""
        return Release.objects.select_related("system")

    def back(self, message: str) -> HttpResponseBase:
        """To the release's page."""
        return self.done(message, reverse("inventory:release_detail", args=[self.object.pk]))

    def submitted(self, submission: Submission, message: str) -> HttpResponseBase:
        """To the release's page, saying which stages lack independent people."""
        for sentence in queries.missing_reviewers(submission):
            messages.warning(self.request, sentence)
        return self.back(message)


class ReleaseSubmit(ReleaseVerb):
    """Put a draft up for review."""

    verb = "release.submit"

    def act(self) -> HttpResponseBase:
        """Freeze and submit."""
        submission = services.submit_release(actor=self.person, release=self.object, door=Door.WEB)
        return self.submitted(submission, f"Submission {submission.number} is under review.")


class ReleaseSubmitLight(ReleaseVerb):
    """Put a draft that brings a minor change up for a light review."""

    verb = "release.submit"

    def act(self) -> HttpResponseBase:
        """Freeze and submit."""
        submission = services.submit_release(actor=self.person, release=self.object, route=LIGHT, door=Door.WEB)
        return self.submitted(submission, f"Submission {submission.number} is under a light review.")


class ReleaseShip(ReleaseVerb):
    """Let a draft ship inside the envelope of the last reviewed release."""

    verb = "release.ship"

    def act(self) -> HttpResponseBase:
        """Check, freeze and approve."""
        submission = services.ship_release(actor=self.person, release=self.object, door=Door.WEB)
        carrier = submission.carried_by
        version = carrier.release.version if carrier else ""
        return self.back(f"The release may ship: it stays inside the envelope of release {version}.")


class ReleaseRenew(ReleaseVerb):
    """Put an approved release up for review again."""

    verb = "release.renew"

    def act(self) -> HttpResponseBase:
        """Freeze and submit."""
        submission = services.renew_release(actor=self.person, release=self.object, door=Door.WEB)
        return self.submitted(submission, f"Renewal {submission.number} is under review.")


class ReleaseWithdraw(ReleaseVerb):
    """Take a submission back."""

    verb = "release.withdraw"
    fields = frozenset({"reason"})

    def act(self) -> HttpResponseBase:
        """Withdraw."""
        reason = self.text("reason", REASON)
        services.withdraw_submission(actor=self.person, release=self.object, reason=reason, door=Door.WEB)
        return self.back("The submission is withdrawn.")


class ReleaseSuspend(ReleaseVerb):
    """Stop an approved release for now."""

    verb = "release.suspend"
    fields = frozenset({"reason"})

    def act(self) -> HttpResponseBase:
        """Suspend."""
        reason = self.text("reason", REASON)
        services.suspend_release(actor=self.person, release=self.object, reason=reason, door=Door.WEB)
        return self.back("The release is suspended.")


class ReleaseReinstate(ReleaseVerb):
    """Let a suspended release count again."""

    verb = "release.reinstate"
    fields = frozenset({"reason"})

    def act(self) -> HttpResponseBase:
        """Reinstate."""
        reason = self.text("reason", REASON)
        services.reinstate_release(actor=self.person, release=self.object, reason=reason, door=Door.WEB)
        return self.back("The release is reinstated.")


class ReleaseRevoke(ReleaseVerb):
    """Take an approval away for good."""

    verb = "release.revoke"
    fields = frozenset({"reason"})

    def act(self) -> HttpResponseBase:
        """Revoke."""
        reason = self.text("reason", REASON)
        services.revoke_release(actor=self.person, release=self.object, reason=reason, door=Door.WEB)
        return self.back("The approval is revoked.")
