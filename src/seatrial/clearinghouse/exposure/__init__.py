"""Who has what an advisory is about: operators' inventories, and their matching."""
