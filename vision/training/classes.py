"""The classes that are learnt, in the order of the label files, and the shipped network's."""

__all__ = ["CLASSES", "COCO_PERSON", "LABELS", "ROWS"]

CLASSES = ("person", "smoke")
COCO_PERSON = 0
"""Row of `person` in a COCO model."""
ROWS = ("person", "smoke", "lying")
"""Class rows of the exported network: COCO's person, and what the second head finds."""
LABELS = {"lying": "person"}
"""Small people and people seen from above, whom COCO's head misses, are people all the same."""
