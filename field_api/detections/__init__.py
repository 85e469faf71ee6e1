"""Detections: leads that wait for a named person."""
