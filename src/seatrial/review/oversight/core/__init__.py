"""Pure rules of oversight: counting, wording, drawing."""
