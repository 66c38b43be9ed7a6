"""Providers send a fax or an e-mail for us, or answer a question. Only they open sockets."""
