"""The scene of validation, where changes happen."""

import pytest

from tests.governance.validation.scene import Scene, build


@pytest.fixture
def scene(db: None) -> Scene:
    """One system in tier high with everybody around it."""
    return build()
