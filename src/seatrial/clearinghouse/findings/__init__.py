"""Reports of vulnerabilities, from anyone."""
