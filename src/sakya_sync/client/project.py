"""The library's door: a project's folder, kept in sync while the block runs.

async with Project.open("the-salt-road") as project:
    async with project.edit("notes/plot.md") as draft:
        draft.text += "They reach Corrow by night."
    await project.wait_synced()
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from sakya_sync.client.control import taking_errands
from sakya_sync.client.device import (
    DEVICES,
    JOINED_KEY,
    NAME_KEY,
    PROJECTS,
    RELAY_KEY,
    STATE_FILE,
    SUBJECT_KEY,
    SYNCED_KEY,
    Device,
    open_device,
)
from sakya_sync.client.errands import Errands
from sakya_sync.client.events import (
    Attention,
    Event,
    FileChanged,
    FileRemoved,
    Held,
    InSync,
    Offline,
    Online,
)
from sakya_sync.client.folder_sync import FolderSync, Taken
from sakya_sync.client.founding import identity_of
from sakya_sync.client.history import History
from sakya_sync.client.home import Home, project_of
from sakya_sync.client.ports import Ports
from sakya_sync.client.restoring import (
    Chosen,
    Step,
    apply_chosen,
    apply_restore,
    files_now,
    plan_restore,
    undo_restore,
)
from sakya_sync.client.snapshots import Snapshots
from sakya_sync.client.subject_rooms import SubjectRooms
from sakya_sync.client.vaultfile import open_vault
from sakya_sync.errors import FileUnknown, FolderNotAProject, NothingToUndo, SakyaError
from sakya_sync.files.folder import Folder, Stat
from sakya_sync.files.lock import ProcessLock
from sakya_sync.files.readers import Readers
from sakya_sync.files.settle import Settler
from sakya_sync.files.watcher import changes
from sakya_sync.history.snapshots import Kind, Snapshot
from sakya_sync.history.timeline import Timeline
from sakya_sync.history.version import ProjectVersion
from sakya_sync.ids import PublicKey, SubjectId
from sakya_sync.mapping.content import Kind as FileKind
from sakya_sync.mapping.diff import text_steps
from sakya_sync.mapping.names import check_path
from sakya_sync.mapping.structure import read_entry
from sakya_sync.store.device.store import DeviceStore
from sakya_sync.system import local_zone

ROUNDS_MAX: Final = 20
SYNC_SECONDS: Final = 60.0
QUIET_SECONDS: Final = 30.0
TRASH_SECONDS: Final = 3_600.0
LOCK_FILE: Final = "lock"
TRASH: Final = "trash"


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What one sync did."""

    files: int
    sent: frozenset[str]
    """Paths that were changed here and are at the relay now."""
    received: frozenset[str]
    """Paths that were changed elsewhere and are in the folder now."""
    attention: tuple[tuple[str, str], ...]
    """(path, reason) for what a writer should look at."""
    held: tuple[str, ...] = ()
    """Paths of what is gone, or almost, and waits for `approve` or `put_back`."""


@dataclass(slots=True)
class Draft:
    """A file's text while it is being changed; what it is when the block ends is what counts."""

    text: str


