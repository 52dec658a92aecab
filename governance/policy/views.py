"""Policy packs as pages: what each says, what it would change, how it comes into force by two people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from governance.access import rights
from governance.access.models import User
from governance.access.rights import NotVisible
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.acting import Door
from governance.policy import services
from governance.policy.clauses import clause_map
from governance.policy.comparing import compare
from governance.policy.editing import Setting, settings
from governance.policy.models import Pack, ReplayRun
from governance.policy.packs import LARGEST, PackInvalid
from governance.policy.queries import inventory_size, offers, pack_in_force, pack_named, packs, rules
from governance.policy.replaying import SHOWN, asked
from governance.policy.tasks import start_replay
from governance.web.pages import Declared, DetailPage, FormPage, ListPage, ObjectFormPage, ObjectMixin, WritingPage

AT_ONCE = 500  # systems a page waits for; of more a job tells
BAR = 240
OTHERS = 20
LABELS = {"propose": "Propose", "adopt": "Adopt", "refuse": "Refuse", "withdraw": "Withdraw"}


class LoadForm(forms.Form):
    """A pack as text; what is wrong with it is said line by line."""

    source = forms.CharField(
        label="The pack as YAML", max_length=LARGEST, strip=False,
        widget=forms.Textarea(attrs={"rows": 30, "class": "form-control font-monospace", "spellcheck": "false"}),
        help_text="Give it a version of its own: what a stored pack says never changes.",
    )  # fmt: skip


class EditForm(forms.Form):
    """The version of a new draft, and the values it may state otherwise than the pack it follows."""

    version = forms.CharField(max_length=40, help_text="One of its own: what a stored pack says never changes.")

    def __init__(self, *args: Any, settings: Iterable[Setting], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for each in settings:
            whole = not isinstance(each.value, bool)
            shown: dict[str, Any] = {"label": each.title, "initial": each.value}
            field = forms.IntegerField(min_value=0, **shown) if whole else forms.BooleanField(required=False, **shown)
            self.fields[each.name] = field


class AdoptForm(forms.Form):
    """From when the pack is in force."""

    effective_from = forms.DateTimeField(
        label="In force from", required=False,
        help_text="Year-month-day hour:minute, in UTC. Empty: from now on. Never in the past.",
    )  # fmt: skip


class WhyForm(forms.Form):
    """Why."""

    reason = forms.CharField(label="Why", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


def address(pack: Pack) -> str:
    """Where a pack's page is."""
    return reverse("policy:pack_detail", args=[pack.pk])


class PackMixin(ObjectMixin[Pack]):
    """Rules hide from nobody who works under them."""

    def find(self, person: User, kwargs: Mapping[str, Any]) -> Pack:
        """The pack of that key. Raises NotVisible."""
        found = pack_named(str(kwargs["pk"]))
        if found is None:
            raise NotVisible
        return found


class PackList(ListPage[Pack]):
    """Every pack, the newest first, a page at a time."""

    permission = Declared.SIGNED_IN
    template_name = "policy/pack_list.html"
    orders: ClassVar = {"newest": ("-id",), "oldest": ("id",)}
    default_order = "newest"

    def objects(self) -> QuerySet[Pack]:
        """Packs with their people."""
        return packs()

    def rows(self) -> QuerySet[Pack]:
        """All of them: rules hide from nobody who works under them."""
        return self.objects()

    def context(self) -> dict[str, Any]:
        """Which pack is in force, and whether this person may write one."""
        may_load = rights.can(self.person, Permission.PACK_CHANGE)
        return {**super().context(), "current": pack_in_force(), "may_load": may_load}


class PackLoad(FormPage):
    """Store a new draft, starting from what another pack says if one is named."""

    permission = Permission.PACK_CHANGE
    verb = "pack.load"
    template_name = "web/form.html"
    form_class = LoadForm

    def initial(self) -> dict[str, Any]:
        """The text of the pack it is to follow."""
        base = pack_named(self.request.GET.get("from", ""))
        return {"source": base.source} if base else {}

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        words = {
            "heading": "New draft of the policy",
            "submit": "Check and store",
            "cancel": reverse("policy:pack_list"),
        }
        return {**super().context(), **words}

    def save(self, form: Any) -> HttpResponseBase:
        """Check it and store it, or name every wrong line."""
        try:
            pack = services.load_pack(actor=self.person, source=form.cleaned_data["source"], door=Door.WEB)
        except PackInvalid as invalid:
            raise InvalidInput({"source": [str(error) for error in invalid.errors]}) from invalid
        return self.done("The draft is stored; have it proposed and adopted by two people.", address(pack))


