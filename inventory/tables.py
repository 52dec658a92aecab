"""Which table of the inventory is what to the ledger."""

from governance.ledger.tables import Evidence, Governed, Operational, TableClass
from inventory.lifecycle import ASSET, LEGACY, LOWERED, RELEASE, RISK, SYSTEM

TABLES: dict[str, TableClass] = {
    "inventory_artifact": Governed(scope="release__system", removable=True),
    "inventory_asset": Governed(volatile=("search",), transitions={"state": ASSET}, initial={"state": ("active",)}),
    "inventory_assetversion": Governed(),
    "inventory_assignment": Governed(scope="system"),
    "inventory_controlfact": Governed(scope="system"),
    "inventory_dependency": Governed(scope="system"),
    "inventory_deployment": Evidence(scope="system"),
    "inventory_document": Governed(scope="system"),
    "inventory_documentdraft": Operational("typed and not saved: a revision is what counts"),
    "inventory_documentrevision": Governed(scope="document__system"),
    "inventory_evidencefile": Governed(),
    "inventory_evidencelink": Governed(scope="system"),
    "inventory_evaluation": Governed(scope="release__system"),
    "inventory_externalid": Governed(scope="system"),
    "inventory_failuremode": Governed(scope="system"),
    "inventory_importedrow": Governed(scope="system", volatile=("line", "seen_in")),  # where it stood, not what it said
    "inventory_importrun": Governed(),
    "inventory_importupload": Operational("files waiting to be confirmed; what is taken in is recorded as a run"),
    "inventory_legacyapproval": Governed(
        scope="system", transitions={"state": LEGACY}, initial={"state": ("brought_in",)}
    ),
    "inventory_lookalike": Governed(scope="system"),
    "inventory_lookalikesearch": Governed(scope="system"),
    "inventory_loweredtier": Governed(scope="system", transitions={"state": LOWERED}, initial={"state": ("proposed",)}),
    "inventory_pastincident": Governed(volatile=("search",)),
    "inventory_registrationdraft": Operational("typed and not registered: a system is what counts"),
    "inventory_reportingplace": Operational("when a place was heard of; what it said is inventory_deployment"),
    "inventory_release": Governed(scope="system", transitions={"state": RELEASE}, initial={"state": ("draft",)}),
    "inventory_risk": Governed(scope="system", transitions={"state": RISK}, initial={"state": ("identified",)}),
    "inventory_sandbox": Operational("a spreadsheet judged apart from the register: nothing in it is a system"),
    "inventory_sandboxrow": Operational("rows of such a spreadsheet, thrown away with it"),
    "inventory_savedmapping": Governed(),
    "inventory_savedview": Operational("how somebody likes a list; it shows nobody more rows and is dropped at will"),
    "inventory_system": Governed(scope="", volatile=("search",), transitions={"phase": SYSTEM}),
    "inventory_tokenlimit": Governed(scope="system"),
    "inventory_transparencypage": Governed(scope="system"),
    "inventory_transparencyversion": Governed(scope="page__system"),
    "inventory_unit": Governed(),
    "inventory_unitclosure": Operational("derived from inventory_unit"),
    "inventory_unmappedvalue": Governed(),
    "inventory_valueperiod": Governed(scope="system"),
}
