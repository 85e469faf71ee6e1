"""Vegetation fires: figures of observed lines, and a model of how a fire may spread."""
