"""The rules of delivery: what is signed in a ceremony, and what the instance accepts and signs itself."""
