"""What an inspector sees: indicators of coercion, traces of access, samples. Changes nothing."""
