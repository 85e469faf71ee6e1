"""Frames in, located detections out: the edge vision node."""
