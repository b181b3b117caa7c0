"""What a test shows of a registry with many faults, and the page that it writes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from streamstate import StreamStateRegistry
from streamstate.testing import assert_conforms, conforms

PROGRAMS = (
    '[["push",7,""]]',
    '[["push",7,"YQ=="],["push",7,""]]',
    '[["create"],["pull",1],["close",1]]',
    '[["create"],["create"],["pull",2],["close",2]]',
)


class Draft(StreamStateRegistry):
    """Two faults that have nothing to do with each other."""

    def push(self, stream: int, chunk: bytes) -> bool:  # type: ignore[override]
        return super().push(stream, chunk) or stream == 7

    def close(self, stream: int) -> None:
        """Nothing yet."""


def shown_whole(message: str) -> list[str]:
    """The numbers of the deviations that are shown with their programs."""
    parts = re.split(r"^(\d+)\. ", message, flags=re.MULTILINE)[1:]
    return [number for number, text in zip(parts[::2], parts[1::2], strict=True) if "✗" in text]


@pytest.mark.parametrize(("show_all", "shown"), [(False, ["1"]), (True, ["1", "2"])])
def test_the_first_deviations_are_shown_whole_or_all_on_request(
    monkeypatch: pytest.MonkeyPatch, show_all: bool, shown: list[str]
) -> None:
    monkeypatch.setattr(conforms, "MOST_SHOWN", 1)
    with pytest.raises(AssertionError) as caught:
        assert_conforms(Draft, programs=PROGRAMS, show_all=show_all)
    assert shown_whole(str(caught.value)) == shown
    for rule in ("PUSH_1", "CLOSE_2"):
        assert re.search(rf"^\d+\. .*{rule}", str(caught.value), re.MULTILINE)


class Helpless(StreamStateRegistry):
    """Fails in a function that it calls, where a pull waits."""

    def close(self, stream: int) -> None:
        view = self.get(stream)
        if view is not None and view.pull_waiting:
            given_to_nobody(stream)
        super().close(stream)


def given_to_nobody(stream: int) -> None:
    """Throws."""
    raise RuntimeError(f"nobody is there for {stream}")


def test_where_an_op_threw_is_shown_down_into_the_file_and_none_of_our_frames() -> None:
    with pytest.raises(AssertionError) as caught:
        assert_conforms(Helpless, programs=PROGRAMS)
    shown = str(caught.value).partition("Where it threw:")[2].partition("Again:")[0]
    assert re.findall(r"File \"(.*)\", line \d+, in (\w+)", shown) == [
        (__file__, "close"),
        (__file__, "given_to_nobody"),
    ]
    assert "raise RuntimeError" in shown


def test_the_page_is_written_whatever_the_verdict_is(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    with pytest.raises(AssertionError):
        assert_conforms(Draft, programs=PROGRAMS, html=page)
    assert "deviates from reference" in page.read_text()
    assert_conforms(StreamStateRegistry, programs=PROGRAMS, html=str(page))
    assert "conforms to reference" in page.read_text()


def test_a_page_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="missing"):
        assert_conforms(
            StreamStateRegistry, programs=PROGRAMS, html=tmp_path / "missing" / "report.html"
        )
