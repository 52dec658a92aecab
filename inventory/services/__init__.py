"""The verbs of the inventory: the only writers of its tables, one file a noun."""

from inventory.services.artifacts import ArtifactInput
from inventory.services.documents import save_document_revision
from inventory.services.releases import (
    change_release,
    create_release,
    discard_release,
    lock_release,
    move_release,
    retire_release,
    set_artifacts,
)
from inventory.services.systems import answer_questionnaire, change_system, create_system, move_system
from inventory.services.units import change_unit, create_unit

__all__ = [
    "ArtifactInput",
    "answer_questionnaire",
    "change_release",
    "change_system",
    "change_unit",
    "create_release",
    "create_system",
    "create_unit",
    "discard_release",
    "lock_release",
    "move_release",
    "move_system",
    "retire_release",
    "save_document_revision",
    "set_artifacts",
]
