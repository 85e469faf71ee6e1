"""What every feature stands on: plain rules first, wires and tables beside them."""
