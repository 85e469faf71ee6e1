"""Incidents and their timeline."""
