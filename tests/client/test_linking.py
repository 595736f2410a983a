"""Linking over a real relay: every way, and what must not come of it."""

import asyncio
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from sakya_sync.access.power import Power
from sakya_sync.client.linking import link_device
from sakya_sync.client.newcomer import join_by_link
from sakya_sync.client.person import Approval, Follow, Show, Type, read_way
from sakya_sync.client.recovering import join_known
from sakya_sync.client.vaultfile import open_vault
from sakya_sync.errors import (
    AccountPresent,
    KeyMissing,
    LinkingLocked,
    LinkingRefused,
    LinkTextExpired,
    LinkTextWrong,
    LocalFault,
    PowerMissing,
)
from sakya_sync.linking.payload import decode, from_text
from sakya_sync.relay.server import Relay

from .people import CutConnector, Eyes, Sitting
from .writers import Writer, disk, relay_at

WAYS = ["text", "code", "shown by the new one"]


async def link(
    way: str, laptop: Writer, tablet: Writer, url: str, host: Sitting, guest: Sitting
) -> str:
    """Link the tablet; what the laptop calls it."""
    eyes = host.eyes

    async def new() -> None:
        ports, home = tablet.ports, tablet.home
        if way == "text":
            text = await eyes.wait("text")
            await join_by_link(read_way(text), guest, home=home, name="Tablet", ports=ports)
        elif way == "code":
            code = await eyes.wait("code")
            await join_by_link(
                read_way(code), guest, home=home, relay_url=url, name="Tablet", ports=ports
            )
        else:
            await join_by_link(Show(), guest, home=home, relay_url=url, name="Tablet", ports=ports)

    async def existing() -> str:
        ports, home = laptop.ports, laptop.home
        if way == "text":
            return await link_device(Show(), host, home=home, ports=ports)
        if way == "code":
            return await link_device(Type(), host, home=home, ports=ports)
        text = await eyes.wait("text")
        return await link_device(Follow(text), host, home=home, ports=ports)

    async with asyncio.timeout(40):
        name, _ = await asyncio.gather(existing(), new())
    return name


@pytest.fixture
async def written(relay: Relay, laptop: Writer) -> Writer:
    """A laptop with one project at the relay."""
    laptop.write("chapter.md", "The salt has to be weighed before noon.\n")
    laptop.found(relay.url)
    await laptop.sync()
    return laptop


@pytest.mark.parametrize("way", WAYS)
async def test_a_linked_device_has_every_project_of_the_account(
    relay: Relay, written: Writer, tablet: Writer, way: str, tmp_path: Path
) -> None:
    other = Writer(tmp_path / "laptop" / "pepper", written.home)
    other.write("notes.md", "Black or white?\n")
    other.found(relay.url)
    await other.sync()
    eyes = Eyes()
    host, guest = Sitting(eyes), Sitting(eyes)
    assert await link(way, written, tablet, relay.url, host, guest) == "Tablet"
    assert host.hellos[0].name == "Tablet"
    assert host.hellos[0].platform
    assert host.steps == ["approved", "registered", "sealed"]
    assert guest.steps == ["approved", "registered"]
    held = open_vault(tablet.home)
    assert held.device_name == "Tablet"
    assert held.recovery is None
    assert held.account == open_vault(written.home).account
    for writer, name in ((written, "salt"), (other, "pepper")):
        here = Writer(tmp_path / "tablet" / name, tablet.home)
        await join_known(here.folder, relay.url, name, home=tablet.home, ports=tablet.ports)
        await here.sync()
        assert here.contents() == writer.contents()
        here.write("from-the-tablet.md", f"About {name}.\n")
        await here.sync()
        await writer.sync()
        assert writer.read("from-the-tablet.md") == f"About {name}.\n"


async def test_a_linked_device_may_write_and_links_no_others(
    relay: Relay, written: Writer, tablet: Writer
) -> None:
    eyes = Eyes()
    await link("text", written, tablet, relay.url, Sitting(eyes), Sitting(eyes))
    with pytest.raises(PowerMissing):
        await link_device(Show(), Sitting(eyes), home=tablet.home, ports=tablet.ports)


async def test_the_person_may_give_it_another_name(
    relay: Relay, written: Writer, tablet: Writer
) -> None:
    eyes = Eyes()
    host = Sitting(eyes, approval=Approval("Kitchen"))
    assert await link("code", written, tablet, relay.url, host, Sitting(eyes)) == "Kitchen"
    assert open_vault(tablet.home).device_name == "Kitchen"


