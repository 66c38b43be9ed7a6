"""JSON from the types themselves: the fields of a frozen dataclass are the keys.

A field is left out where it is `Internal`, and has another name by `Key`; a value that is computed
is a `key`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Annotated, Any, TypeVar

from pydantic import Field, GetPydanticSchema, PlainSerializer, TypeAdapter, computed_field

T = TypeVar("T")

# of any type: what JSON does not show needs no schema
Internal = Annotated[T, GetPydanticSchema(lambda _kind, schema: schema(Any)), Field(exclude=True)]
# with its distance from UTC in digits, also where that is zero
Moment = Annotated[datetime, PlainSerializer(datetime.isoformat, return_type=str)]


def Key(name: str) -> Any:
    """The key of a field that has another name in the code."""
    return Field(serialization_alias=name)


def key(read: Callable[[Any], object], kind: Any = str, name: str | None = None) -> Any:
    """A property that is also a key of the JSON, called `name` if that differs."""
    return computed_field(return_type=kind, alias=name)(property(read))


def to_data(value: Any, *, sparse: bool = False) -> Any:
    """A value as JSON has it; with `sparse`, without the fields that have their default."""
    kind: Any = type(value)
    return adapter(kind).dump_python(
        value, mode="json", by_alias=True, exclude_defaults=sparse, warnings=False
    )


def from_data(kind: Any, data: object) -> Any:
    """A value of this type, from JSON; ValidationError where it does not fit."""
    return adapter(kind).validate_python(data)


@cache
def adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
