"""What people are told when the database refuses a write of the inventory: the races the services cannot foresee."""

from governance.ledger.acting import explain
from governance.lifecycle import Conflict, Forbidden, Refusal
from inventory.lifecycle import DELEGATOR

TO_ONESELF = "Nobody gives a role to themselves; ask another member of governance."
BUILDS_AND_REVIEWS = (
    "Who owns or develops a system does not review it: end the other role first, or choose another person."
)
_ROLES: dict[str, tuple[type[Refusal], str, str]] = {
    "assignment_not_to_oneself": (Forbidden, "sod.self", TO_ONESELF),
    "assignment_given_by_the_actor": (Forbidden, "sod.self", TO_ONESELF),
    "assignment_builds_or_reviews": (Conflict, "sod.roles", BUILDS_AND_REVIEWS),
    "assignment_one_owner": (Conflict, "duplicate", "The system has an owner already; hand it over instead."),
    "delegation_of_ones_own": (
        Forbidden,
        "forbidden",
        "A role is delegated by the person who holds it, as they hold it, and never on.",
    ),
    "delegation_within_policy": (
        Conflict,
        "blocked",
        "The policy in force lets a role be delegated for a shorter time.",
    ),
    "delegation_ends": (Conflict, "blocked", "A delegation is of a role that signs stages, and ends."),
    "delegation_to_one_at_a_time": (
        Conflict,
        "duplicate",
        "This role is delegated for that time already; end that delegation first.",
    ),
    "assignment_is_not_changed": (Conflict, "frozen", "An assignment is ended and given anew, never changed."),
    "assignment_not_backdated": (Conflict, "frozen", "A role begins now or later; it ends now or later, and once."),
    "evidence_append_only": (Conflict, "frozen", "Evidence never changes; attach another file."),
    "revision_append_only": (Conflict, "frozen", "A saved revision never changes; save another one."),
    "tokenlimit_with_token": (Conflict, "frozen", "What a token reaches is said when it is minted; mint another one."),
    "assetversion_append_only": (Conflict, "frozen", "A version of an asset never changes; add another one."),
    "asset_restored_by_another": (
        Forbidden,
        "sod.same_person",
        "You stopped the use of this asset; another person returns it to use.",
    ),
    "dependency_is_not_changed": (Conflict, "frozen", "A dependency is ended and said anew, never changed."),
    "dependency_version_of_the_asset": (Conflict, "state", "The version is none of this asset."),
    "risk_accepted_by_no_treater": (Forbidden, "sod.same_person", "Who treats a risk does not accept what remains."),
    "risk_accepted_by_another": (Forbidden, "sod.same_person", "Who wrote down or graded a risk does not accept it."),
    "risk_accepted_by_entitled": (
        Forbidden,
        "forbidden",
        "A risk is accepted by a risk officer, for nobody who wrote it down, graded or treats it.",
    ),
    "risk_accepted_by_the_actor": (Forbidden, "sod.same_person", "A risk is accepted in one's own name only."),
    "controlfact_append_only": (Conflict, "frozen", "What was said of a control never changes; say it anew."),
    "evaluation_append_only": (Conflict, "frozen", "A recorded result never changes; record a newer one."),
    "failuremode_is_not_changed": (Conflict, "frozen", "A failure mode is ended and written anew, never changed."),
    "transparencyversion_frozen": (
        Conflict,
        "frozen",
        "A version keeps its words and is decided once; write another.",
    ),
    "transparencyversion_decided_by_another": (
        Forbidden,
        "sod.same_person",
        "Somebody else decides on it than who wrote it.",
    ),
    "transparencyversion_in_person": (Forbidden, "forbidden", "A version is decided on in one's own name only."),
    "transparencyversion_one_at_a_time": (Conflict, "duplicate", "Another version waits to be decided on."),
    "valueperiod_append_only": (Conflict, "frozen", "What was said of a period never changes; say it anew."),
    "unit_not_below_itself": (Conflict, "cycle", "A unit cannot hang below itself."),
    "loweredtier_proposed_by_the_actor": (
        Forbidden,
        "forbidden",
        "A lower tier is proposed in one's own name by who may change the system.",
    ),
    "loweredtier_decided_by_entitled": (
        Forbidden,
        "sod.owner",
        "A lower tier is decided by somebody entitled who neither builds nor built the system.",
    ),
    "loweredtier_decided_by_another": (
        Forbidden,
        "sod.requester",
        "You proposed the lower tier; another person decides.",
    ),
    "loweredtier_decided_for_proposer": (Forbidden, "sod.delegator", DELEGATOR),
    "loweredtier_frozen": (Conflict, "frozen", "A proposal keeps what it said; withdraw it and make another."),
    "loweredtier_dated_now": (Conflict, "frozen", "A lower tier is dated when it is proposed, decided and ended."),
    "legacyapproval_brought_in_by_the_actor": (
        Forbidden,
        "forbidden",
        "A legacy approval is brought in in one's own name only.",
    ),
    "legacyapproval_decided_by_entitled": (
        Forbidden,
        "sod.owner",
        "A legacy approval is decided on by somebody entitled who neither builds nor built the system.",
    ),
    "legacyapproval_decided_by_another": (
        Forbidden,
        "sod.requester",
        "You brought this approval in; another person confirms it.",
    ),
    "legacyapproval_decided_for_bringer": (Forbidden, "sod.delegator", DELEGATOR),
    "legacyapproval_frozen": (Conflict, "frozen", "A legacy approval keeps what it said; withdraw or end it instead."),
    "legacyapproval_dated_now": (
        Conflict,
        "frozen",
        "A legacy approval is dated when it is brought in, decided and ended.",
    ),
    "savedmapping_append_only": (Conflict, "frozen", "A saved version never changes; save another one."),
    "token_stays_revoked": (Conflict, "state", "This token was revoked; mint another one."),
    "token_is_not_changed": (Conflict, "frozen", "A token is not changed; revoke it and mint another one."),
}


def register() -> None:
    """Give each constraint two programs can run into at once its sentence."""
    for constraint, sentence in {
        "release_version_once": "This system already has a release of that version.",
        "artifact_name_once": "This bill of materials already has a line of that name.",
        "unit_name_once_below_parent": "This unit already has a part of that name.",
        "inventory_unit_slug_key": "Another unit has this address.",
        "inventory_system_slug_key": "Another system has this address.",
        "document_template_once": "This system already has that document.",
        "documentrevision_number_once": "Another revision was saved at the same moment; look at it first.",
        "inventory_asset_slug_key": "Another asset has this address.",
        "assetversion_once": "This asset already has that version.",
        "dependency_once": "This dependency is recorded already.",
        "lookalike_once": "This past incident is proposed already.",
        "inventory_transparencypage_slug_key": "Another system has this address.",
        "inventory_transparencypage_system_id_key": "The address was chosen at the same moment; look at it first.",
        "transparencyversion_once": "Another version was written at the same moment; look at it first.",
        "pastincident_once": "Another import took this incident in at the same moment.",
        "legacyapproval_one_open": "A legacy approval of this version is recorded already; end it first.",
        "savedmapping_version_once": "Somebody saved that mapping at the same moment; look at it first.",
        "loweredtier_one_proposed": "A lower tier is proposed for this system already; decide that first.",
        "loweredtier_one_granted": "Another lower tier was granted at the same moment; look at it first.",
        "deployment_follows_the_last": "A later report stands already.",
        "externalid_once": "Another system is known by that name there.",
    }.items():
        explain(constraint, Conflict, "duplicate", sentence)
    for constraint, (refusal, code, sentence) in _ROLES.items():
        explain(constraint, refusal, code, sentence)
