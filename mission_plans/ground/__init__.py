"""The ground of a search: frame, terrain, camera, what is seen."""
