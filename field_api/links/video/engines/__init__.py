"""Pipes that bring a stream to a browser by WebRTC; rights and records stay with the post."""
