"""Fax pages: black and white, coded, with a header line."""
