"""The review itself: consent, window, withdrawal, release, partners, questions."""
