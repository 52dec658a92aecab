"""Forms of lowered tiers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from governance.policy.schema import Tier
from inventory.forms import LookMixin
from inventory.models import LoweredTier
from inventory.risk_forms import lines_field, moment_field


class LoweredFilters(LookMixin, forms.Form):
    """What the list can be narrowed by."""

    state = forms.ChoiceField(
        choices=[("", "Proposed or granted"), ("all", "Every state"), *LoweredTier.State.choices], required=False
    )
    system = forms.CharField(required=False, max_length=120, label="System (its address)")


class ProposeForm(LookMixin, forms.Form):
    """A lower tier, why, and until when."""

    tier = forms.ChoiceField(label="Tier it should be held to")
    reason = lines_field("Why the lower tier is right", "What the questionnaire does not see. Reviewers read it.", True)
    review_at = moment_field("Looked at again by", "From then on the tier the answers come to counts again.")

    def __init__(self, *args: Any, tiers: Iterable[Tier], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["tier"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared above
        field.choices = [("", "Choose"), *((tier.id, tier.title) for tier in tiers)]
