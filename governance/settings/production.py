"""Settings of a production installation; unsafe values are refused at start."""

from governance.settings.base import *  # noqa: F403
