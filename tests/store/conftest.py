from collections.abc import Iterator
from pathlib import Path

import pytest

from .shelf import Shelf, sqlite_shelf

SHELVES = {"sqlite": sqlite_shelf}


@pytest.fixture(params=sorted(SHELVES))
def relay_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shelf]:
    """An empty store of a relay, of each kind there is."""
    shelf = SHELVES[request.param](tmp_path / "relay")
    yield shelf
    shelf.store.close()
