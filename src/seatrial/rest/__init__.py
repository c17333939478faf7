"""The HTTP API: routes, who is asking, problem details (RFC 9457)."""
