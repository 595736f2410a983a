"""Processes that die at any moment: what was acknowledged stays, and nothing is there twice."""

import random
import time
from pathlib import Path

from process.command import Device, device, end, founded, joined, relay

CHAPTER = "manuscript/one.md"
NOVEL = {CHAPTER: "It was a salty night.\n", "notes/plot.md": "She leaves.\n"}
KILLS = 12
SEED = 0x5A17
LIFE_SECONDS_MAX = 1.2


def append(who: Device, line: str) -> None:
    """As an editor saves: a new file in the old one's place."""
    path = who.folder / CHAPTER
    new = path.with_name("one.md.tmp~")
    new.write_bytes(path.read_bytes() + f"{line}\n".encode())
    new.replace(path)


def assert_once(who: Device, lines: list[str]) -> None:
    """Every line is there, once, and in its order."""
    held = who.contents()[CHAPTER].decode().splitlines()
    assert held == ["It was a salty night.", *lines]


def test_a_relay_killed_after_each_acknowledged_sync_lost_none_of_it(tmp_path: Path) -> None:
    lines: list[str] = []
    with relay(tmp_path) as served:
        laptop = founded(tmp_path, served, NOVEL)
        for number in range(KILLS):
            append(laptop, f"Acknowledged line {number}.")
            lines.append(f"Acknowledged line {number}.")
            laptop.ok("sync", laptop.folder)
            served.kill()
            served.start()
        # Only the relay can give these to a device that has never been there.
        tablet = joined(tmp_path, served, laptop)
        assert_once(tablet, lines)
        assert tablet.contents() == laptop.contents()


def test_a_relay_killed_at_random_moments_loses_and_doubles_nothing(tmp_path: Path) -> None:
    moments = random.Random(SEED)
    lines: list[str] = []
    with relay(tmp_path) as served:
        laptop = founded(tmp_path, served, NOVEL)
        tablet = joined(tmp_path, served, laptop)
        with laptop.start("watch", laptop.folder):
            for number in range(KILLS):
                killed_at = time.monotonic() + moments.uniform(0, LIFE_SECONDS_MAX)
                while time.monotonic() < killed_at:
                    line = f"Line {number}.{len(lines)}."
                    append(laptop, line)
                    lines.append(line)
                    time.sleep(0.05)
                served.kill()
                served.start()
        laptop.ok("sync", laptop.folder)
        tablet.ok("sync", tablet.folder)
        assert_once(laptop, lines)
        assert tablet.contents() == laptop.contents()


def test_a_join_killed_at_any_moment_can_be_made_again(tmp_path: Path) -> None:
    many = {f"notes/{number}.md": f"Note {number}.\n" * 30 for number in range(60)}
    with relay(tmp_path) as served:
        laptop = founded(tmp_path, served, NOVEL | many)
        words = laptop.words
        for number in range(KILLS):
            tablet = device(tmp_path, f"tablet{number}")
            coming = ("join", tablet.folder, "--relay", served.url, "--recovery")
            with tablet.start(*coming, stdin=words) as joining:
                time.sleep(0.25 + number * 0.08)
                end(joining)
            again = tablet.run(*coming, stdin=words)
            if again.status != 0:
                # It had come so far that the folder is the project already.
                assert "folder-already-a-project" in again.err, again
                tablet.ok("sync", tablet.folder)
            assert tablet.contents() == laptop.contents()


def test_a_watching_device_killed_at_random_moments_loses_and_doubles_nothing(
    tmp_path: Path,
) -> None:
    moments = random.Random(SEED + 1)
    lines: list[str] = []
    with relay(tmp_path) as served:
        laptop = founded(tmp_path, served, NOVEL)
        tablet = joined(tmp_path, served, laptop)
        for number in range(KILLS):
            with laptop.start("watch", laptop.folder) as watching:
                killed_at = time.monotonic() + moments.uniform(0.2, LIFE_SECONDS_MAX + 0.4)
                while time.monotonic() < killed_at:
                    line = f"Line {number}.{len(lines)}."
                    append(laptop, line)
                    lines.append(line)
                    time.sleep(0.05)
                end(watching)
        laptop.ok("sync", laptop.folder)
        tablet.ok("sync", tablet.folder)
        assert_once(laptop, lines)
        assert tablet.contents() == laptop.contents()


def test_a_syncing_device_killed_while_it_sends_and_receives_keeps_both_sides(
    tmp_path: Path,
) -> None:
    moments = random.Random(SEED + 2)
    with relay(tmp_path) as served:
        laptop = founded(tmp_path, served, NOVEL)
        tablet = joined(tmp_path, served, laptop)
        for number in range(KILLS):
            (laptop.folder / f"notes/laptop-{number}.md").write_text(f"From here {number}.\n")
            (tablet.folder / f"notes/tablet-{number}.md").write_text(f"From there {number}.\n")
            tablet.ok("sync", tablet.folder)
            with laptop.start("sync", laptop.folder) as syncing:
                until = time.monotonic() + moments.uniform(0.2, 0.9)
                while time.monotonic() < until and syncing.poll() is None:
                    time.sleep(0.005)
                end(syncing)
        for who in (laptop, tablet, laptop):
            who.ok("sync", who.folder)
        held = laptop.contents()
        assert held == tablet.contents()
        wanted = {f"notes/laptop-{n}.md": f"From here {n}.\n".encode() for n in range(KILLS)}
        wanted |= {f"notes/tablet-{n}.md": f"From there {n}.\n".encode() for n in range(KILLS)}
        assert held == wanted | {path: text.encode() for path, text in NOVEL.items()}
