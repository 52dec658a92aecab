"""Pages of notifications: one's own wishes, the end of one topic by a signed link, and the webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.conf import settings
from django.core import signing
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from governance.access.models import User
from governance.access.rights import NotVisible, require
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.ledger.acting import Door
from governance.notify import calendars, mail, services
from governance.notify.forms import EndpointForm, PreferenceForm
from governance.notify.models import Delivery, Endpoint, Preference
from governance.notify.topics import Topic
from governance.web.pages import ActionPage, Declared, FormPage, Page, WritingPage

M = TypeVar("M", bound=Model)
LONGEST_LIST = 100


class Preferences(FormPage):
    """When and of what one is told."""

    permission = Declared.SIGNED_IN
    takes = frozenset()
    verb = "person.change"
    template_name = "web/form.html"
    form_class = PreferenceForm

    def initial(self) -> dict[str, Any]:
        """What was chosen before."""
        chosen = Preference.objects.filter(pk=self.person.pk).first() or Preference(person=self.person)
        names = ("rhythm", "digest_hour", "quiet_from", "quiet_until", "zone", "muted")
        return {name: getattr(chosen, name) for name in names}

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        return {
            **super().context(), "heading": "Notifications", "pretitle": "Your account",
            "lead": f"Messages go to {self.person.email}." if self.person.email else
            "Your account has no e-mail address: ask the governance team to add one.",
        }  # fmt: skip

    def save(self, form: Any) -> HttpResponseBase:
        """Keep it."""
        services.choose(actor=self.person, values=form.cleaned_data, door=Door.WEB)
        return self.done("You are told as you wish from now on.", reverse("notify:preferences"))


class Unsubscribe(WritingPage):
    """Ends one topic for the person a signed link was sent to, signed in or not. Following the link changes nothing."""

    permission = Declared.PUBLIC
    takes = frozenset()
    verb = "person.change"
    template_name = "notify/unsubscribe.html"
    http_method_names = ["get", "head", "post"]

    def prepare(self) -> None:
        """Read the link. Raises NotVisible for any that the portal did not make."""
        try:
            key, topic = signing.loads(self.kwargs["token"], salt=mail.SALT)
            self.topic = Topic(topic)
        except (signing.BadSignature, ValueError, TypeError):
            raise NotVisible from None
        found = User.objects.filter(pk=key, is_active=True, closed_at=None).first()
        if found is None:
            raise NotVisible
        self.recipient = found

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Ask."""
        return self.show(topic=self.topic)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Do it."""
        self.refuse_unknown(set())
        services.end_topic(person=self.recipient, topic=self.topic, door=Door.WEB)
        return self.show(topic=self.topic, ended=True)


class CalendarPage(Page):
    """The address of one's own calendar of what falls due."""

    permission = Declared.SIGNED_IN
    takes = frozenset()
    template_name = "notify/calendar.html"

    def context(self) -> dict[str, Any]:
        """The address, if there is one."""
        chosen = Preference.objects.filter(pk=self.person.pk, calendar__isnull=False).first()
        address = ""
        if chosen is not None:
            path = reverse("notify:calendar_feed", args=[calendars.token_of(chosen)])
            address = settings.PORTAL_URL + path
        return {**super().context(), "address": address}


class _CalendarVerb(WritingPage, abstract=True):
    """A button on the page of the calendar."""

    permission = Declared.SIGNED_IN
    takes = frozenset()
    verb = "person.change"
    http_method_names = ["post"]

    def act(self) -> str:
        """Do it; what to say."""
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Do it and go back."""
        self.refuse_unknown(set())
        return self.done(self.act(), reverse("notify:calendar"))


class CalendarRenew(_CalendarVerb):
    """Make a new address."""

    def act(self) -> str:
        """Make it."""
        services.renew_calendar(actor=self.person, door=Door.WEB)
        return "Your calendar has a new address. No earlier one leads there any more."


class CalendarEnd(_CalendarVerb):
    """End the address."""

    def act(self) -> str:
        """End it."""
        services.end_calendar(actor=self.person, door=Door.WEB)
        return "Your calendar has no address any more."


class CalendarFeed(Page):
    """The calendar itself, for programs that only know its address."""

    permission = Declared.PUBLIC
    takes = frozenset()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The file. Raises NotVisible for an address that leads nowhere."""
        reader = calendars.reader_of(self.kwargs["token"])
        if reader is None:
            raise NotVisible
        answer = HttpResponse(calendars.calendar_of(reader, portal_now()), content_type="text/calendar; charset=utf-8")
        answer["Cache-Control"] = "private, no-store"
        answer["Referrer-Policy"] = "no-referrer"
        answer["X-Robots-Tag"] = "noindex"
        return answer


