"""The base of every error that this room raises on purpose."""


class ContainersError(Exception):
    """Something stands in the way of the containers; the text says what and how to fix it."""
