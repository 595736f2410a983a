"""A project's empty folders, on disk and in the structure document."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from sakya_sync.errors import LocalFault
from sakya_sync.files.folder import Folder, Scan
from sakya_sync.mapping.folders import changes, read_folders, refused, write_folders
from sakya_sync.replica.document import Document
from sakya_sync.store.device.batch import Batch


class EmptyFolders:
    """What disk and document last agreed on is kept with the bases of files."""

    def __init__(self, folder: Folder, known: frozenset[str], also: Callable[[], Batch]) -> None:
        """
        Args:
            known: the paths that disk and document last agreed on, as the disk has them.
            also: a batch that is committed with what is done here.
        """
        self._folder = folder
        self._known = known
        self._also = also

    def absorb(
        self, scan: Scan, edit: Callable[[], AbstractContextManager[Document]]
    ) -> tuple[tuple[str, str], ...]:
        """Take in what was done on disk; returns what cannot be synced, and why."""
        reasons = refused(scan.empty_folders)
        found = scan.empty_folders - reasons.keys()
        changed = changes(self._known, found)
        # A folder that is left alone now may be there still.
        gone = [path for path in changed.gone if not scan.leaves(path)]
        if changed.come or gone:
            with edit() as document:
                write_folders(document, changed.come, gone)
            self._agree(found | (self._known - {*gone}))
        return tuple(reasons.items())

    def render(self, document: Document) -> None:
        """Put on disk what has come. Synchronous: two system calls for each folder."""
        changed = changes(self._known, read_folders(document))
        if not changed.come and not changed.gone:
            return
        known = set(self._known)
        for path in changed.come:
            try:
                self._folder.make_folder(path)
            except LocalFault:
                # A file or a link has that name here.
                continue
            known.add(path)
        # One that something else is in stays, and is not taken for a new one.
        known -= {path for path in changed.gone if self._folder.remove_folder(path)}
        self._agree(frozenset(known))

    def _agree(self, known: frozenset[str]) -> None:
        if known != self._known:
            self._known = known
            self._also().folders(sorted(known))
