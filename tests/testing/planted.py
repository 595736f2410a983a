"""Bugs to be planted into the programs, one at a time: a world that finds none of them is blind."""

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

import sakya_sync.store.device.store as device_store
import sakya_sync.store.relay.store as relay_store
from sakya_sync.bus.local import LocalBus
from sakya_sync.client.access_room import AccessRoom
from sakya_sync.client.subject_rooms import SubjectRooms
from sakya_sync.relay.connection import Connection
from sakya_sync.relay.hub import Hub
from sakya_sync.replica.outbox import Outbox
from sakya_sync.seal import inner, sealer
from sakya_sync.session.backoff import Backoff
from sakya_sync.session.client import ClientSession
from sakya_sync.store.database import open_database
from sakya_sync.store.device.batch import Batch
from sakya_sync.store.device.store import DeviceStore
from sakya_sync.store.relay.store import RelayBatch, RelayStore
from sakya_sync.wire.keepalive import Keepalive
from sakya_sync.wire.messages import AckStatus

Plant = Callable[[pytest.MonkeyPatch], None]


def relay_acks_before_the_commit(patch: pytest.MonkeyPatch) -> None:
    def commit(self: Hub, batch: Any, stored: Any, answer: Any) -> None:
        answer(AckStatus.OK)
        original(self, batch, stored, lambda _: None)

    original = Hub._commit
    patch.setattr(Hub, "_commit", commit)


def _unsynced(*arguments: Any, **options: Any) -> sqlite3.Connection:
    connection = open_database(*arguments, **options)
    connection.execute("PRAGMA synchronous = OFF")
    return connection


