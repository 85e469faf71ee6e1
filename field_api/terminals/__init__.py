"""Where the handhelds are."""
