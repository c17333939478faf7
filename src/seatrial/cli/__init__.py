"""``seatrial …``: one file per actor; each command makes one call through a room's door."""
