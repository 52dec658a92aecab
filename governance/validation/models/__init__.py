"""What validation keeps: submissions, reviews, remarks, files, sign-offs, findings, conditions, holds, waivers."""

from governance.validation.models.acts import Act
from governance.validation.models.assigning import ReviewAssignment
from governance.validation.models.attachments import FindingFile, ReviewFile
from governance.validation.models.certifications import Campaign, Certification
from governance.validation.models.checks import CheckAnswer
from governance.validation.models.findings import Finding
from governance.validation.models.holds import Hold
from governance.validation.models.remarks import ReviewRemark
from governance.validation.models.reviews import Condition, Review, SignOff
from governance.validation.models.submissions import Contribution, Submission
from governance.validation.models.waivers import Waiver

__all__ = [
    "Act",
    "Campaign",
    "Certification",
    "CheckAnswer",
    "Condition",
    "Contribution",
    "Finding",
    "FindingFile",
    "Hold",
    "Review",
    "ReviewAssignment",
    "ReviewFile",
    "ReviewRemark",
    "SignOff",
    "Submission",
    "Waiver",
]
