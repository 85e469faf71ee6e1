"""Offline-first sync of handhelds; `docs/sync.md` is its specification."""
