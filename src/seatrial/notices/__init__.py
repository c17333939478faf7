"""Notices that say only that something changed: by mail and by signed webhooks, driven by committed ledger entries."""
