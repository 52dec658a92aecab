"""People, machines and their tokens, and the table of what each role may do."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import AbstractUser, Permission, UserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from knox.models import AbstractAuthToken

from governance.access import keys
from governance.access.vocabulary import Role, Scope
from governance.ledger.acting import Door, acting

LONGEST_TOKEN_LIFE = timedelta(days=90)


PASSWORD_TAG = "countersign password 1"  # noqa: S105  a label, not a secret
IDENTITY_TAG = "countersign identity 1"
CONFIRMED_TAG = "countersign identity confirmed 1"
PASSWORD_FIELDS = ["password", "password_key", "password_proof"]


class People(UserManager["User"]):
    """The manager of accounts: those it makes carry the proof of their password."""

    def _create_user_object(self, username: str, email: str | None, password: str | None, **fields: Any) -> User:
        person: User = super()._create_user_object(username, email, password, **fields)  # type: ignore[misc]
        person.prove_password()
        return person


class User(AbstractUser):  # type: ignore[django-manager-missing]  # Token's base is untyped
    """A person, or a machine that acts for a person (its sponsor). Closed, never deleted."""

    class Kind(models.TextChoices):
        """Who stands behind an account."""

        HUMAN = "human", "Person"
        MACHINE = "machine", "Machine"

    class Theme(models.TextChoices):
        """The person's choice of colours."""

        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField("printed name", max_length=150)
    kind = models.CharField(max_length=7, choices=Kind.choices, default=Kind.HUMAN)
    sponsor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="sponsored",
        help_text="The person who answers for a machine.",
    )  # fmt: skip
    put_forward_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", editable=False,
        help_text="Who put the person forward for governance; another member gives the role.",
    )  # fmt: skip
    theme = models.CharField(max_length=5, choices=Theme.choices, default=Theme.LIGHT)
    salt = models.UUIDField(default=uuid.uuid4, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_reason = models.CharField(max_length=500, blank=True)
    session_version = models.PositiveIntegerField(default=0, editable=False)
    # Written by the database with every change of the password, which itself never enters the ledger.
    password_changed_at = models.DateTimeField(null=True, editable=False)
    # That the portal set the password: the database refuses one planted past it, or copied from another account.
    password_key = models.CharField(max_length=32, blank=True, default="", editable=False)
    password_proof = models.CharField(max_length=64, blank=True, default="", editable=False)

    REQUIRED_FIELDS = ["email", "name"]

    objects = People()  # type: ignore[misc]  # the base class types its own

    # The token a machine came with, set by authentication and never stored: a machine without one has no rights.
    token: Token | None = None

    class Meta:
        verbose_name, verbose_name_plural = "person", "people"
        constraints = [
            models.UniqueConstraint(
                Lower("email"), condition=~models.Q(email=""), name="user_email_once",
                violation_error_message="Another account has this e-mail address.",
            ),
            models.UniqueConstraint(Lower("username"), name="user_username_once"),
            models.CheckConstraint(
                condition=models.Q(kind="human", sponsor=None) | models.Q(kind="machine", sponsor__isnull=False),
                name="user_machine_has_sponsor",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at=None) | models.Q(is_active=False), name="user_closed_is_inactive"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        """The printed name, as it stands on sign-offs."""
        return self.name or self.username

    def set_password(self, raw_password: str | None) -> None:
        """Set the password with its proof; save all of PASSWORD_FIELDS."""
        super().set_password(raw_password)
        self.prove_password()

    def prove_password(self) -> None:
        """Put this process's proof on the password as it is kept, for this person only."""
        key = keys.current()
        self.password_key = key.fingerprint
        self.password_proof = key.prove(keys.message(PASSWORD_TAG, [str(self.salt).encode(), self.password.encode()]))

    def has_usable_password(self) -> bool:
        """Whether a password could sign this person in here."""
        return bool(settings.PASSWORD_SIGN_IN) and super().has_usable_password()

    def check_password(self, raw_password: str | None) -> bool:
        """Whether this is the password; one kept in an outdated way is kept in today's from then on."""
        return check_password(raw_password, self.password, self._keep_better)

    def _keep_better(self, raw_password: str) -> None:
        with acting(self, door=Door.WEB, verb="person.rehash_password"):
            self.set_password(raw_password)
            self._password = None  # the same password: nobody's validators need to know
            self.save(update_fields=PASSWORD_FIELDS)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session must carry to count: another password or another session version ends every session."""
        value = f"{self.password}:{self.session_version}"
        return salted_hmac("governance.access.session", value, secret=secret, algorithm="sha256").hexdigest()

    def get_short_name(self) -> str:
        """The same: people choose how they are addressed."""
        return self.get_full_name()


class IdentityQuerySet(models.QuerySet["Identity"]):
    """Named reads of linked accounts."""

    def signing_in(self) -> IdentityQuerySet:
        """Those that sign somebody in: confirmed and not ended."""
        return self.filter(confirmed_at__isnull=False, ended_at=None)

    def waiting(self) -> IdentityQuerySet:
        """Those that wait for confirmation."""
        return self.filter(confirmed_at=None, ended_at=None)


class Identity(models.Model):
    """An account of an OpenID provider that signs in as a person: by issuer and subject, never by an address.

    Linked by one and confirmed by another, neither of them the person; only a newcomer's own first sign-in needs no
    other. Carries the portal's proofs of both acts, so that one planted past it signs nobody in. Ended, never removed.
    """

    person = models.ForeignKey(User, models.PROTECT, related_name="identities")
    issuer = models.CharField(max_length=500)
    subject = models.CharField(max_length=255)
    linked_at = models.DateTimeField()
    linked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    proof_key = models.CharField(max_length=32, editable=False)
    proof = models.CharField(max_length=64, editable=False)
    confirmed_key = models.CharField(max_length=32, blank=True, default="", editable=False)
    confirmed_proof = models.CharField(max_length=64, blank=True, default="", editable=False)

    objects = IdentityQuerySet.as_manager()

    class Meta:
        ordering = ["person", "id"]
        verbose_name_plural = "identities"
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "subject"], condition=Q(ended_at=None), name="identity_signs_in_one_person"
            ),
            models.CheckConstraint(condition=~Q(issuer="") & ~Q(subject=""), name="identity_is_named"),
            models.CheckConstraint(
                condition=(Q(linked_by=None) | ~Q(linked_by=F("person")))
                & (Q(confirmed_by=None) | ~Q(confirmed_by=F("person")))
                & (Q(confirmed_by=None) | Q(linked_by=None) | ~Q(confirmed_by=F("linked_by"))),
                name="identity_takes_two_others",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False)
                | Q(confirmed_at=F("linked_at"), confirmed_by=None, linked_by=None),
                name="identity_is_confirmed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} of {self.issuer}"

    def prove(self) -> None:
        """Put this process's proof of the link on an unsaved identity."""
        self.proof_key, self.proof = self._proven(IDENTITY_TAG, ())

    def prove_confirmation(self) -> None:
        """Put this process's proof on the confirmation: between whom it was made."""
        acts = (self.linked_by_id, self.confirmed_by_id)
        self.confirmed_key, self.confirmed_proof = self._proven(
            CONFIRMED_TAG, tuple("" if act is None else str(act) for act in acts)
        )

    def _proven(self, tag: str, more: tuple[str, ...]) -> tuple[str, str]:
        key = keys.current()
        parts = (str(self.person.salt), self.issuer, self.subject, *more)
        return key.fingerprint, key.prove(keys.message(tag, [part.encode() for part in parts]))


class RolePermission(models.Model):
    """One permission of one assignable role; written only after migrations, from `roles.py`."""

    role = models.CharField(max_length=20)
    permission = models.ForeignKey(Permission, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "permission"], name="rolepermission_once")]

    def __str__(self) -> str:
        return f"{Role(self.role)}: {self.permission.codename}"


