"""The rules of the sandbox: which command line isolates a program, within which limits."""
