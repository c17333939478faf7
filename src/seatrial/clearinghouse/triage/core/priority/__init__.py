"""Which finding comes first, and why: SSVC from evidence, a CVSS vector with reasons, an order that explains itself."""
