"""What a recipe may say, what its runs showed, and what a crash report tells."""
