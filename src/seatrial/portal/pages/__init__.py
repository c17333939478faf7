"""Pages, a file per journey. Each view parses, makes one call for a write, and presents."""
