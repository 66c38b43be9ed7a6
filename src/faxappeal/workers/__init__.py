"""Workers that send from a ledger in PostgreSQL (extra `workers`)."""
