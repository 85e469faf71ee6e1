"""From a request to a plan, and on to better ones: the only entry."""
