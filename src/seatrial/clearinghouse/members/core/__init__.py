"""What a provider says of itself and lists, and what a document must be to be mirrored. Pure."""
