"""Many jobs: a queue in the database, so that one machine needs no broker."""
