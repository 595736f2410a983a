"""What holds for every module below the line; docs/architecture.md says why."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "sakya_sync"
CORE_FILES = ("errors.py", "limits.py", "ids.py")
CORE_FOLDERS = (
    "wire",
    "record",
    "seal",
    "access",
    "replica",
    "mapping",
    "history",
    "session",
    "linking",
)
MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
MUTABLE_CALLS = {"list", "dict", "set", "bytearray", "deque", "defaultdict", "OrderedDict"}
NAMES_ONLY = {"__all__"}


def core_modules() -> list[Path]:
    found = [SOURCE / name for name in CORE_FILES]
    for folder in CORE_FOLDERS:
        found += [path for path in (SOURCE / folder).rglob("*.py") if path.name != "__init__.py"]
    return sorted(found)


def name(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def mutable_state(tree: ast.Module) -> list[str]:
    """Names that a module binds to something that can change."""
    found = []
    for node in tree.body:
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            targets, value = [node.target], node.value
        else:
            continue
        called = value.func if isinstance(value, ast.Call) else None
        changes = isinstance(value, MUTABLE) or (
            isinstance(called, ast.Name) and called.id in MUTABLE_CALLS
        )
        if changes:
            found += [ast.unparse(target) for target in targets]
    return [target for target in found if target not in NAMES_ONLY]


@pytest.mark.parametrize("module", core_modules(), ids=name)
def test_no_core_module_waits(module: Path) -> None:
    waiting = (ast.AsyncFunctionDef, ast.AsyncWith, ast.AsyncFor, ast.Await)
    tree = ast.parse(module.read_text("utf-8"))
    assert not [node for node in ast.walk(tree) if isinstance(node, waiting)]


@pytest.mark.parametrize("module", core_modules(), ids=name)
def test_no_core_module_keeps_state(module: Path) -> None:
    tree = ast.parse(module.read_text("utf-8"))
    assert not mutable_state(tree)
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Global)]


@pytest.mark.parametrize("module", core_modules(), ids=name)
def test_every_core_module_has_a_test_file_of_its_own(module: Path) -> None:
    relative = module.relative_to(SOURCE)
    assert (ROOT / "tests" / relative.parent / f"test_{relative.name}").is_file()


def test_the_checks_above_find_what_they_look_for() -> None:
    planted = ast.parse("cache = {}\nseen: set[int] = set()\nSIZES = (1, 2)\n__all__ = ['a']")
    assert mutable_state(planted) == ["cache", "seen"]
