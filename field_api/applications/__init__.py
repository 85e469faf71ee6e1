"""Emergency flight applications: filled from a plan, handed in, answered."""
