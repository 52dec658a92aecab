"""The review page, the signature, and the queue of reviews."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from governance.access import openid
from governance.access.models import User
from governance.access.passwords import are_accepted
from governance.access.presence import presence, use_presence
from governance.access.reauthentication import confirm_password
from governance.access.rights import can, holders
from governance.access.vocabulary import Permission, Role
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.acting import Door
from governance.lifecycle import Conflict, Reason
from governance.policy.queries import rules
from governance.validation import attaching, overdue, queries, reviewers
from governance.validation.forms import CONDITION_FIELDS, SignOffForm, conditions_in
from governance.validation.models import CheckAnswer, Review, ReviewFile, Submission
from governance.validation.models.reviews import CHECKS
from governance.validation.promised import names_of
from governance.validation.rules import for_whom
from governance.validation.services import CheckInput, Handed, answer_checklist, attach_to_review, sign_off, with_files
from governance.validation.views.attachments import attach_href
from governance.validation.views.remarks import discussion
from governance.validation.views.reviewers import reviewing
from governance.web import slots
from governance.web.errors import Precondition
from governance.web.pages import DetailPage, ListPage, ObjectMixin, WritingPage
from inventory.metrics import catalogue

SPARE_CONDITIONS = 3
UNCONFIRMED = "Prove that it is you: nothing was signed. Below is how."
_PARTS = ("answer", "note")


def address(review: Review) -> str:
    """Where a review's page is."""
    return reverse("validation:review_detail", args=[review.pk])


def purpose_of(review: Review, digest: str) -> str:
    """What a proof of presence is for: this review of this package and nothing else."""
    return f"review:{review.pk}:{digest}"


def ways_to_confirm(request: HttpRequest, review: Review) -> dict[str, Any]:
    """How the person may prove presence for this review, and whether they have done so minutes ago."""
    purpose = purpose_of(review, review.submission.digest)
    asked = urlencode({"confirm": purpose, "next": f"{address(review)}#decision"})
    return {
        "confirmed": presence(request, purpose),
        "passwords": are_accepted(),
        "sso_name": openid.name(),
        "sso_href": f"{reverse('sso_leave')}?{asked}",
        "passkey_href": f"{reverse('passkey_confirm')}?{asked}",
    }


def package(review: Review, person: User, request: HttpRequest) -> dict[str, Any]:
    """What the review page shows; everything under review comes from the manifest."""
    submission = review.submission
    manifest = json.loads(submission.manifest)
    facts = queries.review_facts(person, review)
    offers = {offer.verb: offer.reasons for offer in queries.review_offers(person, review, facts)}
    return {
        **ways_to_confirm(request, review),
        "review": review,
        "submission": submission,
        "release": submission.release,
        "manifest": manifest,
        "checklist": queries.checklist(review),
        "may_answer": queries.may_answer(person, review),
        "answer_words": CheckAnswer.Answer.choices,
        "changes": queries.changes(submission),
        "replaced": queries.replacement(review),
        "authors": _names(document["author"] for document in manifest["documents"]),
        "discussion": discussion(review, person),
        "files": review.files.select_related("file", "added_by"),
        "attach_href": attach_href("review", review, attaching.parts_of_review(person, review)),
        "reviewing": reviewing(request, review, person),
        "stages": submission.reviews.all(),
        "findings": submission.release.findings.select_related("raised_by", "responded_by"),
        "sign_offs": submission.sign_offs.select_related("review", "delegation__delegated_from__person"),
        "stands_for": for_whom(facts.on_behalf),
        "conditions": submission.conditions.select_related("owner", "successor"),
        "owed": queries.still_owed(submission),
        "may_sign": offers.get("sign") == (),
        "may_refuse": offers.get("reject") == (),
        "reasons": offers.get("sign", ()),
        "decided": not offers,
        "due": overdue.due(review, overdue.cover()),
        "now": portal_now(),
        "ahead": queries.still_to_mend(review),
        "may_raise": can(person, Permission.FINDING_RAISE, submission.release),
        "environments": [environment.id for environment in rules(submission.pack).document.environments],
        "check_titles": CHECKS,
        "check_names": _checkable(submission),
        "named": holders(Permission.CONDITION_FULFIL, submission.release),
        "short_of": queries.missing_reviewers(submission) if submission.state == "open" else (),
    }


