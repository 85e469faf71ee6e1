"""Tables as they were when a migration was written: migrations never read the models."""