async def test_a_device_made_admin_links_others(
    relay: Relay, written: Writer, tablet: Writer, tmp_path: Path
) -> None:
    eyes = Eyes()
    host, guest = Sitting(eyes), Sitting(eyes)

    async def new() -> None:
        text = await eyes.wait("text")
        await join_by_link(Follow(text), guest, home=tablet.home, ports=tablet.ports)

    await asyncio.gather(
        link_device(Show(), host, home=written.home, power=Power.ADMIN, ports=written.ports), new()
    )
    phone = Writer(tmp_path / "phone" / "salt", type(tablet.home)(tmp_path / "phone-home"))
    eyes = Eyes()
    await link("text", tablet, phone, relay.url, Sitting(eyes), Sitting(eyes))
    await join_known(phone.folder, relay.url, None, home=phone.home, ports=phone.ports)
    await phone.sync()
    assert phone.contents() == written.contents()


@pytest.mark.parametrize("way", WAYS)
async def test_who_is_not_approved_gets_nothing(
    relay: Relay, written: Writer, tablet: Writer, way: str
) -> None:
    eyes = Eyes()
    host, guest = Sitting(eyes, approval=None), Sitting(eyes)
    failures = await both(way, written, tablet, relay.url, host, guest)
    assert all(isinstance(failure, LinkingRefused) for failure in failures)
    assert not tablet.home.vault.exists()


@pytest.mark.parametrize("way", ["text", "shown by the new one"])
async def test_wrong_digits_three_times_link_nothing(
    relay: Relay, written: Writer, tablet: Writer, way: str
) -> None:
    def off_by_one(digits: str) -> str:
        return f"{(int(digits) + 1) % 10**6:06}"

    eyes = Eyes()
    host, guest = Sitting(eyes, typed=off_by_one), Sitting(eyes, typed=off_by_one)
    failures = await both(way, written, tablet, relay.url, host, guest)
    assert all(isinstance(failure, LinkingRefused) for failure in failures)
    assert not host.hellos
    assert not tablet.home.vault.exists()


async def test_a_wrong_code_is_burnt_and_three_lock(
    relay: Relay, written: Writer, tablet: Writer
) -> None:
    for attempt in range(3):
        eyes = Eyes()
        host, guest = Sitting(eyes), Sitting(eyes)

        async def guess(eyes: Eyes = eyes, guest: Sitting = guest) -> None:
            plate, _, word, last = (await eyes.wait("code")).split("-")
            other = "zone" if word == "abandon" else "abandon"
            wrong = Type(f"{plate}-{other if other != 'zone' else 'wild'}-{word}-{last}")
            await join_by_link(
                wrong, guest, home=tablet.home, relay_url=relay.url, ports=tablet.ports
            )

        failures = await asyncio.gather(
            link_device(Type(), host, home=written.home, ports=written.ports),
            guess(),
            return_exceptions=True,
        )
        expected = LinkingRefused if attempt < 2 else LinkingLocked
        assert isinstance(failures[0], expected), failures
        assert isinstance(failures[1], LinkingRefused), failures
    with pytest.raises(LinkingLocked):
        await link_device(Type(), Sitting(Eyes()), home=written.home, ports=written.ports)
    # A code that is shown is no guess, and still works.
    eyes = Eyes()
    await link("text", written, tablet, relay.url, Sitting(eyes), Sitting(eyes))


async def test_a_second_claimant_is_refused_and_both_are_warned(
    relay: Relay, written: Writer, tablet: Writer, tmp_path: Path
) -> None:
    eyes = Eyes()
    third = Writer(tmp_path / "third" / "salt", type(tablet.home)(tmp_path / "third-home"))
    host, guest = Sitting(eyes), Sitting(eyes)
    late: list[BaseException] = []

    async def another() -> None:
        text = host.shown
        try:
            await join_by_link(Follow(text), Sitting(Eyes()), home=third.home, ports=third.ports)
        except LinkingRefused as refused:
            late.append(refused)

    host.before_approval = another
    await link("text", written, tablet, relay.url, host, guest)
    assert len(late) == 1
    assert "crowded" in host.steps
    assert "crowded" in guest.steps
    assert not third.home.vault.exists()


async def test_a_code_is_of_no_use_after_it_was_used(
    relay: Relay, written: Writer, tablet: Writer, tmp_path: Path
) -> None:
    eyes = Eyes()
    host = Sitting(eyes)
    await link("text", written, tablet, relay.url, host, Sitting(eyes))
    third = Writer(tmp_path / "third" / "salt", type(tablet.home)(tmp_path / "third-home"))
    with pytest.raises(LinkTextExpired):
        await join_by_link(Follow(host.shown), Sitting(Eyes()), home=third.home, ports=third.ports)


async def test_a_device_with_an_account_is_not_linked_again(
    relay: Relay, written: Writer, tablet: Writer
) -> None:
    eyes = Eyes()
    host = Sitting(eyes)
    await link("text", written, tablet, relay.url, host, Sitting(eyes))
    with pytest.raises(AccountPresent):
        await join_by_link(Follow(host.shown), Sitting(eyes), home=tablet.home)


