"""Settings of sign-in, of the limiter on every credential entry, and of machines' tokens."""

import environ

env = environ.Env()

# Sign-in: by name or e-mail address; accounts are made by the governance team, never by a visitor.
ACCOUNT_ADAPTER = "governance.access.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_FORMS = {
    "change_password": "governance.access.forms.ChangePasswordForm",
    "login": "governance.access.forms.SignInForm",
    "reset_password": "governance.access.forms.ResetPasswordForm",
}
# Guessing is limited by axes, in the database, at every entry alike; these would count in one process only.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": None, "change_password": None, "reauthenticate": None}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_ADAPTER = "governance.access.adapter.SecondFactorAdapter"
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_ISSUER = "Countersign"
MFA_TOTP_TOLERANCE = 0  # a code counts in its own period, so that one use a period is one use a code
MFA_FORMS = {
    "authenticate": "governance.access.forms.SecondFactorForm",
    "reauthenticate": "governance.access.forms.SecondFactorAgainForm",
}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# One limiter for every place a password, a code or a token is tried. A lock ends by itself.
AXES_HANDLER = "governance.access.limiter.Limiter"
AXES_LOCKOUT_CALLABLE = "governance.access.limiter.locked_page"
AXES_FAILURE_LIMIT = env.int("SIGN_IN_FAILURES", default=5)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS: list[str] = []
# Behind a proxy the source of a request stands in a header that the proxy sets; how many proxies stand before us.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
AXES_CLIENT_IP_CALLABLE = "governance.access.sources.source_of"

# Machines' tokens: only a digest keyed with this is kept; without it the secret key is used.
TOKEN_KEY = env.str("TOKEN_KEY", default="")
KNOX_TOKEN_MODEL = "access.Token"  # noqa: S105  the name of a model, not a secret
REST_KNOX = {"SECURE_HASH_ALGORITHM": "governance.access.tokens.keyed", "AUTH_HEADER_PREFIX": "Bearer"}

# What sign-offs are proven with (governance.access.proofs); without it a key derived from the secret key is used.
PROOF_KEY = env.str("PROOF_KEY", default="")
PROOF_KEY_FALLBACKS = env.list("PROOF_KEY_FALLBACKS", default=[])

# Single sign-on with an OpenID provider (governance.access.openid); off while no issuer is named.
PASSWORD_SIGN_IN = env.bool("PASSWORD_SIGN_IN", default=True)
SSO_ISSUER = env.str("SSO_ISSUER", default="").rstrip("/")
SSO_CLIENT_ID = env.str("SSO_CLIENT_ID", default="")
SSO_CLIENT_SECRET = env.str("SSO_CLIENT_SECRET", default="")
SSO_NAME = env.str("SSO_NAME", default="single sign-on")
SSO_SCOPES = env.list("SSO_SCOPES", default=["openid", "profile", "email"])
SSO_VISITS_PER_MINUTE = env.int("SSO_VISITS_PER_MINUTE", default=120)
SSO_CREATE_PEOPLE = env.bool("SSO_CREATE_PEOPLE", default=False)
SSO_GROUPS_CLAIM = env.str("SSO_GROUPS_CLAIM", default="groups")
# {"group": [{"role": "validator", "unit": "retail"}, {"role": "examiner"}]}
SSO_GROUPS = env.json("SSO_GROUPS", default={})
