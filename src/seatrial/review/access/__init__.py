"""What one request may do: grants, budgets, keys, and the record of every exchange."""
