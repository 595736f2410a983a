from pathlib import Path

import pytest

from process.command import device


@pytest.mark.parametrize("token", ["ada", "ada:", ":read", "ada:admin", "ada:READ"])
def test_a_token_that_says_no_right_is_not_understood(tmp_path: Path, token: str) -> None:
    someone = device(tmp_path, "someone")
    command = ("relay", "serve", "--listen", "127.0.0.1:0", "--data", tmp_path / "relay")
    ran = someone.run(*command, "--plain-rooms", "--plain-token", token)
    assert ran.status == 2
    assert "NAME:read or NAME:write" in ran.err
    assert "Traceback" not in ran.err
    assert not (tmp_path / "relay").exists()
