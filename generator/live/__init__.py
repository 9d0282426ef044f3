"""Live traffic: what three services of a shop would send, with the faults that are put in on purpose."""
