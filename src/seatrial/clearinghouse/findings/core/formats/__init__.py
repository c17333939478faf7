"""Other people's formats as reports in the own one: pure functions, a file for each."""
