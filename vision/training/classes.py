"""The classes of the shipped detector, in the order of its output."""

__all__ = ["CLASSES", "COCO_PERSON"]

CLASSES = ("person", "smoke")
COCO_PERSON = 0
"""Row of `person` in a COCO model."""
