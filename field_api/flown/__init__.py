"""Flights as flown: recorded tracks, and the coverage they leave."""
