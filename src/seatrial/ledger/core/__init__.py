"""The rules of the ledger, pure: tree, notes, entries, receipts."""
