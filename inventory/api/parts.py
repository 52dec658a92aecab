"""What the inventory itself adds to its details; apps further right may take a part's place by its name."""

from governance.rest.parts import Part, contribute
from governance.rest.serializers import Offered
from inventory import queries


def register() -> None:
    """Add the verbs a person could press."""
    contribute("release", Part("available_actions", Offered, queries.release_offers))
    contribute("system", Part("available_actions", Offered, queries.system_offers))
