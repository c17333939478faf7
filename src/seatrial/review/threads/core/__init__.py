"""The rules of a conversation, pure: who may write when, and what a text may hold."""
