"""The access gateway: HTTP in, ``access`` decides, bytes through."""
