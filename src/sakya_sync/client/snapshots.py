"""Named moments of a project: versions of its documents, kept in a document all devices have."""

from collections.abc import Awaitable, Callable

from sakya_sync.client.folder_sync import FolderSync
from sakya_sync.client.history import snapshots_of
from sakya_sync.client.names import SNAPSHOTS
from sakya_sync.client.references import find_snapshot
from sakya_sync.client.subject_rooms import SubjectRooms
from sakya_sync.errors import SnapshotPresent
from sakya_sync.history.snapshots import (
    ID_BYTES,
    MESSAGE_CHARACTERS_MAX,
    Counts,
    Kind,
    Snapshot,
    check_name,
    put_snapshot,
    remove_snapshot,
    rename_snapshot,
)
from sakya_sync.history.version import ProjectVersion
from sakya_sync.history.words import Layout, count_words, layout_of
from sakya_sync.ids import AuthorId
from sakya_sync.mapping.bases import Base
from sakya_sync.mapping.chapters import chapter_paths
from sakya_sync.mapping.content import Text, read_content


class Snapshots:
    """The named moments of one open project. Every change syncs like any other."""

    def __init__(
        self, rooms: SubjectRooms, sync: FolderSync, agree: Callable[[], Awaitable[None]]
    ) -> None:
        """Args: agree: makes folder and documents hold the same, and both durable."""
        self._rooms = rooms
        self._sync = sync
        self._agree = agree

    def list(self) -> list[Snapshot]:
        """All, newest first."""
        return snapshots_of(self._rooms)

    def get(self, name: str) -> Snapshot:
        """The newest of that name, or the one whose id begins so. Raises VersionUnknown."""
        return find_snapshot(self.list(), name)

    async def create(self, name: str, message: str = "") -> Snapshot:
        """Give this moment a name: what is in the folder now. Raises NameInvalid, SnapshotPresent.

        The name is for all members and all their devices.
        """
        name = check_name(name)
        if any(item.name == name for item in self.list()):
            raise SnapshotPresent(name=name)
        await self._agree()
        made = self.put(name, message[:MESSAGE_CHARACTERS_MAX], Kind.NAMED, self.version(), None)
        await self._rooms.flush()
        return made

    async def rename(self, name: str, new: str) -> Snapshot:
        """Raises NameInvalid, SnapshotPresent, VersionUnknown."""
        new = check_name(new)
        snapshot = self.get(name)
        if any(item.name == new and item.id != snapshot.id for item in self.list()):
            raise SnapshotPresent(name=new)
        with self._rooms.room(SNAPSHOTS).edit() as document:
            rename_snapshot(document, snapshot.id, new)
        await self._rooms.flush()
        return self.get(snapshot.id)

    async def remove(self, name: str) -> Snapshot:
        """Forget the name; nothing that was written is lost by it. Raises VersionUnknown."""
        snapshot = self.get(name)
        with self._rooms.room(SNAPSHOTS).edit() as document:
            remove_snapshot(document, snapshot.id)
        await self._rooms.flush()
        return snapshot

    def put(
        self,
        name: str,
        message: str,
        kind: Kind,
        version: ProjectVersion,
        after: ProjectVersion | None,
    ) -> Snapshot:
        """Write one in, durable with the next flush; counted is what the folder held last."""
        newest = max((item.at_ms for item in self.list()), default=0)
        snapshot = Snapshot(
            self._rooms.entropy.bytes(ID_BYTES).hex(),
            name,
            message,
            kind,
            max(self._rooms.clock.wall_ms(), newest + 1),
            self._rooms.stamp().utc_offset_minutes,
            AuthorId(self._rooms.identity.signing.public),
            self._counts(),
            version,
            after,
        )
        with self._rooms.room(SNAPSHOTS).edit() as document:
            put_snapshot(document, snapshot)
        return snapshot

    def version(self) -> ProjectVersion:
        """What folder and documents agree on."""
        return ProjectVersion(
            self._sync.structure.document.frontier(),
            {base.file: base.frontier for base in self._sync.bases.values()},
        )

    def _counts(self) -> Counts:
        bases = list(self._sync.bases.values())
        known = self._rooms.store.counted()
        words = 0
        for base in bases:
            count = known.get(base.digest)
            if count is None:
                count = self._count(base)
                self._rooms.also().counted(base.digest, count)
            words += count
        return Counts(len(bases), len(chapter_paths(base.path for base in bases)), words)

    def _count(self, base: Base) -> int:
        layout = layout_of(base.path)
        read = None if layout is Layout.DATA else self._sync.folder.read(base.path)
        content = None if read is None else read_content(read[0])
        return count_words(content.text, layout) if isinstance(content, Text) else 0
