"""What plans and requests are made of."""
