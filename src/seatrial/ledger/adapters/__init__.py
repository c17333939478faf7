"""The ports of the ledger made real."""
