"""A system registered step by step: each step keeps what was typed, back works, the tier is explained at the end."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property

from governance.access import rights
from governance.access.rights import NotVisible
from governance.access.vocabulary import Permission
from governance.inputs import InvalidInput
from governance.ledger.acting import Door
from governance.policy.queries import pack_in_force, rules
from governance.policy.schema import PackDocument
from governance.web.pages import FormPage, WritingPage
from inventory import queries
from inventory.guided import BY_KEY, STEPS, Step, answers_of, explained
from inventory.guided_forms import StepForm
from inventory.models import RegistrationDraft
from inventory.services.registration import drop_draft, keep_draft, register_draft


def start() -> str:
    """Where a registration begins."""
    return reverse("inventory:guided_start")


def step_page(draft: RegistrationDraft, key: str) -> str:
    """Where a step of a begun registration is."""
    return reverse("inventory:guided_step", args=[draft.pk, key])


class GuidedStep(FormPage):
    """One step. What is typed is kept with every press of a button, right or wrong; wrong stays on the page."""

    permission = Permission.SYSTEM_ADD
    verb = "system.create"
    template_name = "inventory/guided_step.html"
    form_class = StepForm

    def prepare(self) -> None:
        """Only one's own drafts and steps there are; then whether one may register a system somewhere."""
        self.draft: RegistrationDraft | None = None
        if "pk" in self.kwargs:
            self.draft = RegistrationDraft.objects.filter(pk=self.kwargs["pk"], person=self.person).first()
            if self.draft is None:
                raise NotVisible
        key = self.kwargs.get("step", STEPS[0].key)
        if key not in BY_KEY:
            raise NotVisible
        self.place = BY_KEY[key]
        super().prepare()

    @property
    def step(self) -> Step:
        """The step at hand."""
        return STEPS[self.place]

    @cached_property
    def pack(self) -> PackDocument | None:
        """The rules in force, whose questions and regimes are asked."""
        adopted = pack_in_force()
        return rules(adopted).document if adopted else None

    def form_arguments(self) -> dict[str, Any]:
        """The step, and what may be chosen on it."""
        units = rights.visible(self.person, queries.unit_choices(), Permission.SYSTEM_ADD)
        return {"step": self.step, "units": units, "pack": self.pack}

    def initial(self) -> dict[str, Any]:
        """What was typed before."""
        return dict(self.draft.typed) if self.draft else {}

    def context(self) -> dict[str, Any]:
        """The words around the form, where the steps are, and what else was begun."""
        begun = RegistrationDraft.objects.filter(person=self.person).order_by("-updated_at")
        return {
            **super().context(), "step": self.step, "steps": STEPS, "place": self.place, "draft": self.draft,
            "number": self.place + 1, "last": self.place == len(STEPS) - 1,
            "begun": [] if self.draft else list(begun[:10]), "heading": self.step.title, "lead": self.step.lead,
        }  # fmt: skip

    def known_fields(self, form: Any) -> set[str]:
        """The step's own fields and the button."""
        return {*super().known_fields(form), "go"}

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep what was typed, then go where the button says, unless going on with something wrong."""
        form = self.form()
        self.refuse_unknown(self.known_fields(form))
        typed = {name: request.POST[name] for name in form.fields if name in request.POST}
        try:
            self.draft = keep_draft(actor=self.person, draft=self.draft, values=typed)
        except InvalidInput as invalid:
            for field, sentences in invalid.errors.items():
                self.place_error(form, field, sentences)
            return self.show(status=400, form=form)
        if request.POST.get("go") == "back" and self.place:
            return HttpResponseRedirect(step_page(self.draft, STEPS[self.place - 1].key))
        if not form.is_valid():
            return self.show(status=400, form=form)
        if self.place == len(STEPS) - 1:
            return HttpResponseRedirect(reverse("inventory:guided_confirm", args=[self.draft.pk]))
        return HttpResponseRedirect(step_page(self.draft, STEPS[self.place + 1].key))


class GuidedConfirm(WritingPage):
    """What was said, the tier it comes to and why; one press registers the system."""

    permission = Permission.SYSTEM_ADD
    verb = "system.create"
    template_name = "inventory/guided_confirm.html"
    http_method_names = ["get", "head", "post"]

    def prepare(self) -> None:
        """Only one's own drafts."""
        found = RegistrationDraft.objects.filter(pk=self.kwargs["pk"], person=self.person).first()
        if found is None:
            raise NotVisible
        self.draft = found
        super().prepare()

    def context(self) -> dict[str, Any]:
        """Every step with what was said, and the tier explained."""
        adopted = pack_in_force()
        pack = rules(adopted).document if adopted else None
        units = rights.visible(self.person, queries.unit_choices(), Permission.SYSTEM_ADD)
        said = []
        for step in STEPS:
            form = StepForm(dict(self.draft.typed), step=step, units=units, pack=pack)
            form.is_valid()
            rows = [(bound.label, _shown(bound), list(bound.errors)) for bound in form]
            said.append({"step": step, "href": step_page(self.draft, step.key), "rows": rows})
        return {
            **super().context(), "said": said, "draft": self.draft, "pack": adopted,
            "tier": explained(pack, answers_of(self.draft.typed, pack)),
            "wrong": any(errors for part in said for _, _, errors in part["rows"]),  # type: ignore[attr-defined]
            "back": step_page(self.draft, STEPS[-1].key),
        }  # fmt: skip

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Register it and go to its page."""
        self.refuse_unknown({"drop"})
        if "drop" in request.POST:
            drop_draft(actor=self.person, draft=self.draft)
            return self.done("The registration is dropped.", reverse("inventory:system_list"))
        try:
            system = register_draft(actor=self.person, draft=self.draft, door=Door.WEB)
        except InvalidInput as invalid:
            return self.show(status=400, errors=[text for texts in invalid.errors.values() for text in texts])
        page = reverse("inventory:system_detail", args=[system.slug])
        return self.done(f"“{system.name}” is registered. Next: give it an owner.", f"{page}?tab=people")


def _shown(bound: Any) -> str:
    """A value as it was chosen: its label where there is one."""
    value = str(bound.value() or "")
    choices = getattr(bound.field, "choices", None)
    if choices is None:
        return value
    return next((str(label) for key, label in choices if str(key) == value and value), "")
