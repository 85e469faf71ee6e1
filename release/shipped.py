"""What a release consists of: distributions, libraries inside them, npm packages and data files.

Read from the pins, the installed distributions, the built web pages and the lock file, so that the
lists can't name what is not there or leave out what is.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path, PurePath
from typing import Any, cast

from packaging.utils import canonicalize_name

__all__ = ["ROOT", "WEB", "Component", "Policy", "ShippedError", "load_policy", "pinned", "shipped"]

ROOT = Path(__file__).parents[1]
WEB = ROOT / "field_api" / "web"

_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)")
_HASH = re.compile(r"--hash=(sha256:[0-9a-f]{64})")
_LIBRARY = re.compile(
    r"^(?P<name>lib.+?)(?:-[0-9a-f]{8})+(?:\.(?P<before>[\d.]+))?\.so(?:\.(?P<after>.+))?$"
)
_WORKBOX = re.compile(r"workbox:([a-z-]+):")
_BESIDE_WORKBOX = {"workbox-expiration": "idb"}
"""Bundled into a workbox package without a marker of its own."""


class ShippedError(Exception):
    """Something shipped can't be told, or its licence is not known; the text says what to do."""


@dataclass(frozen=True, order=True)
class Component:
    """One thing that is shipped."""

    kind: str
    """`python`, `library` (inside a distribution), `npm` or `file`."""
    name: str
    version: str
    licence: str
    """SPDX expression."""
    inside: str = ""
    """Where it is found: the distribution of a library, the paths of files."""
    source: str = ""
    bundled: bool = True
    """False for an npm package that is a dependency but of which no line is in the built pages."""
    in_worker: bool = False
    """Whether an npm package is in the service worker, which workbox bundles by itself."""
    hashes: tuple[str, ...] = ()
    """As pinned: `sha256:HEX`, or npm's `sha512-BASE64`."""


@dataclass(frozen=True)
class Policy:
    """`licences.toml`."""

    allowed: frozenset[str]
    conditional: Mapping[str, str]
    only_as_extra: Mapping[str, str]
    python: Mapping[str, str]
    libraries: Mapping[str, str]
    npm: Mapping[str, str]
    files: tuple[Mapping[str, Any], ...]


def load_policy() -> Policy:
    """Read the policy table."""
    file = Path(__file__).with_name("licences.toml")
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    return Policy(
        allowed=frozenset(table["allowed"]),
        conditional=table["conditional"],
        only_as_extra=table["only_as_extra"],
        python=table["python"],
        libraries=table["libraries"],
        npm=table["npm"],
        files=tuple(table["files"]),
    )


def pinned(
    file: Path = ROOT / "requirements" / "run.txt",
) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return version and hashes of every pinned distribution by its normalised name."""
    lines = file.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    return {
        canonicalize_name(pin["name"]): (pin["version"], tuple(_HASH.findall(line)))
        for line in lines
        if (pin := _PIN.match(line))
    }


def shipped(policy: Policy) -> list[Component]:
    """Return everything shipped, sorted.

    Raises:
        ShippedError: a distribution is not installed as pinned, the web pages are not built, or
            something has no known licence.
    """
    return sorted({*_python(policy), *_npm(policy), *_files(policy)})


def _python(policy: Policy) -> Iterator[Component]:
    for name, (version, hashes) in pinned().items():
        try:
            found = distribution(name)
        except PackageNotFoundError:
            raise ShippedError(f"{name} is pinned but not installed: run make") from None
        if found.version != version:
            raise ShippedError(f"{name} is {found.version} here, pinned is {version}: run make")
        metadata = cast(Message, found.metadata)
        licence = metadata.get("License-Expression") or policy.python.get(name)
        if licence is None:
            said = metadata.get("License") or metadata.get_all("Classifier")
            raise ShippedError(
                f"{name} states no SPDX expression (it says {str(said)[:80]!r}): read its licence "
                "and add it under [python] in release/licences.toml"
            )
        yield Component("python", name, version, licence, hashes=hashes)
        yield from _libraries(policy, name, found)


def _libraries(policy: Policy, owner: str, found: Distribution) -> Iterator[Component]:
    for file in found.files or ():
        if ".libs" in str(file.parent) and ".so" in file.name:
            name, version = _library(file)
            licence = policy.libraries.get(name) or policy.libraries.get(
                f"{name}.{version.split('.')[0]}"
            )
            if licence is None:
                raise ShippedError(
                    f"{file} has no known licence: add {name} under [libraries] in "
                    "release/licences.toml"
                )
            yield Component("library", name, version, licence, inside=owner)


def _library(file: PurePath) -> tuple[str, str]:
    """Return name and version of `libNAME-HASH.so.VERSION`."""
    match = _LIBRARY.match(file.name)
    if match is None:
        raise ShippedError(f"{file}: name and version can't be told from the file's name")
    return match["name"].rstrip("-"), match["after"] or (match["before"] or "")


def _npm(policy: Policy) -> Iterator[Component]:
    lock = json.loads((WEB / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    in_bundle = frozenset(_bundled())
    bundled = set(in_bundle)
    for path, package in lock.items():
        name = path.rpartition("node_modules/")[2]
        in_pages = not in_bundle.isdisjoint({(name, package.get("version")), (name, "")})
        if not name or (package.get("dev") and not in_pages):
            continue
        licence = package.get("license") or policy.npm.get(name)
        if licence is None:
            raise ShippedError(f"npm {name} states no licence: add it under [npm]")
        bundled -= {(name, package["version"]), (name, "")}
        yield Component(
            "npm",
            name,
            package["version"],
            licence.strip("()"),
            bundled=in_pages,
            in_worker=(name, "") in in_bundle,
            hashes=(package["integrity"],),
        )
    if bundled:
        raise ShippedError(f"in the built pages but not in package-lock.json: {sorted(bundled)}")


def _bundled() -> Iterator[tuple[str, str]]:
    """Yield name and version of every package of which code is in the pages; "" for any version."""
    listed = WEB / "dist" / "licences.json"
    worker = WEB / "dist" / "terminal" / "sw.js"
    if not listed.is_file() or not worker.is_file():
        raise ShippedError("the web pages are not built: run make web")
    for package in json.loads(listed.read_text(encoding="utf-8")):
        yield package["name"], package["version"]
    # The service worker is bundled by workbox itself, which marks its parts.
    for part in sorted(set(_WORKBOX.findall(worker.read_text(encoding="utf-8")))):
        name = f"workbox-{part}"
        yield name, ""
        if name in _BESIDE_WORKBOX:
            yield _BESIDE_WORKBOX[name], ""


def _files(policy: Policy) -> Iterable[Component]:
    for entry in policy.files:
        for path in entry["paths"]:
            if not any(ROOT.glob(path)):
                raise ShippedError(f"release/licences.toml names {path}, which is not there")
        yield Component(
            "file",
            entry["name"],
            "",
            entry["licence"],
            inside=", ".join(f"`{path}`" for path in entry["paths"]),
            source=entry["source"],
        )
