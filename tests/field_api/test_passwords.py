"""Password hashing as it ships: the other tests hash cheaply."""

import runpy

from field_api.features.accounts import passwords


def test_an_unknown_account_costs_what_a_known_one_costs() -> None:
    shipped = runpy.run_path(passwords.__file__)
    assert not shipped["_hasher"].check_needs_rehash(shipped["_nobody"])
    assert not shipped["verify_password"](None, "nobody")
