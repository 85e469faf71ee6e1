"""The command post through its public interfaces."""
