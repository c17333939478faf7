"""Which model it is, by weights, version and behaviour, and whether the released one is the reviewed one."""
