"""Words every room needs: labels, time, digests, canonical JSON, errors, lifecycles."""
