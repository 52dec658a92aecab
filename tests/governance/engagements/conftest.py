"""The scene of validation, where audits look around."""

import pytest

from tests.governance.validation.scene import Scene, build


@pytest.fixture
def scene(db: None) -> Scene:
    """One system in tier high with everybody around it."""
    return build()
