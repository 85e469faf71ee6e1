"""Edges to nodes, browsers and video: they read the tail and the bus, and call operations."""
