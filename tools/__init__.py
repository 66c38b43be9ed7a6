"""Checks of the project's own text and history, run by `make lint`."""
