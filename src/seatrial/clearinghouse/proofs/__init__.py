"""Claims that run: a proof is built and run in the sandbox, and what it showed is said with a transcript."""
