"""A relay that ends and starts again still has everything, and stock clients come back by
themselves."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from process.command import RelayProcess

from .node import Node


@pytest.fixture
def served(tmp_path: Path) -> Iterator[RelayProcess]:
    """`sakya relay serve --plain-rooms`, at an address it keeps."""
    made = RelayProcess(tmp_path, options=("--plain-rooms",))
    made.start()
    yield made
    made.kill()


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
async def test_everything_is_there_after_a_restart_and_clients_come_back(
    js: Node, served: RelayProcess, sign: signal.Signals
) -> None:
    await js(
        """
        const one = await connect(url), two = await connect(url);
        kept.a = [await loro(one, "x"), await elo(one, "x"), await loro(one, "y")];
        kept.b = [await loro(two, "x"), await elo(two, "x"), await loro(two, "y")];
        kept.a.forEach((adaptor, n) => type(adaptor, `before ${n}`));
        // One Ack more: a stock client also sends its encrypted room's empty snapshot.
        await until(() => one.heard.filter((m) => m.type === 8 && m.status === 0).length === 4);
        """,
        url=served.url,
    )
    served.stop(sign)
    # Nobody who still has the words helps a newcomer to them.
    await js("for (const { client } of [...kept.a, ...kept.b]) client.close();")
    served.start()
    texts = await js(
        """
        const late = await connect(url);
        const c = [await loro(late, "x"), await elo(late, "x"), await loro(late, "y")];
        await until(() => c.every((adaptor) => text(adaptor) !== ""));
        return c.map(text);
        """,
        url=served.url,
    )
    assert texts == ["before 0", "before 1", "before 2"]


async def test_clients_that_stay_come_back_by_themselves_with_what_they_wrote_meanwhile(
    js: Node, served: RelayProcess
) -> None:
    await js(
        """
        kept.a = await loro(await connect(url), "x");
        kept.b = await elo(await connect(url), "x");
        kept.others = [await loro(await connect(url), "x"), await elo(await connect(url), "x")];
        """,
        url=served.url,
    )
    served.kill()
    await js(
        """
        await until(() => kept.a.client.getStatus() !== "connected");
        await until(() => kept.b.client.getStatus() !== "connected");
        type(kept.a, "meanwhile");
        type(kept.b, "meanwhile");
        """
    )
    served.start()
    texts = await js(
        """
        await until(() => kept.others.every((adaptor) => text(adaptor) === "meanwhile"));
        return kept.others.map(text);
        """
    )
    assert texts == ["meanwhile"] * 2


@pytest.mark.skipif(not Path("/proc").exists(), reason="reads what Linux tells of a process")
async def test_the_relays_own_process_never_loads_loro(js: Node, served: RelayProcess) -> None:
    await js(
        """
        const a = await loro(await connect(url), "x"), b = await loro(await connect(url), "x");
        type(a, "words");
        await until(() => text(b) === "words");
        """,
        url=served.url,
    )
    assert served.process is not None
    relay = served.process.pid
    (worker,) = Path(f"/proc/{relay}/task/{relay}/children").read_text().split()
    assert "/loro/" in Path(f"/proc/{worker}/maps").read_text()
    assert "/loro/" not in Path(f"/proc/{relay}/maps").read_text()


async def test_the_command_serves_plain_rooms_to_holders_of_a_token(
    js: Node, tmp_path: Path
) -> None:
    options = ("--plain-rooms", "--plain-token", "ada:b:write", "--plain-token", "guest:read")
    served = RelayProcess(tmp_path, options=options)
    served.start()
    try:
        seen = await js(
            """
            const a = await loro(await connect(url), "x", "ada:b");
            const b = await loro(await connect(url), "x", "guest");
            const stranger = await loro(await connect(url), "x", "ada").catch((e) => e.message);
            return [a.client.heard[0].permission, b.client.heard[0].permission, stranger];
            """,
            url=served.url,
        )
    finally:
        served.kill()
    assert seen == ["write", "read", "Join failed: 2 - a token is needed"]


async def test_without_the_option_no_plain_room_is_served(js: Node, tmp_path: Path) -> None:
    served = RelayProcess(tmp_path)
    served.start()
    try:
        error = await js(
            "return await loro(await connect(url), 'x').catch((e) => e.message);", url=served.url
        )
    finally:
        served.kill()
    assert error == "Join failed: 127 - no such room here"
    assert not (served.data / "plain.sqlite").exists()
