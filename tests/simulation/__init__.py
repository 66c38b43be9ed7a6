"""Whole histories of sending in a world that is made up: clocks, machines, crashes, providers."""
