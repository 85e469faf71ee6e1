"""Registers over HTTP."""
