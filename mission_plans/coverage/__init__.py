"""Lanes over an area, and ways between them."""
