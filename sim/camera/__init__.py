"""The camera of a simulated drone: pictures of the world, encoded and sent like a real one's."""