class EndpointList(Page):
    """The webhooks, and what could not be delivered."""

    permission = Permission.WEBHOOK_CHANGE
    takes = frozenset()
    template_name = "notify/endpoint_list.html"

    def context(self) -> dict[str, Any]:
        """Webhooks by name, the ended ones last; the newest failures."""
        lost = Delivery.objects.filter(state=Delivery.State.GIVEN_UP).select_related("notice", "person", "endpoint")
        return {
            **super().context(), "endpoints": Endpoint.objects.select_related("created_by").order_by(
                "-ended_at", "name", "pk")[:LONGEST_LIST],
            "lost": lost.order_by("-settled_at", "pk")[:LONGEST_LIST],
        }  # fmt: skip


class EndpointCreate(FormPage):
    """Add a webhook; its secret is shown on the answer to this form and never again."""

    permission = Permission.WEBHOOK_CHANGE
    takes = frozenset()
    verb = "webhook.create"
    template_name = "web/form.html"
    form_class = EndpointForm

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        return {
            **super().context(), "heading": "Add a webhook", "pretitle": "Webhooks", "submit": "Add the webhook",
            "cancel": reverse("notify:endpoint_list"),
            "lead": "Another system is told what happens, whichever system it happens to. The address may lead to the "
            "open internet, or into a network this portal is set up to trust.",
        }  # fmt: skip

    def save(self, form: Any) -> HttpResponseBase:
        """Show the secret this once."""
        told = services.create_endpoint(actor=self.person, door=Door.WEB, **form.cleaned_data)
        return _shown_once(self, told)


class _Office(ActionPage[M], abstract=True):
    """A button of the governance team on something that hangs on no system."""

    permission = Permission.WEBHOOK_CHANGE
    sees = Permission.WEBHOOK_CHANGE

    def prepare(self) -> None:
        """The right first, in the name of the verb; then the object."""
        self.authorise(None)
        super().prepare()

    def find(self, person: User, kwargs: Mapping[str, Any]) -> M:
        """The row, among those the governance team answers for."""
        require(person, Permission.WEBHOOK_CHANGE)
        found = self.objects().filter(pk=kwargs["pk"]).first()
        if found is None:
            raise NotVisible
        return found


class EndpointRenew(_Office[Endpoint]):
    """Make a new secret and show it once."""

    verb = "webhook.renew_secret"

    def objects(self) -> QuerySet[Endpoint]:
        """All."""
        return Endpoint.objects.all()

    def act(self) -> HttpResponseBase:
        """Show the secret this once."""
        return _shown_once(self, services.renew_secret(actor=self.person, endpoint=self.object, door=Door.WEB))


class EndpointEnd(_Office[Endpoint]):
    """Send nothing there any more."""

    verb = "webhook.end"

    def objects(self) -> QuerySet[Endpoint]:
        """All."""
        return Endpoint.objects.all()

    def act(self) -> HttpResponseBase:
        """End it and go back to the list."""
        services.end_endpoint(actor=self.person, endpoint=self.object, door=Door.WEB)
        return self.done(f"“{self.object.name}” is told nothing any more.", reverse("notify:endpoint_list"))


class DeliveryAgain(_Office[Delivery]):
    """Send after all what was given up."""

    verb = "webhook.try_again"

    def objects(self) -> QuerySet[Delivery]:
        """All."""
        return Delivery.objects.all()

    def act(self) -> HttpResponseBase:
        """Put it back and go back to the list."""
        services.try_again(actor=self.person, delivery=self.object, door=Door.WEB)
        return self.done("It is sent with the next round.", reverse("notify:endpoint_list"))


def _shown_once(page: Page, told: services.Told) -> HttpResponse:
    """The one page that holds a secret; no cache keeps it."""
    page.template_name = "notify/endpoint_secret.html"  # type: ignore[misc]
    answer = page.show(endpoint=told.endpoint, secret=told.secret)
    answer["Cache-Control"] = "no-store"
    return answer
