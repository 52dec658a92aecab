"""Lines of a bill of materials: typed input, checked, and bound by a SHA-256."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from governance.inputs import Checks
from inventory.models import Artifact, Release
from inventory.rules import service_digest

MOST_ARTIFACTS = 500


@dataclass(frozen=True, slots=True)
class ArtifactInput:
    """One line as handed in; `sha256` may begin with `sha256:`.

    A vendor service has vendor and model id instead of a file; its digest is computed from its configuration.
    """

    name: str
    kind: str
    version: str = ""
    uri: str = ""
    sha256: str = ""
    vendor: str = ""
    model_id: str = ""
    region: str = ""
    configuration: Mapping[str, object] = field(default_factory=dict)


def checked(checks: Checks, artifacts: Sequence[ArtifactInput]) -> list[ArtifactInput]:
    """The lines in the form they are stored in; what is wrong is noted under `artifacts.<n>.<field>`."""
    if len(artifacts) > MOST_ARTIFACTS:
        checks.refuse("artifacts", f"Has more than {MOST_ARTIFACTS} lines.")
        return []
    kept = [_line(checks.below(f"artifacts.{number}"), line) for number, line in enumerate(artifacts)]
    seen: set[str] = set()
    for number, line in enumerate(kept):
        if line.name and line.name in seen:
            checks.refuse(f"artifacts.{number}.name", "Stands twice in this bill of materials.")
        seen.add(line.name)
    return kept


def write(release: Release, lines: Sequence[ArtifactInput]) -> None:
    """Make the bill of materials of a draft release exactly `lines`, touching only rows that differ."""
    wanted = {line.name: line for line in lines}
    kept: set[str] = set()
    for row in release.artifacts.all():
        line = wanted.get(row.name)
        if line is None:
            row.delete()
            continue
        kept.add(row.name)
        changed = {name: value for name, value in _stored(line).items() if getattr(row, name) != value}
        if changed:
            for name, value in changed.items():
                setattr(row, name, value)
            row.save(update_fields=list(changed))
    Artifact.objects.bulk_create(Artifact(release=release, **_stored(line)) for line in lines if line.name not in kept)


def _stored(line: ArtifactInput) -> dict[str, object]:
    return {**asdict(line), "configuration": dict(line.configuration)}


def _line(checks: Checks, line: ArtifactInput) -> ArtifactInput:
    kind = checks.choice("kind", line.kind, Artifact.Kind.values)
    service = kind == Artifact.Kind.SERVICE
    texts = {
        name: checks.text(name, getattr(line, name), limit=limit, required=required)
        for name, limit, required in (
            ("name", 300, True), ("version", 200, False), ("uri", 1000, False),
            ("vendor", 300, service), ("model_id", 300, service), ("region", 120, False),
        )
    }  # fmt: skip
    configuration = line.configuration
    if isinstance(configuration, Mapping):
        configuration = checks.data("configuration", dict(configuration)) or {}
    else:
        checks.refuse("configuration", "Must be an object.")
        configuration = {}
    if kind and not service:
        _nothing_of_a_service(checks, line)
    sha256 = _service_sha256(checks, line, texts, configuration) if service else checks.sha256("sha256", line.sha256)
    return ArtifactInput(kind=kind, sha256=sha256, configuration=configuration, **texts)


def _nothing_of_a_service(checks: Checks, line: ArtifactInput) -> None:
    for name in ("model_id", "region", "configuration"):
        if getattr(line, name):
            checks.refuse(name, "Belongs to a vendor service only.")


def _service_sha256(
    checks: Checks, line: ArtifactInput, texts: Mapping[str, str], configuration: Mapping[str, object]
) -> str:
    sha256 = service_digest(
        vendor=texts["vendor"],
        model_id=texts["model_id"],
        version=texts["version"],
        region=texts["region"],
        configuration=configuration,
    )
    if line.sha256 and checks.sha256("sha256", line.sha256) not in {sha256, ""}:
        checks.refuse("sha256", "Is not the digest of this service's configuration; leave it out to have it computed.")
    return sha256
