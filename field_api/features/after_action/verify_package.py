"""Prove an after-action package: `python3 verify_package.py PACKAGE.zip [--head HASH]`.

Needs Python 3.9 or newer and nothing else. It proves that every file is the one that was put in,
that no file was added, and that the incident's entries of the audit trail are unchanged and chained
without a gap. Give `--head` the hash that was noted elsewhere when the package was taken, as in the
command post's trail or on paper: whoever forges a package whole can't forge that.
"""

import argparse
import hashlib
import json
import sys
import zipfile

ENTRY = ("seq", "t_ms", "action", "subject", "incident_id", "words_sha256")


def canonical(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256(text):
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def file_faults(archive):
    """Yield what is wrong with the files."""
    names = archive.namelist()
    if len(names) != len(set(names)):
        yield "a file stands in the package twice"
    listed = {}
    for line in archive.read("SHA256SUMS").decode("utf-8").splitlines():
        digest, _, name = line.partition("  ")
        listed[name] = digest
    for name in sorted(set(names) - set(listed) - {"SHA256SUMS"}):
        yield "%s: not listed, so it was added" % name
    for name, wanted in listed.items():
        if name not in names:
            yield "%s: missing" % name
            continue
        digest = hashlib.sha256()
        with archive.open(name) as file:
            while True:
                data = file.read(1 << 20)
                if not data:
                    break
                digest.update(data)
        if digest.hexdigest() != wanted:
            yield "%s: its bytes are not those that were put in" % name


def chain_faults(archive, manifest):
    """Yield what is wrong with the entries of the audit trail."""
    previous = None
    own = erased = 0
    with archive.open("chain.jsonl") as lines:
        for line in lines:
            entry = json.loads(line)
            seq = entry["seq"]
            if previous is not None and (
                entry["prev_hash"] != previous["hash"] or seq != previous["seq"] + 1
            ):
                yield "entry %s: not chained to the one before" % seq
            core = canonical({name: entry[name] for name in ENTRY})
            if sha256(entry["prev_hash"] + core) != entry["hash"]:
                yield "entry %s: its content does not match its hash" % seq
            if entry["incident_id"] == manifest["incident_id"]:
                own += 1
                if "words" not in entry:
                    erased += 1
                elif sha256(entry["salt"] + canonical(entry["words"])) != entry["words_sha256"]:
                    yield "entry %s: its words do not match its hash" % seq
            previous = entry
    trail = manifest["trail"]
    if own != trail["entries"]:
        yield "%d of the incident's %d entries are here" % (own, trail["entries"])
    if erased != trail["erased"]:
        yield "the words of %d entries are missing, %d were erased on record" % (
            erased,
            trail["erased"],
        )
    if (previous["hash"] if previous else None) != trail["head"]:
        yield "the last entry is not the one that the manifest names"


def faults(path, head=None):
    """Yield everything that is wrong with a package."""
    with zipfile.ZipFile(path) as archive:
        yield from file_faults(archive)
        manifest = json.loads(archive.read("manifest.json"))
        yield from chain_faults(archive, manifest)
        if head and head != manifest["trail"]["head"]:
            yield "it ends with %s, not with the noted head" % manifest["trail"]["head"]


def main():
    asked = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    asked.add_argument("package")
    asked.add_argument("--head", help="hash noted elsewhere when the package was taken")
    given = asked.parse_args()
    try:
        found = list(faults(given.package, given.head))
    except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
        found = ["no readable package: %r" % (error,)]
    for fault in found:
        print(fault, file=sys.stderr)
    print("NOT GENUINE" if found else "genuine: every file and every entry as it was taken out")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
