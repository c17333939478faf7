"""Which reports are one flaw, and which finding comes first."""
