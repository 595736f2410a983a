"""What one process may ask of the one that keeps a project in sync."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sakya_sync.client.restoring import Chosen
from sakya_sync.errors import UsageError
from sakya_sync.history.version import ProjectVersion

if TYPE_CHECKING:
    from sakya_sync.client.control import Errand
    from sakya_sync.client.project import Project


class Errands:
    """Errands of one open project, as JSON goes: names and texts in, results out."""

    def __init__(self, project: Project) -> None:
        self._project = project

    async def run(self, errand: Errand) -> Errand:
        """Do one. Raises SakyaError, UsageError for what is none."""
        match errand:
            case {"do": "create", "name": str(name), "message": str(message)}:
                made = await self._project.snapshots.create(name, message)
                counts = made.counts
                return {
                    "id": made.id,
                    "name": made.name,
                    "files": counts.files,
                    "chapters": counts.chapters,
                    "words": counts.words,
                }
            case {"do": "rename", "name": str(name), "new": str(new)}:
                renamed = await self._project.snapshots.rename(name, new)
                return {"id": renamed.id, "name": renamed.name}
            case {"do": "remove", "name": str(name)}:
                removed = await self._project.snapshots.remove(name)
                return {"id": removed.id, "name": removed.name}
            case {"do": "restore", "version": str(version), "name": str(name), **more}:
                return await self._restore(bytes.fromhex(version), name, more)
            case {"do": "approve"}:
                return {"paths": list(await self._project.approve())}
            case {"do": "put-back"}:
                return {"paths": list(await self._project.put_back())}
            case {"do": "undo"}:
                last = await self._project.undo()
                return {"name": last.name, "files": len(last.after.bodies if last.after else ())}
        raise UsageError("the process that keeps the project in sync does not know that errand")

    async def _restore(self, version: bytes, name: str, more: dict[str, Any]) -> Errand:
        chosen = {
            path: Chosen(text, bytes.fromhex(seen))
            for path, (text, seen) in more.get("chosen", {}).items()
        }
        steps = await self._project.restore(
            ProjectVersion.decode(version), more.get("paths", ()), name=name, chosen=chosen
        )
        return {"steps": [{"does": step.does.value, "path": step.path} for step in steps]}
