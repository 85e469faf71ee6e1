"""Accounts: who may sign in, and how guessing is made slow."""
