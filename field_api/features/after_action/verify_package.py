"""Prove an after-action package: `python3 verify_package.py PACKAGE.zip [--head HASH]`.

Needs Python 3.9 or newer and nothing else. It proves that every file is the one that was put in,
that no file was added, and that the incident's entries of the audit trail are unchanged and chained
without a gap. Give `--head` the hash that was noted elsewhere when the package was taken, as in the
command post's trail or on paper: whoever forges a package whole can't forge that.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

ENTRY = ("seq", "t_ms", "action", "subject", "incident_id", "words_sha256")


def canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def file_faults(archive: zipfile.ZipFile) -> Iterator[str]:
    """Yield what is wrong with the files."""
    names = archive.namelist()
    if len(names) != len(set(names)):
        yield "a file stands in the package twice"
    listed: dict[str, str] = {}
    for line in archive.read("SHA256SUMS").decode("utf-8").splitlines():
        digest, _, name = line.partition("  ")
        listed[name] = digest
    for name in sorted(set(names) - set(listed) - {"SHA256SUMS"}):
        yield f"{name}: not listed, so it was added"
    for name, wanted in listed.items():
        if name not in names:
            yield f"{name}: missing"
        elif file_hash(archive, name) != wanted:
            yield f"{name}: its bytes are not those that were put in"


def file_hash(archive: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with archive.open(name) as file:
        while data := file.read(1 << 20):
            digest.update(data)
    return digest.hexdigest()


def chain_faults(archive: zipfile.ZipFile, manifest: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the entries of the audit trail."""
    previous: dict[str, Any] = {}
    own = erased = 0
    with archive.open("chain.jsonl") as lines:
        for line in lines:
            entry: dict[str, Any] = json.loads(line)
            seq = entry["seq"]
            after = (previous["hash"], previous["seq"] + 1) if previous else None
            if after and (entry["prev_hash"], seq) != after:
                yield f"entry {seq}: not chained to the one before"
            core = canonical({name: entry[name] for name in ENTRY})
            if sha256(entry["prev_hash"] + core) != entry["hash"]:
                yield f"entry {seq}: its content does not match its hash"
            if entry["incident_id"] == manifest["incident_id"]:
                own += 1
                if "words" not in entry:
                    erased += 1
                elif sha256(entry["salt"] + canonical(entry["words"])) != entry["words_sha256"]:
                    yield f"entry {seq}: its words do not match its hash"
            previous = entry
    trail = manifest["trail"]
    if own != trail["entries"]:
        yield f"{own} of the incident's {trail['entries']} entries are here"
    if erased != trail["erased"]:
        yield f"{erased} entries have no words, {trail['erased']} were erased on record"
    if previous.get("hash") != trail["head"]:
        yield "the last entry is not the one that the manifest names"


def faults(path: str, head: str | None = None) -> Iterator[str]:
    """Yield everything that is wrong with a package."""
    with zipfile.ZipFile(path) as archive:
        yield from file_faults(archive)
        manifest: dict[str, Any] = json.loads(archive.read("manifest.json"))
        yield from chain_faults(archive, manifest)
        its_own = manifest["trail"]["head"]
        if head and head != its_own:
            yield f"it ends with {its_own}, not with the noted head"


def main() -> int:
    asked = argparse.ArgumentParser(description="Prove an after-action package.")
    asked.add_argument("package")
    asked.add_argument("--head", help="hash noted elsewhere when the package was taken")
    given = asked.parse_args()
    try:
        found = list(faults(given.package, given.head))
    except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
        found = [f"no readable package: {error!r}"]
    for fault in found:
        print(fault, file=sys.stderr)
    print("NOT GENUINE" if found else "genuine: every file and every entry as it was taken out")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
