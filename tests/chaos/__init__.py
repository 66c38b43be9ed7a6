"""Many kills: `make crash`. The program is killed (-9) at random moments, started again until every
letter has come to its end, and what the far side has seen is compared with what the ledger says."""
