"""``python3 -m local.setup``: the way into the set-up. Pythons that are too old still run it, to say so."""

import sys

OLDEST_PYTHON = (3, 11)


def complaint_about(major: int, minor: int) -> str:
    """Return what is wrong with a Python version and what to do, or an empty text."""
    if (major, minor) >= OLDEST_PYTHON:
        return ""
    return (
        f"Python {major}.{minor} runs this set-up; the platform needs {OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]} or newer.\n"
        "Install one (Debian 12+, Ubuntu 24.04+: apt-get install python3 python3-venv; Fedora: dnf install python3; "
        "macOS: brew install python)\nand name it, for example: make setup PYTHON=python3.13\n"
    )


def main() -> int:
    """Check the Python, then set everything up; the result is the exit code."""
    complaint = complaint_about(*sys.version_info[:2])
    if complaint:
        sys.stderr.write(complaint)
        return 1
    from local.installation import install_and_report  # noqa: PLC0415 - an old Python cannot read that module

    return install_and_report()


if __name__ == "__main__":
    sys.exit(main())
