"""Settings of the test suite."""

from governance.settings.base import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SECRET_KEY = "a-key-for-tests-only-that-signs-nothing-of-value"  # noqa: S105
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PROOF_KEY = "a-key-for-tests-only-that-proves-nothing-of-value-0123456789"
