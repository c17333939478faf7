"""The rules of model identity. Pure."""
