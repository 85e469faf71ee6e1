"""Aircraft, terminals, teams, points and fences."""
