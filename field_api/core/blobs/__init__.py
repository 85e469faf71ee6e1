"""Attachments: resumable uploads and files named by their hash."""
