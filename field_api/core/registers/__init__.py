"""Registers: declared tables that get list, form, import and export."""
