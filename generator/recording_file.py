"""The file of a recording: its digest, its rows in the order of the file, and what can be wrong with it."""

import csv
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from generator.row import Row, RowParser

_GZIP_MAGIC = b"\x1f\x8b"
_DIGEST_DIGITS = 12
_READING_FAILED = (OSError, EOFError, zlib.error)

# Bytes that are not UTF-8 become characters that no rule of the schema admits: the row's parser then names the line.
_ODD_BYTES = "surrogateescape"


class RecordingError(ValueError):
    """The file cannot be replayed; the message names the file, the line where there is one, and what is wrong."""

    def __init__(self, path: Path, line: int | None, wrong: str) -> None:
        super().__init__(f"{path}: {wrong}" if line is None else f"{path}, line {line}: {wrong}")
        self.path = path
        self.line = line


class UnreadableRecordingError(RecordingError):
    """The file is absent, or its compressed data is damaged."""


class MalformedRecordingError(RecordingError):
    """The header or a row is not what a recording has there, or there are no rows."""


def content_digest(path: Path) -> str:
    """Return the first 12 hex digits of the SHA-256 of the uncompressed content.

    Raises:
        UnreadableRecordingError: the file is absent or damaged.
    """
    try:
        with _open_content(path) as content:
            return hashlib.file_digest(content, "sha256").hexdigest()[:_DIGEST_DIGITS]
    except _READING_FAILED as error:
        raise UnreadableRecordingError(path, None, _cause(error)) from error


def read_rows(path: Path, digest: str, shift_ms: int) -> Iterator[Row]:
    """Yield the rows in the order of the file, ``shift_ms`` later than recorded. Empty lines are no rows.

    Raises:
        RecordingError: where the file cannot be read on.
    """
    try:
        with (
            _open_content(path) as content,
            io.TextIOWrapper(content, encoding="utf-8-sig", errors=_ODD_BYTES, newline="") as text,
        ):
            yield from _rows(path, text, digest, shift_ms)
    except _READING_FAILED as error:
        raise UnreadableRecordingError(path, None, _cause(error)) from error


def _rows(path: Path, text: TextIO, digest: str, shift_ms: int) -> Iterator[Row]:
    lines = csv.reader(text, strict=True)
    try:
        parser = RowParser(next(lines, []))
        for number, fields in enumerate(filter(None, lines), start=1):
            yield parser.parse(fields, f"{digest}-{number}", shift_ms)
    except (ValueError, csv.Error) as error:
        raise MalformedRecordingError(path, max(1, lines.line_num), str(error)) from error


def _open_content(path: Path) -> gzip.GzipFile | io.BufferedReader:
    with path.open("rb") as file:
        compressed = file.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
    return gzip.open(path, "rb") if compressed else path.open("rb")


def _cause(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"the compressed data is damaged: {error}"
