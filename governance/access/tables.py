"""Which table of people and rights is what to the ledger."""

from governance.ledger.tables import Governed, Operational, TableClass

TABLES: dict[str, TableClass] = {
    "access_identity": Governed(secret=("subject",)),
    "access_proofkey": Governed(),
    "access_proofsecret": Operational("keys of proofs: only the owner reads them, and no secret enters the ledger"),
    "access_rolepermission": Operational("written by migrate from roles.py"),
    "access_token": Governed(secret=("digest",), volatile=("last_used",)),
    "access_user": Governed(
        secret=("password", "salt"), volatile=("last_login", "session_version", "theme"), personal=("name", "email")
    ),
    "access_user_groups": Governed(removable=True),
    "access_user_user_permissions": Governed(removable=True),
    "auth_group": Governed(),
    "auth_group_permissions": Governed(removable=True),
    "guardian_groupobjectpermission": Operational("stays empty: assignments are the only truth"),
    "mfa_authenticator": Governed(secret=("data",), volatile=("last_used_at",), removable=True),
    "guardian_userobjectpermission": Operational("stays empty: assignments are the only truth"),
}
