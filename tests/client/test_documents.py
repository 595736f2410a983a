from pathlib import Path

import pytest

from sakya_sync.client.documents import Documents
from sakya_sync.client.home import Home
from sakya_sync.client.vaultfile import open_vault
from sakya_sync.errors import RecoveryWordsWrong, RelayUnreachable
from sakya_sync.relay.server import Relay
from sakya_sync.replica.document import LoroDocument
from sakya_sync.seal.recovery import words

from .writers import disk, port_of, relay_at


def kit_of(home: Home) -> str:
    """The words of the kit that this home holds."""
    entropy = open_vault(home).recovery
    assert entropy is not None
    return words(entropy)


def put_bottles(loro: LoroDocument) -> None:
    """Three bottles, in their order."""
    bottles = loro.get_movable_list("bottles")
    for place, bottle in enumerate(("Riesling", "Silvaner", "Elbling")):
        bottles.insert(place, bottle)


@pytest.fixture
def homes(tmp_path: Path) -> tuple[Home, Home]:
    """Two devices' homes, empty yet."""
    return Home(tmp_path / "laptop-home"), Home(tmp_path / "tablet-home")


async def test_a_document_of_every_kind_of_container_comes_to_a_second_device(
    relay: Relay, homes: tuple[Home, Home]
) -> None:
    one, two = homes
    async with Documents.open("cellar", relay=relay.url, home=one) as documents:
        wines = await documents.document("wines")
        with wines.edit() as loro:
            loro.get_text("notes").insert(0, "Dry and cold.")
            loro.get_map("owner").insert("name", "Anna")
            put_bottles(loro)
            shelves = loro.get_tree("shelves")
            shelves.create(shelves.create())
        await documents.wait_synced()
        expected = wines.value()
    assert expected["notes"] == "Dry and cold."
    assert expected["bottles"] == ["Riesling", "Silvaner", "Elbling"]
    async with Documents.open("cellar", relay=relay.url, home=two, words=kit_of(one)) as documents:
        wines = await documents.document("wines")
        await documents.wait_synced()
        assert wines.value() == expected


async def test_edits_made_offline_on_two_devices_merge(
    tmp_path: Path, homes: tuple[Home, Home]
) -> None:
    one, two = homes
    async with relay_at(tmp_path / "relay") as relay:
        port, url = port_of(relay), relay.url
        async with Documents.open("cellar", relay=url, home=one) as documents:
            wines = await documents.document("wines")
            with wines.edit() as loro:
                loro.get_text("notes").insert(0, "cold")
                loro.get_map("owner").insert("name", "Anna")
                put_bottles(loro)
                loro.get_tree("shelves").create()
            await documents.wait_synced()
        async with Documents.open("cellar", relay=url, home=two, words=kit_of(one)) as documents:
            await documents.document("wines")
            await documents.wait_synced()
    async with Documents.open("cellar", relay=url, home=one) as documents:
        wines = await documents.document("wines")
        with wines.edit() as loro:
            loro.get_text("notes").insert(0, "dry, ")
            loro.get_map("owner").insert("town", "Corrow")
            loro.get_movable_list("bottles").mov(0, 2)
            loro.get_tree("shelves").create()
        with pytest.raises(RelayUnreachable):
            await documents.wait_synced()
    async with Documents.open("cellar", relay=url, home=two) as documents:
        wines = await documents.document("wines")
        with wines.edit() as loro:
            loro.get_text("notes").insert(4, " and old")
            loro.get_map("owner").insert("name", "Orrey")
            loro.get_movable_list("bottles").set(1, "Kerner")
            loro.get_tree("shelves").create()
        with pytest.raises(RelayUnreachable):
            await documents.wait_synced()
    async with relay_at(tmp_path / "relay", port):
        values = []
        for home in (one, two, one):
            async with Documents.open("cellar", relay=url, home=home) as documents:
                wines = await documents.document("wines")
                await documents.wait_synced()
                values.append(wines.value())
    assert values[1] == values[2]
    assert values[2]["notes"] == "dry, cold and old"
    assert values[2]["owner"] == {"name": "Orrey", "town": "Corrow"}
    assert values[2]["bottles"] == ["Kerner", "Elbling", "Riesling"]
    assert len(values[2]["shelves"]) == 3


async def test_two_open_devices_see_each_other_write(
    relay: Relay, homes: tuple[Home, Home]
) -> None:
    one, two = homes
    async with Documents.open("cellar", relay=relay.url, home=one) as laptop:
        ours = await laptop.document("wines")
        await laptop.wait_synced()
        async with Documents.open("cellar", relay=relay.url, home=two, words=kit_of(one)) as tablet:
            theirs = await tablet.document("wines")
            await tablet.wait_synced()
            with ours.edit() as loro:
                loro.get_text("notes").insert(0, "From the laptop.")
            async for value in theirs.changes():
                if value.get("notes") == "From the laptop.":
                    break
            with theirs.edit() as loro:
                loro.get_map("owner").insert("name", "Anna")
            async for value in ours.changes():
                if value.get("owner") == {"name": "Anna"}:
                    break
            assert ours.value() == theirs.value()


async def test_what_is_synced_can_be_found_by_the_accounts_other_devices(
    relay: Relay, homes: tuple[Home, Home]
) -> None:
    names = [f"cellar {number}" for number in range(6)]
    subjects = []
    for name in names:
        async with Documents.open(name, relay=relay.url, home=homes[0]) as documents:
            await documents.document("wines")
            await documents.wait_synced()
            subjects.append(documents._rooms.subject)
    words = kit_of(homes[0])
    for name, subject in zip(names, subjects, strict=True):
        async with Documents.open(name, relay=relay.url, home=homes[1], words=words) as documents:
            await documents.document("wines")
            assert documents._rooms.subject == subject


async def test_documents_are_apart_by_name(relay: Relay, homes: tuple[Home, Home]) -> None:
    async with Documents.open("cellar", relay=relay.url, home=homes[0]) as documents:
        wines, beers = await documents.document("wines"), await documents.document("beers")
        assert await documents.document("wines") is wines
        with wines.edit() as loro:
            loro.get_text("notes").insert(0, "Dry.")
        assert "notes" not in beers.value() or beers.value()["notes"] == ""
        await documents.wait_synced()


async def test_the_relay_learns_no_name_and_no_value_of_a_document(
    tmp_path: Path, homes: tuple[Home, Home]
) -> None:
    async with (
        relay_at(tmp_path / "relay") as relay,
        Documents.open("Cellarbook", relay=relay.url, home=homes[0]) as documents,
    ):
        wines = await documents.document("Thistlewines")
        with wines.edit() as loro:
            loro.get_text("Hollownotes").insert(0, "Marmaladequince")
        await documents.wait_synced()
    stored = disk(tmp_path / "relay")
    assert len(stored) > 0
    for planted in (b"Cellarbook", b"Thistlewines", b"Hollownotes", b"Marmaladequince"):
        assert planted not in stored


async def test_wrong_words_open_no_documents(relay: Relay, homes: tuple[Home, Home]) -> None:
    with pytest.raises(RecoveryWordsWrong):
        async with Documents.open("cellar", relay=relay.url, home=homes[1], words="salt road"):
            pass
    assert not homes[1].vault.exists()
