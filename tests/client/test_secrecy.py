from pathlib import Path

import pytest

from sakya_sync.client.ports import Ports

from .writers import TappedConnector, Writer, disk, meet, relay_at

PHRASE = "marmalade weighs upon Thistlewick"
EDIT = "Quoxley unlatched the vestibule"
FOLDER = "Embertide"
FILE = "wanderlantern.md"
TITLE = "Gossamerfold Almanac"
PICTURE = b"\0PNG-of-Hollowmere"
PLANTED = [
    PHRASE,
    EDIT,
    *PHRASE.split()[:1],
    "Thistlewick",
    "Quoxley",
    "vestibule",
    FOLDER,
    FILE,
    "wanderlantern",
    TITLE,
    "Gossamerfold",
    "PNG-of-Hollowmere",
]


async def test_nothing_a_writer_wrote_is_on_the_relay_in_its_traffic_or_in_its_log(
    tmp_path: Path,
    laptop: Writer,
    tablet: Writer,
    capfd: pytest.CaptureFixture[str],
) -> None:
    real = Ports.real()
    tap = TappedConnector(real.connector)
    laptop.ports = tablet.ports = Ports(real.clock, real.entropy, tap)
    async with relay_at(tmp_path / "relay", quiet=False) as relay:
        laptop.write(f"{FOLDER}/{FILE}", f"# {TITLE}\n\n{PHRASE}.\n")
        laptop.write("cover.png", PICTURE)
        laptop.found(relay.url, TITLE)
        await laptop.sync()
        await tablet.join(relay.url, laptop.kit(), TITLE)
        await tablet.sync()
        tablet.write(f"{FOLDER}/{FILE}", f"# {TITLE}\n\n{PHRASE}. {EDIT}.\n")
        await meet(tablet, laptop)
        running = disk(tmp_path / "relay")
    assert laptop.contents() == tablet.contents()
    assert EDIT in laptop.read(f"{FOLDER}/{FILE}")
    stored, sent = disk(tmp_path / "relay"), b"\n".join(tap.frames)
    log = "".join(capfd.readouterr()).encode()
    assert b"relay listens" in log
    assert len(tap.frames) > 20
    for planted in PLANTED:
        for found in (running, stored, sent, log):
            assert planted.encode() not in found
            assert planted.encode("utf-16-le") not in found


async def test_the_kit_and_the_keys_of_a_device_never_leave_it(
    tmp_path: Path, laptop: Writer, tablet: Writer
) -> None:
    real = Ports.real()
    tap = TappedConnector(real.connector)
    laptop.ports = tablet.ports = Ports(real.clock, real.entropy, tap)
    async with relay_at(tmp_path / "relay") as relay:
        laptop.write("chapter.md", "The salt.\n")
        laptop.found(relay.url)
        await laptop.sync()
        await tablet.join(relay.url, laptop.kit())
        await meet(tablet, laptop)
    seen = disk(tmp_path / "relay") + b"\n".join(tap.frames)
    for writer in (laptop, tablet):
        for secret in writer.secrets():
            assert secret not in seen
