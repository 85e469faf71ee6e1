"""Video relay: compressed packets in, the same packets out."""
