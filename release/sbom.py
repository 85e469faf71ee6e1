"""`make sbom`: the bill of materials of everything shipped, as CycloneDX JSON."""

# The library's classes are made by decorators that hide their fields from pyright.
# pyright: reportAttributeAccessIssue=false, reportCallIssue=false, reportArgumentType=false
# pyright: reportReturnType=false

import base64
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component as Entry
from cyclonedx.model.component import ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from release.shipped import ROOT, Component, ShippedError, load_policy, shipped

__all__ = ["SbomError", "bill", "write"]

_TYPES = {"file": ComponentType.DATA}


class SbomError(Exception):
    """The bill is not valid against CycloneDX's own schema."""


def _package_url(component: Component) -> PackageURL | None:
    if component.kind == "python":
        return PackageURL("pypi", name=component.name, version=component.version)
    if component.kind == "npm":
        namespace, _, name = component.name.rpartition("/")
        return PackageURL("npm", namespace or None, name, component.version)
    return None


def _hash(pinned: str) -> HashType:
    """Return a hash as pinned: `sha256:HEX` of pip, `sha512-BASE64` of npm."""
    if pinned.startswith("sha256:"):
        return HashType(alg=HashAlgorithm.SHA_256, content=pinned.removeprefix("sha256:"))
    encoded = pinned.removeprefix("sha512-")
    return HashType(alg=HashAlgorithm.SHA_512, content=base64.b64decode(encoded).hex())


def _reference(component: Component) -> str:
    owner = f"{component.inside}/" if component.kind == "library" else ""
    return f"{component.kind}:{owner}{component.name}@{component.version}"


def _entry(component: Component) -> Entry:
    # A pin lists the hash of every file a distribution comes in; one of them is installed.
    several = len(component.hashes) > 1
    properties = [Property(name="xunshan:pinned", value=text) for text in component.hashes]
    if component.kind == "npm":
        properties.append(Property(name="xunshan:in_pages", value=str(component.bundled).lower()))
    if component.kind == "file":
        properties.append(Property(name="xunshan:paths", value=component.inside.replace("`", "")))
    return Entry(
        name=component.name,
        version=component.version or None,
        type=_TYPES.get(component.kind, ComponentType.LIBRARY),
        bom_ref=_reference(component),
        purl=_package_url(component),
        licenses=[LicenseExpression(component.licence)],
        hashes=[] if several else [_hash(text) for text in component.hashes],
        properties=properties,
    )


def bill(components: Iterable[Component]) -> str:
    """Return the bill of materials as CycloneDX 1.6 JSON, valid against its schema.

    Raises:
        SbomError: it is not valid.
    """
    listed = list(components)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    program = Entry(
        name=project["name"],
        version=project["version"],
        type=ComponentType.APPLICATION,
        bom_ref="xunshan",
        licenses=[LicenseExpression(project["license"])],
    )
    entries = {c: _entry(c) for c in listed}
    for inner, entry in entries.items():
        if inner.kind == "library":
            owner = next(c for c in listed if (c.kind, c.name) == ("python", inner.inside))
            entries[owner].components.add(entry)
    bom = Bom(components=[e for c, e in entries.items() if c.kind != "library"])
    bom.metadata.component = program
    bom.register_dependency(program, bom.components)
    text = JsonV1Dot6(bom).output_as_string(indent=1)
    if error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise SbomError(str(error))
    return text


def write(target: Path) -> None:
    """Write the bill of materials into a file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(bill(shipped(load_policy())), encoding="utf-8")


if __name__ == "__main__":
    try:
        write(Path(sys.argv[1]))
    except (ShippedError, SbomError) as problem:
        print(problem, file=sys.stderr)
        sys.exit(1)
