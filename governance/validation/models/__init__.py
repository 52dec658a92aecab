"""Submissions, reviews, sign-offs, findings, conditions, holds, contributions."""

from governance.validation.models.findings import Finding
from governance.validation.models.holds import Hold
from governance.validation.models.reviews import Condition, Review, SignOff
from governance.validation.models.submissions import Contribution, Submission

__all__ = ["Condition", "Contribution", "Finding", "Hold", "Review", "SignOff", "Submission"]
