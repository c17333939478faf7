"""The rules of reading inventories and advisories, and of matching one with the other."""
