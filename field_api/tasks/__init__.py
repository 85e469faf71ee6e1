"""Tasks for handhelds, with receipts and reports."""
