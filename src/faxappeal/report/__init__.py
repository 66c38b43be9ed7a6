"""The proof of sending, as HTML and PDF."""
