"""A delivery from the plan to its end: when it may leave, sending, asking, retrying."""
