"""Pictures and print for exports."""
