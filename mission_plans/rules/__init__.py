"""What a plan is held against: checks, flight rules, the application."""
