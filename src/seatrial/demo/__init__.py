"""The main job, end to end, on a real model: what ``seatrial demo`` runs."""
