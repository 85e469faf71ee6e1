"""Search plans: computed, checked, authorised, launched."""
