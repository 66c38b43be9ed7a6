"""Everything that is printed: screens, tables, and the formats of `check`."""
