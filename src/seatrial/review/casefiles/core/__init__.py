"""Pure rules of case files: names, manifest, the readable index, verification."""
