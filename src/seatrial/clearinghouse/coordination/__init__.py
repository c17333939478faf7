"""Cases of several parties: who knows, until when nothing is published, who has fixed what, and in which order."""
