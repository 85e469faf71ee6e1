"""Where the missing may be: the probability map of an incident and what searching made of it."""