class PackPage(PackMixin, DetailPage[Pack]):
    """One pack in words: tiers, reviews, approvals, what a gate asks, the regimes it serves."""

    permission = Declared.SIGNED_IN
    template_name = "policy/pack.html"

    def context(self) -> dict[str, Any]:
        """The document, what this person can do about it, and the packs it can be held against."""
        current = pack_in_force()
        buttons = [
            {"label": LABELS[offer.verb], "href": reverse(f"policy:pack_{offer.verb}", args=[self.object.pk]),
             "reasons": offer.reasons}
            for offer in offers(self.person, self.object)
            if not offer.reasons or offer.reasons[0].code != "forbidden"
        ]  # fmt: skip
        document = rules(self.object).document
        served: dict[str, list[str]] = {}
        regimes = clause_map(document, portal_now().date())
        for mapped in regimes:
            for line in mapped.clauses:
                for requirement in line.requirements:
                    served.setdefault(requirement.id, []).append(f"{mapped.regime.title}: {line.clause.label}")
        return {
            **super().context(), "pack": self.object, "document": document, "current": current,
            "regimes": regimes, "served": served,
            "verbs": buttons, "others": packs().exclude(pk=self.object.pk)[:OTHERS],
            "may_load": rights.can(self.person, Permission.PACK_CHANGE),
            "may_replay": rights.can(self.person, Permission.SYSTEM_VIEW),
        }  # fmt: skip


class ReplayPage(PackMixin, DetailPage[Pack]):
    """What the pack would change if it were in force now."""

    permission = Permission.SYSTEM_VIEW
    sees = Permission.PACK_CHANGE
    template_name = "policy/replay.html"
    question: ClassVar = ReplayRun.Question.CHANGE
    address: ClassVar = "policy:pack_replay"

    def authorise(self, target: Any) -> None:
        """It speaks of every system: only for those who see all of them."""
        super().authorise(None)

    def context(self) -> dict[str, Any]:
        """The numbers, the chart's bars and the gates; of a large inventory the runs that were asked for."""
        found = {**self.words(), "current": pack_in_force()}
        systems = inventory_size()
        if systems > AT_ONCE:
            runs = ReplayRun.objects.filter(pack=self.object, question=self.question).select_related("asked_by")
            return {**found, "systems": systems, "runs": runs[:OTHERS]}
        return {**found, **_shown(asked(self.question, self.object)[1])}

    def words(self) -> dict[str, Any]:
        """The pack, and where the question is asked and answered."""
        named = {"start_at": f"{self.address}_start", "run_at": f"{self.address}_run"}
        return {**DetailPage.context(self), "pack": self.object, **named}


class EnforcingPage(ReplayPage):
    """Which gates that are only observed today would close if the pack were enforced everywhere."""

    template_name = "policy/enforcing.html"
    question = ReplayRun.Question.ENFORCING
    address = "policy:pack_enforcing"