def _checkable(submission: Submission) -> list[str]:
    """Everything a check of a condition may name."""
    names = names_of(rules(submission.pack), catalogue())
    return sorted({*names.metrics, *names.sections, *names.severities, *names.requirements, *names.environments})


def _names(keys: Iterable[int]) -> Mapping[int, str]:
    return dict(User.objects.filter(pk__in=set(keys)).values_list("pk", "name"))


def _overtaken(review: Review, refused: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """What took the place of the package somebody came too late for; nothing where nobody was refused for that."""
    replaced = queries.replacement(review) if refused else None
    return (replaced.reason,) if replaced else ()


class ReviewPage(DetailPage[Review]):
    """One stage of one submission."""

    permission = Permission.SYSTEM_VIEW
    template_name = "validation/review.html"

    def objects(self) -> QuerySet[Review]:
        """Reviews with the submission they are of."""
        return queries.reviews()

    def context(self) -> dict[str, Any]:
        """The package and an empty form bound to its digest."""
        form = SignOffForm(initial={"digest": self.object.submission.digest})
        rows = [dict.fromkeys(CONDITION_FIELDS, "")] * SPARE_CONDITIONS
        shown = slots.panels(slots.Place.REVIEW, self.request, self.object)
        return {
            **super().context(),
            **package(self.object, self.person, self.request),
            "form": form,
            "rows": rows,
            "panels": shown,
        }


class SignOffPage(ObjectMixin[Review], WritingPage):
    """The signature itself: POST only, with the password entered again."""

    permission = Permission.SYSTEM_VIEW
    verb = "review.sign"
    template_name = "validation/review.html"
    http_method_names = ["post"]

    def objects(self) -> QuerySet[Review]:
        """Reviews with the submission they are of."""
        return queries.reviews()

    def prepare(self) -> None:
        """Find the review (404); who may sign is the service's to say."""
        self.object = self.find(self.person, self.kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Check the form, then the password, then ask the service; whatever is wrong, what was typed stays."""
        form = SignOffForm(request.POST, request.FILES)
        self.refuse_unknown({*form.fields, *CONDITION_FIELDS})
        if not request.POST.get("digest"):
            raise Precondition
        conditions, errors = conditions_in(request.POST)
        if not form.is_valid() or errors:
            return self._again(form, 400, errors)
        values = form.cleaned_data
        purpose, password = purpose_of(self.object, values["digest"]), values.pop("password")
        method = presence(request, purpose) if not password else "password"
        if not method:
            return self._again(form, 400, {"password": [UNCONFIRMED]})
        if password and not confirm_password(request, password):
            return self._again(form, 400, {"password": ["This is not your password. Nothing was signed."]})
        files = values.pop("files")
        who: dict[str, Any] = {"actor": self.person, "door": Door.WEB, "review": self.object}
        try:
            with_files(
                lambda: sign_off(confirmed_by=method, conditions=conditions, **who, **values),
                lambda handed: attach_to_review(part=ReviewFile.Part.DECISION, handed=handed, **who),
                files, actor=self.person, verb=self.verb, door=Door.WEB,
            )  # fmt: skip
        except InvalidInput as invalid:
            return self._again(form, 400, invalid.errors)
        except Conflict as conflict:
            return self._again(form, 409, {}, conflict.reasons)
        use_presence(request, purpose)
        return self.done("Your decision is on the record.", address(self.object))

    def _again(
        self, form: SignOffForm, status: int, errors: Mapping[str, list[str]], reasons: tuple[Reason, ...] = ()
    ) -> HttpResponseBase:
        """The page with what was typed; the digest stays the one that was read, so a stale page stays stale."""
        for field, sentences in errors.items():
            if field in form.fields:
                form.add_error(field, sentences)
            else:
                form.add_error(None, [f"{field.replace('_', ' ').capitalize()}: {each}" for each in sentences])
        self.object = queries.reviews().get(pk=self.object.pk)
        for reason in (*reasons, *_overtaken(self.object, reasons)):
            form.add_error(None, reason.text)
        columns = [self.request.POST.getlist(name) for name in CONDITION_FIELDS]
        length = max(SPARE_CONDITIONS, *map(len, columns))
        padded = [column + [""] * (length - len(column)) for column in columns]
        rows = [dict(zip(CONDITION_FIELDS, row, strict=True)) for row in zip(*padded, strict=True)]
        return self.show(
            status, object=self.object, form=form, rows=rows, **package(self.object, self.person, self.request)
        )


class ChecklistPage(ObjectMixin[Review], WritingPage):
    """The answers to a stage's checklist: POST only; items left unanswered are skipped."""

    permission = Permission.SYSTEM_VIEW
    verb = "review.check"
    template_name = "validation/review.html"
    http_method_names = ["post"]

    def objects(self) -> QuerySet[Review]:
        """Reviews with the submission they are of."""
        return queries.reviews()

    def prepare(self) -> None:
        """Find the review (404); who may answer is the service's to say."""
        self.object = self.find(self.person, self.kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Hand the answers to the service; whatever is wrong, what was typed stays."""
        items = [line["id"] for line in self.object.checklist]
        self.refuse_unknown({"files", *(f"{part}-{item}" for item in items for part in ("answer", "note"))})
        given = [CheckInput(item, *(request.POST.get(f"{part}-{item}", "") for part in _PARTS)) for item in items]
        answered = [each for each in given if each.answer or each.note.strip()]
        who: dict[str, Any] = {"actor": self.person, "door": Door.WEB, "review": self.object}
        try:
            with_files(
                lambda: answer_checklist(answers=answered, **who),
                lambda handed: attach_to_review(part=ReviewFile.Part.DECISION, handed=handed, **who),
                [Handed(each, each.name or "") for each in request.FILES.getlist("files")],
                actor=self.person, verb=self.verb, door=Door.WEB,
            )  # fmt: skip
        except InvalidInput as invalid:
            return self._again(400, _named_errors(invalid.errors, answered), given)
        except Conflict as conflict:
            self.object = queries.reviews().get(pk=self.object.pk)
            reasons = (*conflict.reasons, *_overtaken(self.object, conflict.reasons))
            return self._again(409, [reason.text for reason in reasons], given)
        return self.done("Your answers are on the record.", f"{address(self.object)}#checklist")

    def _again(self, status: int, sentences: list[str], given: list[CheckInput]) -> HttpResponseBase:
        """The page with what was typed."""
        form = SignOffForm(initial={"digest": self.object.submission.digest})
        rows = [dict.fromkeys(CONDITION_FIELDS, "")] * SPARE_CONDITIONS
        typed = {each.item: each for each in given}
        return self.show(
            status, object=self.object, form=form, rows=rows, check_errors=sentences, typed=typed,
            **package(self.object, self.person, self.request),
        )  # fmt: skip


def _named_errors(errors: Mapping[str, list[str]], answered: list[CheckInput]) -> list[str]:
    """What is wrong, with the item it is wrong with."""
    found = []
    for field, sentences in errors.items():
        parts = field.split(".")
        named = f"{answered[int(parts[1])].item}: " if len(parts) > 1 else ""
        found += [f"{named}{sentence}" for sentence in sentences]
    return found


class QueueFilter(forms.Form):
    """Which reviews."""

    state = forms.ChoiceField(choices=[("", "Open and waiting"), *Review.State.choices], required=False)
    role = forms.ChoiceField(
        choices=[
            ("", "Every role"),
            (Role.VALIDATOR, "Validator"),
            (Role.AUDITOR, "Process auditor"),
            (Role.APPROVER, "Approver"),
            (Role.RISK_OFFICER, "Risk officer"),
        ],
        required=False,
    )


class ReviewQueue(ListPage[Review]):
    """Every review a person may see, the newest first."""

    permission = Permission.SYSTEM_VIEW
    template_name = "validation/review_queue.html"
    filter_class = QueueFilter
    orders = {"newest": ("-id",), "oldest": ("id",)}
    default_order = "newest"

    def objects(self) -> QuerySet[Review]:
        """Reviews with the submission they are of."""
        return queries.reviews()

    def context(self) -> dict[str, Any]:
        """Adds whether there are queues to lead."""
        return {**super().context(), "leads": reviewers.leads_somewhere(self.person)}

    def narrow(self, rows: QuerySet[Review], wanted: Mapping[str, Any]) -> QuerySet[Review]:
        """By state and role."""
        states = [wanted["state"]] if wanted["state"] else [Review.State.OPEN, Review.State.WAITING]
        rows = rows.filter(state__in=states)
        return rows.filter(role=wanted["role"]) if wanted["role"] else rows
