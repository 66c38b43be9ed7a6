"""The rules of `check`, by what they look at."""
