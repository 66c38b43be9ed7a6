"""What a terminal shows of a command's result: for each command a module with a function `draw`."""
