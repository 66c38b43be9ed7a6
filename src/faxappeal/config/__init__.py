"""The tables of faxappeal.toml, and where their values and secrets come from."""
