"""One dossier, many documents: a file for each form, each a pure function of what one reader may see."""
