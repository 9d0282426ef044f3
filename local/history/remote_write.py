"""Prometheus remote write 1.0: series with their samples as one request body.

Source: prometheus.io/docs/specs/prw/remote_write_spec (``prometheus.WriteRequest``, in Protocol Buffers' encoding and
Snappy's block format). Three kinds of messages need no generated code. A Snappy block may consist of literals alone;
it is as long as what it holds, which costs nothing within one machine.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence

Sample = tuple[int, float]
"""Epoch milliseconds and value."""
Labels = Mapping[str, str]
"""With the name of the metric as ``__name__``."""

HEADERS = {
    "Content-Encoding": "snappy",
    "Content-Type": "application/x-protobuf",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
}

STALE = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]
"""The NaN by which Prometheus marks that a series has ended; other NaN are values."""

_DOUBLE_FIELD_1, _VARINT_FIELD_2 = b"\x09", b"\x10"
_BYTES_FIELD_1, _BYTES_FIELD_2 = b"\x0a", b"\x12"
_LITERAL_WITH_FOUR_BYTES_OF_LENGTH = b"\xfc"


class StoredOtherwiseError(Exception):
    """Among the samples is one whose moment is stored with another value; none of them may have been stored."""


def write_request(series: Iterable[tuple[Labels, Sequence[Sample]]]) -> bytes:
    """Return the body of a request; the samples of a series are in the order of time."""
    return _snappy_block(b"".join(_message(_BYTES_FIELD_1, _time_series(*each)) for each in series))


def _time_series(labels: Labels, samples: Sequence[Sample]) -> bytes:
    pairs = [_message(_BYTES_FIELD_1, _label(name, labels[name])) for name in sorted(labels)]
    return b"".join([*pairs, *(_message(_BYTES_FIELD_2, _sample(*sample)) for sample in samples)])


def _label(name: str, value: str) -> bytes:
    return _message(_BYTES_FIELD_1, name.encode()) + _message(_BYTES_FIELD_2, value.encode())


def _sample(epoch_ms: int, value: float) -> bytes:
    return _DOUBLE_FIELD_1 + struct.pack("<d", value) + _VARINT_FIELD_2 + _varint(epoch_ms)


def _message(field: bytes, content: bytes) -> bytes:
    return field + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    parts.append(number)
    return bytes(parts)


def _snappy_block(content: bytes) -> bytes:
    if not content:
        return _varint(0)
    literal = _LITERAL_WITH_FOUR_BYTES_OF_LENGTH + struct.pack("<I", len(content) - 1)
    return _varint(len(content)) + literal + content
