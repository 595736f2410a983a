from sakya_sync.replica.events import Gap, Imported

from .desk import TABLET, replica, sealed, write


def test_events_are_told_once() -> None:
    writer, reader = replica(), replica(TABLET, 2)
    write(writer, "one")
    reader.receive(sealed(writer))
    assert reader.events() == [Imported()]
    assert reader.events() == []


def test_an_event_names_the_author_it_is_about() -> None:
    writer, reader = replica(), replica(TABLET, 2)
    write(writer, "one")
    sealed(writer)
    write(writer, "two")
    reader.receive(sealed(writer))
    (head,) = writer.heads()
    assert reader.events() == [Gap(head.author)]
