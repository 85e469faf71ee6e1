"""The world outside: simulated vehicles, cameras, fire, people, handhelds and scenarios."""
