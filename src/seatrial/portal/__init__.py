"""The pages: what people see and press. A page parses, makes one call, presents; it decides nothing."""
