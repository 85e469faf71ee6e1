"""Sorties in the air and orders to vehicles."""