class Project:
    """See `open`."""

    def __init__(self, device: Device, rooms: SubjectRooms, folder: Folder) -> None:
        self._device = device
        self._rooms = rooms
        self._settler = Settler()
        self._sync = FolderSync(rooms, folder, wall_ns=time.time_ns, ready=self._ready)
        self._subscribers: list[asyncio.Queue[Event | SakyaError]] = []
        self._fault: SakyaError | None = None
        self._watching = False
        self._at_work = 0
        self._news = False
        self._told_held: tuple[str, ...] = ()
        self._told_attention: frozenset[tuple[str, str]] = frozenset()
        self._last: Event | None = None
        self._render_soon = asyncio.Event()
        self.snapshots = Snapshots(rooms, self._sync, self._agree)
        rooms.imported = self._imported
        rooms.rejected = self._rejected

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        folder: str | Path,
        *,
        home: Home | None = None,
        ports: Ports | None = None,
        watch: bool = True,
    ) -> AsyncIterator["Project"]:
        """Open the project that a folder, or one above it, is, and keep it in sync.

        Args:
            home: the device's directory; SAKYA_HOME or the system's place for it if left out.
            watch: whether changes on either side are taken over as they happen; without it, call
                `sync`.

        Raises: FolderNotAProject, DeviceBusy, AccountMissing, VaultLocked and their kin. An
        unreachable relay is no error here: see `wait_synced` and `events`.
        """
        home = Home.default() if home is None else home
        ports = Ports.real() if ports is None else ports
        located = project_of(Path(folder), home)
        async with AsyncExitStack() as stack:
            stack.enter_context(ProcessLock(located.state / LOCK_FILE, located.folder))
            identity = identity_of(open_vault(home))
            store = DeviceStore(located.state / STATE_FILE, disk=home.disk)
            stack.callback(store.close)
            subject = store.meta(SUBJECT_KEY)
            relay = store.meta(RELAY_KEY)
            if subject is None or relay is None:
                raise FolderNotAProject(folder=folder)
            device = await stack.enter_async_context(
                open_device(home, identity, relay.decode(), ports)
            )
            rooms = device.subject(SubjectId(PublicKey(subject)), store)
            readers: Readers | None = None
            if watch:
                readers = Readers(located.folder)
                stack.callback(readers.close)
            files = Folder(located.folder, located.state / TRASH, readers)
            await asyncio.to_thread(files.empty_trash, time.time_ns())
            project = cls(device, rooms, files)
            device.begin(rooms)
            if watch and not project._comes_empty():
                # So that `files` and `edit` know at once what is in the folder.
                await project._take_in()
            watching = asyncio.create_task(project._watch()) if watch else None
            if watch:
                stack.enter_context(taking_errands(located.state, Errands(project).run))
            try:
                yield project
            finally:
                if watching is not None:
                    watching.cancel()
                    await asyncio.gather(watching, return_exceptions=True)
                project._end()

    # Reading and writing.

    @property
    def name(self) -> str:
        """What the project is called."""
        return (self._rooms.store.meta(NAME_KEY) or b"").decode()

    @property
    def files(self) -> list[str]:
        """The paths of all files, sorted."""
        return sorted(self._sync.paths())

    def text(self, path: str) -> str:
        """A file's text as it is now. Raises FileUnknown for a path that is no text file's."""
        return self._rooms.room(self._text_file(path)).document.text()

    @asynccontextmanager
    async def edit(self, path: str) -> AsyncIterator[Draft]:
        """Change a file's text: set or add to the draft's `text`.

        What others write in the same file meanwhile is merged with it. Raises FileUnknown.
        """
        room = self._rooms.room(self._text_file(path))
        frontier, old = room.document.frontier(), room.document.text()
        draft = Draft(old)
        yield draft
        steps = text_steps(old, draft.text)
        if not steps:
            return
        if room.document.version_at(frontier) == room.version():
            with room.edit(typing=True) as document:
                document.apply_steps(steps)
        else:
            room.edit_at(frontier, lambda document: document.apply_steps(steps))
        self._sync.imported(room.name)
        await self._rooms.flush()
        await self._show()

    # The past.

    @property
    def past(self) -> History:
        """Everything that this device knows of the project's history, as of now."""
        return History(self._rooms, self._device.account, self._sync.folder, local_zone())

    def history(self, path: str | None = None, *, follow: bool = True) -> Timeline:
        """Who wrote what when, in sessions, with words added and removed.

        Args:
            path: of one file; the whole project's without it.
            follow: with what the file was called before.
        """
        return self.past.timeline(path, follow=follow)

    def diff(
        self, old: ProjectVersion, new: ProjectVersion
    ) -> dict[str, tuple[bytes | None, bytes | None]]:
        """What differs between two versions: by path, the bytes then and then, None where none."""
        return self.past.differing(old, new)

    async def restore(
        self,
        version: ProjectVersion,
        paths: Sequence[str] = (),
        *,
        name: str = "a version",
        chosen: Mapping[str, Chosen] = MappingProxyType({}),
    ) -> tuple[Step, ...]:
        """Bring back what was, as an edit like any other: what others write is merged with it.

        A safety snapshot is made first; `undo` takes it back.

        Args:
            paths: files or folders to bring back; the whole project without any.
            name: what the version is called, for the safety snapshot's name.
            chosen: by path, texts to be brought back instead of whole files.

        Returns: what was done.
        Raises: VersionIncomplete.
        """
        await self._agree()
        steps = plan_restore(self.past, version, paths)
        if chosen:
            steps = tuple(step for step in steps if step.path in chosen and step.now is not None)
        if not steps:
            return ()
        before = self.snapshots.version()
        names: set[str] = set()
        for step in steps:
            part = chosen.get(step.path)
            names |= (
                apply_restore(self._rooms, [step])
                if part is None
                else apply_chosen(self._rooms, step, part)
            )
        files = [state.entry.file for step in steps if (state := step.then or step.now)]
        after = files_now(self._rooms, files)
        self.snapshots.put(f"before restoring {name}", "", Kind.SAFETY, before, after)
        await self._made(names)
        return steps

    async def undo(self) -> Snapshot:
        """Take back the last restore, or the last undo; what was written since stays.

        Returns: the safety snapshot that was gone back to.
        Raises: NothingToUndo.
        """
        await self._agree()
        last = next((item for item in self.snapshots.list() if item.after is not None), None)
        if last is None or last.after is None:
            raise NothingToUndo
        before = self.snapshots.version()
        names = undo_restore(self._rooms, last)
        after = files_now(self._rooms, last.after.bodies)
        self.snapshots.put(f"before undoing: {last.name}"[:200], "", Kind.SAFETY, before, after)
        await self._made(names)
        return last

    async def _made(self, names: Iterable[str]) -> None:
        """Show in the folder what was done to documents here."""
        await self._rooms.flush()
        for name in names:
            self._sync.imported(name)
        await self._agree()

    async def _agree(self) -> None:
        """Make folder and documents hold the same, whatever the relay has."""
        for _ in range(ROUNDS_MAX):
            await self._take_in()
            shown = await self._show()
            if not shown.again:
                return

    async def wait_synced(self, timeout_seconds: float = SYNC_SECONDS) -> None:
        """Wait until folder, device and relay hold the same.

        Raises: RelayUnreachable at once when the relay cannot be reached, SyncTimeout,
        AccessRefused and what the folder raises.
        """
        await self.sync(timeout_seconds=timeout_seconds)

    async def events(self) -> AsyncIterator[Event]:
        """What happens from now on, until the project is closed.

        Raises what stops the project from being watched: a missing folder, a full disk.
        """
        queue: asyncio.Queue[Event | SakyaError] = asyncio.Queue()
        self._subscribers.append(queue)
        if self._fault is not None:
            queue.put_nowait(self._fault)
        elif self._last is not None:
            queue.put_nowait(self._last)
        if self.held:
            queue.put_nowait(Held(self.held))
        try:
            while True:
                event = await queue.get()
                if isinstance(event, SakyaError):
                    raise event
                yield event
        finally:
            self._subscribers.remove(queue)

    async def sync(
        self,
        *,
        timeout_seconds: float = SYNC_SECONDS,
        progress: Callable[[int, int], None] | None = None,
    ) -> SyncReport:
        """Make folder, device and relay hold the same, once.

        Args:
            timeout_seconds: without any progress, after which to give up.
            progress: told how many parts are done, of how many.

        Raises: as `wait_synced`.
        """
        sent: set[str] = set()
        received: set[str] = set()
        if self._comes_empty():
            # What the project holds comes first, so that equal files are recognized.
            await self._settled(timeout_seconds, progress)
        for _ in range(ROUNDS_MAX):
            taken = await self._take_in()
            sent |= taken.changed | taken.removed
            await self._settled(timeout_seconds, progress)
            shown = await self._show()
            received |= shown.changed | shown.removed
            if not (taken.again or shown.again or self._sync.dirty) and self._device.settled:
                break
        self._snapshots(quiet=True)
        await self._settled(timeout_seconds, progress)
        now_ms = self._device.ports.clock.wall_ms()
        self._rooms.also().meta(SYNCED_KEY, now_ms.to_bytes(8, "little"))
        await self._rooms.flush()
        files = len(self._sync.bases)
        return SyncReport(
            files, frozenset(sent), frozenset(received), self._sync.attention, self.held
        )

    @property
    def held(self) -> tuple[str, ...]:
        """Paths of what is gone here, or almost, with so much else that it waits for a word."""
        return tuple(held.path for held in self._sync.held)

    async def approve(self) -> tuple[str, ...]:
        """Do elsewhere, too, what is held; the paths."""
        approved = self.held
        with self._working():
            self._report(await self._sync.approve(), here=True)
        return approved

    async def put_back(self) -> tuple[str, ...]:
        """Bring what is held back to the folder; the paths. What was in its place is in the trash.

        Raises what the folder raises.
        """
        await self._take_in()
        wanted = self.held
        with self._working():
            self._report(await self._sync.put_back(), here=False)
        return wanted

    # Inside.

    def _text_file(self, path: str) -> str:
        file = self._sync.paths().get(check_path(path))
        entry = None if file is None else read_entry(self._sync.structure.document, file)
        if entry is None:
            raise FileUnknown("the project has no such file", name=path)
        if entry.kind is not FileKind.TEXT:
            raise FileUnknown("it is not a text file", name=path)
        return entry.file

    def _comes_empty(self) -> bool:
        """Whether the project was joined, and what it holds has not come yet."""
        meta = self._rooms.store.meta
        return meta(JOINED_KEY) is not None and meta(SYNCED_KEY) is None

    async def _settled(
        self, timeout_seconds: float, progress: Callable[[int, int], None] | None
    ) -> None:
        await self._device.until(lambda: self._device.settled, timeout_seconds, progress)
        self._share_and_announce()
        await self._device.until(lambda: self._device.settled, timeout_seconds, progress)

    def _share_and_announce(self) -> None:
        """What follows from knowing the account's newest state."""
        account = self._device.account
        for rooms in (account, self._rooms):
            rooms.access.share()
        if account.access.secret() is None or not account.settled:
            return
        # A settled account has told of its home, so what is not in it is not there.
        self._device.announce(PROJECTS, self._rooms.subject, self.name)
        me = self._device.identity.signing.public
        self._device.announce(DEVICES, me, self._device.identity.name)

    async def _take_in(self) -> Taken:
        """From the folder, waiting for files that are still being written."""
        with self._working():
            taken = await self._sync.absorb()
            while taken.again:
                clock = self._device.ports.clock
                deadline = self._settler.deadline()
                await clock.sleep(0.02 if deadline is None else max(0.01, deadline - clock.now()))
                more = await self._sync.absorb()
                taken = Taken(
                    taken.changed | more.changed, taken.removed | more.removed, more.again
                )
            self._report(taken, here=True)
        if self._sync.dirty:
            self._render_soon.set()
        return taken

    async def _show(self) -> Taken:
        with self._working():
            shown = await self._sync.render()
            self._report(shown, here=False)
        return shown

    @contextmanager
    def _working(self) -> Iterator[None]:
        self._at_work += 1
        try:
            yield
        finally:
            self._at_work -= 1
            self._device.tell()

    def _ready(self, path: str, stat: Stat, known_size: int) -> bool:
        """Whether a file that looks changed has settled; at once where nobody watches."""
        clock = self._device.ports.clock
        old = time.time_ns() - stat.mtime_ns > 2_000_000_000
        if old or not self._watching:
            return True
        self._settler.note(path, stat.size, stat.mtime_ns, known_size, clock.now())
        if not self._settler.settled(path, clock.now()):
            return False
        self._settler.forget(path)
        return True

    async def _watch(self) -> None:
        self._watching = True
        stop = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._watch_folder(stop))
                tasks.create_task(self._watch_documents())
                tasks.create_task(self._watch_link())
                tasks.create_task(self._watch_quiet())
        except* SakyaError as group:
            error = group.exceptions[0]
            assert isinstance(error, SakyaError)
            self._fault = error
            for queue in self._subscribers:
                queue.put_nowait(error)
        finally:
            stop.set()

    async def _watch_folder(self, stop: asyncio.Event) -> None:
        # Once more after `open` did: whoever opened the project may have written since.
        await self._take_in()
        async for _ in changes(self._sync.folder.root, stop, polling=self._polling):
            await self._take_in()

    def _polling(self) -> None:
        reason = (
            "the system has no room for another watch, so changes are looked for twice a second; "
            "raise fs.inotify.max_user_watches and max_user_instances"
        )
        self._emit(Attention(str(self._sync.folder.root), reason))

    async def _watch_documents(self) -> None:
        while True:
            await self._render_soon.wait()
            self._render_soon.clear()
            for _ in range(ROUNDS_MAX):
                shown = await self._show()
                if not shown.again:
                    break
                await self._take_in()

    async def _watch_link(self) -> None:
        online: bool | None = None
        told: SakyaError | None = None
        in_sync = False
        with self._device.listening() as changed:
            while True:
                changed.clear()
                problem = self._device.problem()
                now = self._device.link.online
                if now != online and now:
                    self._emit(Online())
                if problem is not None and (told is None or problem.code != told.code):
                    self._emit(Offline(problem))
                online, told = now, problem
                settled = self._device.settled and not self._unshown and problem is None
                if settled and not in_sync:
                    self._share_and_announce()
                    settled = self._device.settled
                if settled and not in_sync:
                    now_ms = self._device.ports.clock.wall_ms()
                    self._rooms.also().meta(SYNCED_KEY, now_ms.to_bytes(8, "little"))
                if settled and self._news:
                    self._emit(InSync())
                in_sync = settled
                await changed.wait()

    @property
    def _unshown(self) -> bool:
        """Whether folder and documents differ, or may differ until work under way is done."""
        return bool(self._at_work) or self._sync.dirty

    async def _watch_quiet(self) -> None:
        clock = self._device.ports.clock
        emptied = clock.now()
        while True:
            await clock.sleep(QUIET_SECONDS)
            self._snapshots(quiet=False)
            if clock.now() - emptied > TRASH_SECONDS:
                emptied = clock.now()
                await asyncio.to_thread(self._sync.folder.empty_trash, time.time_ns())

    def _snapshots(self, *, quiet: bool) -> None:
        for room in self._rooms.opened():
            room.snapshot_if_due(quiet=quiet)

    def _imported(self, name: str) -> None:
        self._sync.imported(name)
        self._render_soon.set()

    def _rejected(self, name: str, reason: str) -> None:
        path = next((path for path, file in self._sync.paths().items() if file == name), name)
        self._emit(Attention(path, f"something that came for it was refused: {reason}"))

    def _report(self, taken: Taken, *, here: bool) -> None:
        for path in sorted(taken.removed - taken.changed):
            self._emit(FileRemoved(path, here))
        for path in sorted(taken.changed):
            self._emit(FileChanged(path, here))
        if self.held != self._told_held:
            self._told_held = self.held
            if self.held:
                self._emit(Held(self.held))
        attention = frozenset(self._sync.attention)
        for path, reason in sorted(attention - self._told_attention):
            if path not in self.held:
                self._emit(Attention(path, reason))
        self._told_attention = attention

    def _emit(self, event: Event) -> None:
        self._last = event if isinstance(event, InSync | Offline | Online) else self._last
        self._news = not isinstance(event, InSync)
        for queue in self._subscribers:
            queue.put_nowait(event)

    def _end(self) -> None:
        self._rooms.imported = lambda _: None
