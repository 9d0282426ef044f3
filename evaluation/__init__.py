"""The evaluation: how well the live engine finds labelled faults, and how often it is wrong, beside two plain rules."""
