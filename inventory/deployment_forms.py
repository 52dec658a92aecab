"""Forms about what runs: the filters of the list, and a person's own report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms

from inventory.forms import LookMixin
from inventory.models import Deployment, Release
from inventory.risk_forms import lines_field, moment_field


class DeploymentFilters(LookMixin, forms.Form):
    """What the list can be narrowed by."""

    state = forms.ChoiceField(
        choices=[("", "Runs now"), ("ended", "Ended"), ("all", "Runs or ended")], required=False, label="State"
    )
    environment = forms.ChoiceField(choices=[("", "Any")], required=False)
    cluster = forms.CharField(required=False, max_length=60, label="Cluster")
    system = forms.CharField(required=False, max_length=120, label="System (its address)")

    def __init__(self, *args: Any, titles: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["environment"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared above
        field.choices = [("", "Any"), *titles.items()]


class DeploymentForm(LookMixin, forms.Form):
    """What somebody saw running."""

    environment = forms.ChoiceField()
    cluster = forms.CharField(
        required=False, max_length=60, help_text="Where one environment has several, such as eu-1; else leave it empty."
    )
    release = forms.ChoiceField(required=False, help_text="Left open, the digests say which release it is.")
    sha256 = lines_field("SHA-256 of what runs", "One digest a line, of the container or the model.", True)
    since = moment_field("Runs since", "Now, if left empty.", required=False)
    strategy = forms.ChoiceField(
        choices=[("", "Not said"), *Deployment.Strategy.choices], required=False, label="How it took over"
    )
    share = forms.DecimalField(
        required=False, max_digits=5, decimal_places=2, min_value=Decimal("0.01"), max_value=100,
        label="Percent of what serves the environment",
        help_text="Of traffic or instances, all of the system there being 100. Needed where an approval limits it.",
    )  # fmt: skip
    hosting = forms.ChoiceField(
        choices=[("", "Not said"), *Deployment.Hosting.choices], required=False, label="On whose machines"
    )
    provider = forms.CharField(max_length=120, required=False)
    region = forms.CharField(max_length=120, required=False)

    def __init__(self, *args: Any, titles: Mapping[str, str], releases: Iterable[Release], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places, versions = self.fields["environment"], self.fields["release"]
        assert isinstance(places, forms.ChoiceField)  # noqa: S101  declared above
        assert isinstance(versions, forms.ChoiceField)  # noqa: S101  the same
        places.choices = [*titles.items()]
        versions.choices = [("", "Not said"), *((release.version, release.version) for release in releases)]

    def told(self) -> dict[str, Any]:
        """As the service takes it."""
        given = self.cleaned_data
        location = {name: given[name] for name in ("hosting", "provider", "region") if given[name]}
        return {
            "environment": given["environment"], "cluster": given["cluster"], "release": given["release"],
            "since": given["since"], "sha256": given["sha256"].split(), "strategy": given["strategy"],
            "location": location, "share": given["share"],
        }  # fmt: skip
