"""What people are told when the database refuses a write of the inventory: the races the services cannot foresee."""

from governance.ledger.acting import explain
from governance.lifecycle import Conflict


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
        "externalid_once": "Another system is known by that name there.",
    }.items():
        explain(constraint, Conflict, "duplicate", sentence)
