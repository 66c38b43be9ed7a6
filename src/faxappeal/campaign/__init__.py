"""A campaign: its files, read and typed, and the deliveries that follow from them."""
