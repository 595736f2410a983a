import dataclasses

import pytest

from .samples import base


def test_a_base_never_changes() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        base("a.md").path = "b.md"  # type: ignore[misc]
