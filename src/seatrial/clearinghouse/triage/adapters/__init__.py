"""Machines that judge, and the picture of the flow."""
