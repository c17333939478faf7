"""The tamper-evident record: append, receipts, checkpoints, verification."""
