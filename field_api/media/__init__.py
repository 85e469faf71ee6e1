"""Pictures, kept on disk by their hash."""
