"""The classes that are learnt, in the order of the label files, and the shipped network's."""

__all__ = ["CLASSES", "COCO_PERSON", "LABELS"]

CLASSES = ("person", "smoke")
COCO_PERSON = 0
"""Row of `person` in a COCO model."""
LABELS = {"lying": "person"}
"""What `person` learnt beside COCO's head finds (small people, people seen from above, whom COCO's
misses) is the exported network's row `lying`; they are people all the same."""
