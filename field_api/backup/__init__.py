"""Backups of a running command post, and the way back."""
