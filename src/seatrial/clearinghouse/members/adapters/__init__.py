"""Members' feeds over HTTP, their signatures, and the walk through a provider."""
