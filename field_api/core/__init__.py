"""What every feature stands on: one way to change records, one tail of events, one scope."""
