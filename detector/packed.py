"""Columns of numbers, kept as arrays and saved as text: a window takes bytes instead of objects."""

import base64
from array import array
from typing import TYPE_CHECKING, Annotated

from pydantic import PlainSerializer, PlainValidator

if TYPE_CHECKING:
    IntegerArray = array[int]
    FloatArray = array[float]
else:
    IntegerArray = FloatArray = array


def _write(column: IntegerArray | FloatArray) -> str:
    return column.typecode + base64.b64encode(column.tobytes()).decode()


def _read(value: object) -> IntegerArray | FloatArray:
    if isinstance(value, array):
        return value
    if not isinstance(value, str) or value[:1] not in tuple("qidf"):
        raise ValueError("a column is written as the letter of its type and its bytes in base 64")
    column: IntegerArray | FloatArray = array(value[:1])
    column.frombytes(base64.b64decode(value[1:], validate=True))
    return column


Integers = Annotated[IntegerArray, PlainValidator(_read), PlainSerializer(_write)]
"""Whole numbers."""

Floats = Annotated[FloatArray, PlainValidator(_read), PlainSerializer(_write)]
"""Floating-point numbers."""


def integers() -> IntegerArray:
    """Return an empty column of whole numbers of 64 bits."""
    return array("q")


def floats() -> FloatArray:
    """Return an empty column of floating-point numbers."""
    return array("d")
