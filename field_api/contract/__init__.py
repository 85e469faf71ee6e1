"""The language of the field: typed messages, ids and the link that carries them."""
