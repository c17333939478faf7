"""The rules of dossiers, pure."""