class TokenQuerySet(models.QuerySet["Token"]):
    """Named reads of tokens."""

    def usable(self) -> TokenQuerySet:
        """Tokens that would be accepted now: the database's clock, and nobody behind them closed."""
        return self.filter(pk__in=UsableToken.objects.values("token_id"))


class Token(AbstractAuthToken):  # type: ignore[misc]
    """A machine's credential: only its keyed digest is kept. Limited in scopes, systems or units, and time."""

    digest = models.CharField(max_length=128, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="auth_token_set")
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=500, blank=True)
    scopes = ArrayField(models.CharField(max_length=40, choices=[(scope, scope) for scope in Scope]))
    minted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="minted_tokens")
    created = models.DateTimeField()
    expiry = models.DateTimeField()
    last_used = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects = TokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expiry__gt=F("created"), expiry__lte=F("created") + LONGEST_TOKEN_LIFE),
                name="token_lives_90_days_at_most",
            ),
            models.CheckConstraint(condition=Q(scopes__len__gt=0), name="token_has_a_scope"),
            models.CheckConstraint(condition=~Q(digest=""), name="token_has_a_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.token_key}…)"


class UsableToken(models.Model):
    """A view: the tokens that count now, by the database's clock, with nobody behind them closed."""

    token = models.OneToOneField(Token, models.DO_NOTHING, primary_key=True, db_column="id", related_name="+")
    digest = models.CharField(max_length=128)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.DO_NOTHING, related_name="+")
    scopes = ArrayField(models.CharField(max_length=40))

    class Meta:
        managed = False

    def __str__(self) -> str:
        return str(self.token_id)


class ProofKey(models.Model):
    """Which key of proofs counts from when, by fingerprint: the newest row's. Written by `migrate` only.

    The key itself is in `access_proofsecret`, a table without a model that only the owner reads.
    """

    fingerprint = models.CharField(max_length=32)
    since = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.fingerprint
