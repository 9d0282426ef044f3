"""The base of every error that this room raises on purpose."""


class LocalError(Exception):
    """Something on this machine stands in the way; the text says what, where and how to fix it."""
