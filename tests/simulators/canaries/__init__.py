"""A world in which every free text carries a string of its own, and what it takes to look for those strings.

``book`` keeps what was planted, ``cast``, ``voyages``, ``desks`` and ``papers`` plant it through the doors of the
rooms, ``oracle`` says from the invariants alone who may see it, ``addresses``, ``answers`` and ``sweep`` look for it
everywhere, ``faults`` breaks labels one by one, and ``alone`` compares what others see of what a lab does alone.
"""
