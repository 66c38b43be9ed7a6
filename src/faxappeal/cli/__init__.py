"""The command line: parse, ask, exit. Typer stays in this folder."""