def relay_never_syncs(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(relay_store, "open_database", _unsynced)


def device_never_syncs(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(device_store, "open_database", _unsynced)


def device_sends_before_its_commit(patch: pytest.MonkeyPatch) -> None:
    async def commit(self: DeviceStore, batch: Batch) -> None:
        asyncio.get_running_loop().call_later(0.01, self.write, batch)

    patch.setattr(DeviceStore, "commit", commit)


def what_is_held_is_acked_at_once(patch: pytest.MonkeyPatch) -> None:
    def commit(self: Hub, batch: RelayBatch, stored: Any, answer: Any) -> None:
        if batch:
            original(self, batch, stored, answer)
        else:
            answer(AckStatus.OK)

    original = Hub._commit
    patch.setattr(Hub, "_commit", commit)


def relay_believes_what_it_could_not_store(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Hub, "_forget", lambda self, _error: self.store.resume())


def failed_commits_are_dropped(patch: pytest.MonkeyPatch) -> None:
    async def commit(self: DeviceStore, batch: Batch) -> None:
        try:
            await original(self, batch)
        except Exception:
            batch.statements.clear()
            raise

    original = DeviceStore.commit
    patch.setattr(DeviceStore, "commit", commit)


def failed_commits_count_as_done(patch: pytest.MonkeyPatch) -> None:
    async def commit(self: DeviceStore, batch: Batch) -> None:
        await asyncio.gather(original(self, batch), return_exceptions=True)

    original = DeviceStore.commit
    patch.setattr(DeviceStore, "commit", commit)


def timers_outlive_their_app(patch: pytest.MonkeyPatch) -> None:
    async def stop(self: SubjectRooms) -> None:
        if self._flushing is not None:
            self._flushing.cancel()
            await asyncio.gather(self._flushing, return_exceptions=True)
        await self.flush()

    patch.setattr(SubjectRooms, "stop", stop)


def a_failed_ticket_stops_the_relay(patch: pytest.MonkeyPatch) -> None:
    def submit(self: RelayStore, batch: Any, *, alone: bool = False) -> asyncio.Future[None]:
        assert alone in (True, False)
        return self._commits.submit(batch)

    patch.setattr(RelayStore, "submit", submit)


def what_a_lost_connection_took_is_not_sent_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Outbox, "lost", lambda _: None)


def pending_edits_are_not_restored(patch: pytest.MonkeyPatch) -> None:
    def pending(self: Batch, room: int, update: bytes) -> None:
        assert room, update

    patch.setattr(Batch, "pending", pending)


def records_are_not_kept(patch: pytest.MonkeyPatch) -> None:
    def record(self: Batch, *_: Any, acked: bool) -> None:
        if not acked:
            original(self, *_, acked=acked)

    original = Batch.record
    patch.setattr(Batch, "record", record)


def heads_are_not_kept(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Batch, "head", lambda *_: None)


def owners_are_not_kept(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Batch, "owner", lambda *_: None)


def one_nonce_for_everything(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sealer.Draft, "nonce", lambda *_: bytes(24))


def records_are_not_encrypted(patch: pytest.MonkeyPatch) -> None:
    def seal(inner: bytes, *_: Any) -> bytes:
        return inner + bytes(16)

    patch.setattr(sealer, "aead_encrypt", seal)
    original = inner.encode_inner
    patch.setattr(
        sealer, "encode_inner", lambda *arguments, **_: original(*arguments, compress=False)
    )


def a_silent_relay_is_waited_for(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Keepalive, "tick", lambda *_: None)
    patch.setattr(Keepalive, "deadline", lambda _: None)


def a_lost_connection_stays_lost(patch: pytest.MonkeyPatch) -> None:
    def next_seconds(self: Backoff) -> float:
        return 1e6 if self._attempts > 3 else original(self)

    original = Backoff.next_seconds
    patch.setattr(Backoff, "next_seconds", next_seconds)


def acks_are_waited_for_without_end(patch: pytest.MonkeyPatch) -> None:
    def update(self: ClientSession, *arguments: Any) -> None:
        original(self, *arguments)
        self._acks.clear()

    original = ClientSession.update
    patch.setattr(ClientSession, "update", update)


def relay_sends_what_is_owed_without_the_last(patch: pytest.MonkeyPatch) -> None:
    def backfill(self: RelayStore, *arguments: Any) -> Any:
        return iter(list(original(self, *arguments))[:-1])

    original = RelayStore.backfill
    patch.setattr(RelayStore, "backfill", backfill)


def relay_follows_a_room_too_late(patch: pytest.MonkeyPatch) -> None:
    def subscribe(self: LocalBus[Any], *arguments: Any) -> None:
        asyncio.get_running_loop().call_later(1.0, original, self, *arguments)

    original = LocalBus.subscribe
    patch.setattr(LocalBus, "subscribe", subscribe)


def relay_answers_only_its_first_batches(patch: pytest.MonkeyPatch) -> None:
    def answer(self: Connection, *arguments: Any) -> None:
        count = self.__dict__["answered"] = self.__dict__.get("answered", 0) + 1
        if count < 6:
            original(self, *arguments)

    original = Connection._answer
    patch.setattr(Connection, "_answer", answer)


def keys_are_never_shared_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(AccessRoom, "share", lambda _: None)


PLANTED: dict[str, tuple[Plant, ...]] = {
    "documents": (
        relay_acks_before_the_commit,
        relay_never_syncs,
        device_never_syncs,
        device_sends_before_its_commit,
        what_is_held_is_acked_at_once,
        relay_believes_what_it_could_not_store,
        failed_commits_are_dropped,
        failed_commits_count_as_done,
        timers_outlive_their_app,
        a_failed_ticket_stops_the_relay,
        what_a_lost_connection_took_is_not_sent_again,
        pending_edits_are_not_restored,
        records_are_not_kept,
        heads_are_not_kept,
        owners_are_not_kept,
        one_nonce_for_everything,
        records_are_not_encrypted,
        a_silent_relay_is_waited_for,
        a_lost_connection_stays_lost,
        acks_are_waited_for_without_end,
        relay_sends_what_is_owed_without_the_last,
        relay_follows_a_room_too_late,
        keys_are_never_shared_again,
    ),
}
"""By the story that has to find them."""
