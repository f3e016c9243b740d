"""What a kernel sends of a cell's outputs is what a page shows."""

import pytest

from fashionlab_grading.kernel import Kernel


@pytest.fixture
def outputs(monkeypatch):
    """What Kernel.run returns as outputs when these messages come from inside."""

    def run(*messages):
        kernel = Kernel.__new__(Kernel)
        left = iter([*messages, {"idle": True}])
        monkeypatch.setattr(kernel, "ask", lambda **_: None, raising=False)
        monkeypatch.setattr(kernel, "next", lambda _: next(left), raising=False)
        return [o.data["text/plain"] for o in kernel.run("", 10).outputs]

    return run


def shown(kind, text, **transient):
    return {"type": kind, "content": {"data": {"text/plain": text}, "metadata": {}, "transient": transient}}


def test_an_update_takes_the_place_of_what_was_shown(outputs):
    assert outputs(
        shown("display_data", "one", display_id="a"), shown("display_data", "other", display_id="b"), shown("update_display_data", "one and two", display_id="a")
    ) == ["one and two", "other"]


@pytest.mark.parametrize("identity", ["unknown", None, ["no", "text"]])
def test_an_update_of_nothing_that_was_shown_is_left_out(outputs, identity):
    assert outputs(shown("display_data", "one", display_id="a"), shown("update_display_data", "two", display_id=identity)) == ["one"]