async def test_codes_of_the_wrong_side_are_refused(
    relay: Relay, written: Writer, tablet: Writer
) -> None:
    eyes = Eyes()
    host = Sitting(eyes)
    showing = asyncio.create_task(link_device(Show(), host, home=written.home, ports=written.ports))
    text = await eyes.wait("text")
    with pytest.raises(LinkTextWrong):
        await link_device(Follow(text), Sitting(eyes), home=written.home, ports=written.ports)
    elsewhere = "ws://127.0.0.1:1"
    with pytest.raises(LinkTextWrong):
        await join_by_link(Follow(text), Sitting(eyes), home=tablet.home, relay_url=elsewhere)
    showing.cancel()
    await asyncio.gather(showing, return_exceptions=True)


@pytest.mark.parametrize("way", WAYS)
async def test_no_secret_reaches_the_relay(
    laptop: Writer,
    tablet: Writer,
    way: str,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    eyes = Eyes()
    host, guest = Sitting(eyes), Sitting(eyes)
    async with relay_at(tmp_path / "relay", quiet=False) as relay:
        laptop.write("chapter.md", "The salt has to be weighed.\n")
        laptop.found(relay.url)
        await laptop.sync()
        await link(way, laptop, tablet, relay.url, host, guest)
    logged = "".join(capfd.readouterr())
    assert "relay listens" in logged
    with sqlite3.connect(tmp_path / "relay" / "relay.sqlite") as connection:
        dump = "\n".join(connection.iterdump())
    held = disk(tmp_path / "relay") + dump.encode() + logged.encode()
    planted = [b"Tablet", *laptop.secrets(), *tablet.secrets()]
    for sitting in (host, guest):
        if sitting.shown:
            planted += [sitting.shown.encode(), decode(from_text(sitting.shown)).optical]
        planted += [item.encode() for item in (sitting.code, sitting.digits) if len(item) > 6]
    assert len(planted) > 5
    for secret in planted:
        assert secret not in held
        assert secret.hex().encode() not in held.lower()


@pytest.mark.parametrize("way", WAYS)
async def test_connections_that_break_on_the_way_are_made_again(
    relay: Relay, written: Writer, tablet: Writer, way: str
) -> None:
    host_net, guest_net = (CutConnector(writer.ports.connector) for writer in (written, tablet))
    laptop = replace(written, ports=replace(written.ports, connector=host_net))
    other = replace(tablet, ports=replace(tablet.ports, connector=guest_net))

    async def cut() -> None:
        await guest_net.cut()
        await host_net.cut()

    eyes = Eyes()
    host, guest = Sitting(eyes, before_approval=cut), Sitting(eyes)
    await link(way, laptop, other, relay.url, host, guest)
    assert min(host_net.connections, guest_net.connections) > 1
    assert open_vault(tablet.home).account == open_vault(written.home).account


async def test_a_device_that_was_registered_gets_its_keys_from_any_other_later(
    relay: Relay, written: Writer, tablet: Writer
) -> None:
    eyes = Eyes()
    host, guest = Sitting(eyes, fails_at="registered"), Sitting(eyes)
    failures = await both("text", written, tablet, relay.url, host, guest)
    assert isinstance(failures[0], LocalFault)
    assert all(isinstance(failure, KeyMissing) for failure in failures[1:])
    assert tablet.home.vault.exists()
    await written.sync()
    await join_known(tablet.folder, relay.url, None, home=tablet.home, ports=tablet.ports)
    await tablet.sync()
    assert tablet.contents() == written.contents()


async def both(
    way: str, laptop: Writer, tablet: Writer, url: str, host: Sitting, guest: Sitting
) -> list[BaseException]:
    """What both ends of a linking that fails raise."""
    eyes = host.eyes

    async def new() -> None:
        if way == "shown by the new one":
            await join_by_link(Show(), guest, home=tablet.home, relay_url=url, ports=tablet.ports)
            return
        typed = await eyes.wait("code" if way == "code" else "text")
        await join_by_link(
            read_way(typed), guest, home=tablet.home, relay_url=url, ports=tablet.ports
        )

    async def existing() -> None:
        if way == "shown by the new one":
            following = Follow(await eyes.wait("text"))
            await link_device(following, host, home=laptop.home, ports=laptop.ports)
            return
        made = Type() if way == "code" else Show()
        await link_device(made, host, home=laptop.home, ports=laptop.ports)

    async with asyncio.timeout(30):
        found = await asyncio.gather(existing(), new(), return_exceptions=True)
    return [item for item in found if isinstance(item, BaseException)]
