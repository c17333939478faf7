"""What of the reports is true, what is the same, and what comes first."""
