"""The whole case as one signed file that verifies offline."""
