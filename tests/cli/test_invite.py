"""An operator invites, and a writer comes with the word that was given out."""

from pathlib import Path

import pytest

from process.command import RelayProcess, device, relay

NOVEL = {"manuscript/one.md": "It was a salty night.\n"}


def test_a_writer_begins_an_account_with_an_invitation_and_not_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAKYA_REGISTRATION", "invitation")
    with relay(tmp_path) as served:
        laptop = device(tmp_path, "laptop", NOVEL)
        refused = laptop.run("init", laptop.folder, "--relay", served.url, "--json")
        assert refused.status == 5
        assert refused.object()["error"]["code"] == "not-registered"
        wrong = laptop.run("sync", laptop.folder, "--invitation", "please", "--json")
        assert wrong.object()["error"]["code"] == "invitation-invalid"
        word = invited(tmp_path, served)
        assert laptop.ok("sync", laptop.folder, "--invitation", word, "--json").object()["ok"]
        # The account is known now: another project needs no invitation.
        second = device(tmp_path, "second", NOVEL)
        second.home = laptop.home
        second.ok("init", second.folder, "--relay", served.url)
        stranger = device(tmp_path, "stranger", NOVEL)
        used = stranger.run("init", stranger.folder, "--relay", served.url, "--invitation", word)
        assert used.status == 5


def invited(root: Path, served: RelayProcess) -> str:
    """What the operator's command prints, beside the running relay."""
    operator = device(root, "operator")
    return operator.ok("relay", "invite", "--data", served.data).out.strip()
