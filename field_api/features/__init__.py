"""What the bureau does, one folder each; `declared` lists them."""