class ReplayStart(PackMixin, WritingPage):
    """Ask what the pack would change, of an inventory too large to wait for."""

    question: ClassVar = ReplayRun.Question.CHANGE
    address: ClassVar = "policy:pack_replay"

    permission = Permission.SYSTEM_VIEW
    verb = "pack.replay"
    http_method_names = ["post"]

    def prepare(self) -> None:
        """It speaks of every system: only for those who see all of them."""
        self.pack = self.find(self.person, self.kwargs)
        self.authorise(None)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Leave it to a job, and show how far it is."""
        self.refuse_unknown(set())
        run = start_replay(self.person, self.pack, self.question)
        return HttpResponseRedirect(reverse(f"{self.address}_run", args=[self.pack.pk, run.pk]))


class ReplayRunPage(ReplayPage):
    """One what-if: how far it is, and then what came of it."""

    def context(self) -> dict[str, Any]:
        """The run. Raises NotVisible for one of another pack."""
        runs = ReplayRun.objects.filter(pack=self.object, question=self.question)
        run = runs.filter(pk=self.kwargs["run"]).select_related("asked_by").first()
        if run is None:
            raise NotVisible
        percent = 100 * run.done // run.total if run.total else 0
        found = {**self.words(), "run": run, "percent": percent}
        return {**found, **_shown(run.told)} if run.told else found


class EnforcingStart(ReplayStart):
    """Ask what enforcing would close, of an inventory too large to wait for."""

    verb = "pack.replay"
    question = ReplayRun.Question.ENFORCING
    address = "policy:pack_enforcing"


class EnforcingRunPage(ReplayRunPage):
    """One answer to what enforcing would close."""

    template_name = "policy/enforcing.html"
    question = ReplayRun.Question.ENFORCING
    address = "policy:pack_enforcing"


def _shown(told: Mapping[str, Any]) -> dict[str, Any]:
    """What the page draws: the report, and the bars of its chart."""
    counted = told["by_requirement"]
    most = max((max(closes, opens) for _, closes, opens in counted), default=1)
    bars = [
        {"title": title, "closes": closes, "opens": opens, "closing": max(closes * BAR // most, min(closes, 1)),
         "opening": max(opens * BAR // most, min(opens, 1))}
        for title, closes, opens in counted
    ]  # fmt: skip
    return {"report": told, "bars": bars, "shown": SHOWN}


class DifferencePage(PackMixin, DetailPage[Pack]):
    """What the pack says differently from another; from the one in force if none is named."""

    permission = Declared.SIGNED_IN
    takes = frozenset({"with"})
    template_name = "policy/difference.html"

    def context(self) -> dict[str, Any]:
        """Both packs and each place that differs. Raises Http404 for a pack there is not."""
        named = self.request.GET.get("with", "")
        other = pack_named(named) if named else pack_in_force()
        if other is None:
            raise Http404
        found = compare(other.document, self.object.document)
        return {**super().context(), "pack": self.object, "other": other, "differences": found}


class PackVerb(PackMixin, ObjectFormPage[Pack], abstract=True):
    """One verb on one pack."""

    permission = Permission.PACK_CHANGE
    sees = Permission.SYSTEM_VIEW
    template_name = "web/form.html"
    form_class: ClassVar[type[forms.BaseForm]] = WhyForm
    label: ClassVar[str]
    message: ClassVar[str]

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        words = {"heading": f"{self.label} {self.object}", "submit": self.label, "cancel": address(self.object)}
        return {**super().context(), **words, "lead": rules(self.object).document.summary}

    def authorise(self, target: Any) -> None:
        """The right over the rules is one of the organisation."""
        super().authorise(None)

    def do(self, values: dict[str, Any]) -> None:
        """Call the service."""
        raise NotImplementedError

    def save(self, form: Any) -> HttpResponseBase:
        """Do it and show the pack."""
        self.do(form.cleaned_data)
        return self.done(self.message, address(self.object))


class PackEdit(PackVerb):
    """A new draft by form: its YAML is that of the pack, other values put where the old ones stood."""

    verb, label = "pack.load", "New draft from"
    message = "The draft is stored; have it proposed and adopted by two people."
    form_class = EditForm

    def form_arguments(self) -> dict[str, Any]:
        """What the pack states that may be edited here."""
        return {"settings": settings(rules(self.object).document, self.object.source)}

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        lead = "Everything else, comments too, stays as it is; edit the YAML to change more."
        return {**super().context(), "lead": lead, "submit": "Check and store"}

    def save(self, form: Any) -> HttpResponseBase:
        """Store it and show it."""
        values = dict(form.cleaned_data)
        draft = services.edit_pack(
            actor=self.person, pack=self.object, version=values.pop("version"), values=values, door=Door.WEB
        )
        return self.done(self.message, address(draft))


class PackPropose(PackVerb):
    """Put it up for adoption by somebody else."""

    verb, label, message = "pack.propose", "Propose", "Proposed; another person adopts it."
    form_class = forms.Form

    def do(self, values: dict[str, Any]) -> None:
        """Propose."""
        services.propose_pack(actor=self.person, pack=self.object, door=Door.WEB)


class PackAdopt(PackVerb):
    """Adopt what another proposed."""

    verb, label, message = "pack.adopt", "Adopt", "Adopted."
    form_class = AdoptForm

    def do(self, values: dict[str, Any]) -> None:
        """Adopt."""
        services.adopt_pack(
            actor=self.person, pack=self.object, effective_from=values["effective_from"], door=Door.WEB
        )  # fmt: skip


class PackRefuse(PackVerb):
    """Send it back to draft."""

    verb, label, message = "pack.refuse", "Refuse", "Refused; it is a draft again."

    def do(self, values: dict[str, Any]) -> None:
        """Refuse."""
        services.refuse_pack(actor=self.person, pack=self.object, reason=values["reason"], door=Door.WEB)


class PackWithdraw(PackVerb):
    """Take back what has not come into force yet."""

    verb, label, message = "pack.withdraw", "Withdraw", "Withdrawn."

    def do(self, values: dict[str, Any]) -> None:
        """Withdraw."""
        services.withdraw_pack(actor=self.person, pack=self.object, reason=values["reason"], door=Door.WEB)
