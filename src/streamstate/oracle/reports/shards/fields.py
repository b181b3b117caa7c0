"""Values of a report with the places where they stand, so that whatever is wrong can be named."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from streamstate.oracle.programs.in_words import clean
from streamstate.wire import Json, is_array, is_object, shown

_Value = TypeVar("_Value")

_LONGEST_TEXT: Final = 2_000


class ReportError(ValueError):
    """A report is not one, or cannot be put together with the others. One line, which names the
    report, what is wrong and what was expected."""


@dataclass(frozen=True, slots=True)
class Field:
    """A value, and where it stands: the file, and the keys that lead to it. Whatever is not as
    asked for raises `ReportError`."""

    value: Json
    file: str
    path: str = ""

    @property
    def where(self) -> str:
        """File and path, for messages."""
        return f"{self.file}: {self.path}" if self.path else self.file

    def wrong(self, expected: str) -> ReportError:
        """The error for a value that is not what was expected."""
        return ReportError(f"{self.where} is {shown(self.value)}; expected {expected}")

    def key(self, name: str) -> Field:
        """What an object has under `name`."""
        if not is_object(self.value):
            raise self.wrong("an object")
        if name not in self.value:
            raise ReportError(f"{self.where}: {name} is missing; expected a report of check")
        return Field(self.value[name], self.file, f"{self.path}.{name}" if self.path else name)

    def has(self, name: str) -> bool:
        """Whether an object has that key."""
        return is_object(self.value) and name in self.value

    def items(self) -> Iterator[Field]:
        """The items of an array."""
        if not is_array(self.value):
            raise self.wrong("an array")
        for index, item in enumerate(self.value):
            yield Field(item, self.file, f"{self.path}[{index}]")

    def pairs(self) -> Iterator[tuple[str, Field]]:
        """The keys of an object and what is under them."""
        if not is_object(self.value):
            raise self.wrong("an object")
        for name, value in self.value.items():
            yield name, Field(value, self.file, f"{self.path}.{clean(name)}")

    def text(self) -> str:
        """A string. Like all that was ever said by an implementation it is cleaned and cut."""
        if not isinstance(self.value, str):
            raise self.wrong("a string")
        return "\n".join(clean(line, _LONGEST_TEXT) for line in self.value.split("\n"))

    def count(self, least: int = 0) -> int:
        """An integer from `least` on."""
        number = self.integer()
        if number < least:
            raise self.wrong(f"an integer from {least} on")
        return number

    def integer(self) -> int:
        """An integer."""
        if type(self.value) is not int:
            raise self.wrong("an integer")
        return self.value

    def number(self) -> float:
        """A number from 0 on."""
        if type(self.value) not in {int, float} or not self.value >= 0:  # type: ignore[operator]  # a number, or this is not asked
            raise self.wrong("a number from 0 on")
        return float(self.value)  # type: ignore[arg-type]  # a number, as was just asked

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            raise self.wrong("true or false")
        return self.value

    def one_of(self, named: Mapping[str, _Value]) -> _Value:
        """What one of these names stands for."""
        if not isinstance(self.value, str) or self.value not in named:
            names = list(named)
            few = ", ".join(names[:9]) + (", …" if len(names) > 9 else "")
            raise self.wrong(f"one of {few}")
        return named[self.value]

    def parsed(self, parse: Callable[[Json], _Value]) -> _Value:
        """What `parse` makes of it; a `ValueError` that it raises says what is wrong."""
        try:
            return parse(self.value)
        except ValueError as error:
            raise ReportError(f"{self.where}: {error}") from None

    def unless_null(self, read: Callable[[Field], _Value]) -> _Value | None:
        """What `read` makes of it, None of null."""
        return None if self.value is None else read(self)
