"""A linking at work: carries messages between a machine and a mailbox, and has done what is asked.

Spec: docs/protocol.md#mailboxes.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from sakya_sync.client.link import Link
from sakya_sync.client.mailbox import MailboxRoom
from sakya_sync.client.person import Person
from sakya_sync.client.waiting import set_or_after
from sakya_sync.errors import (
    LinkingError,
    LinkingRefused,
    LinkTextWrong,
    RelayUnreachable,
    SakyaError,
)
from sakya_sync.limits import LINK_SECONDS
from sakya_sync.linking.machine import AskCheckCode, Event, Failed, Linked, Linking, ShowCheckCode
from sakya_sync.linking.payload import Payload
from sakya_sync.linking.shown import Scanning
from sakya_sync.linking.tables import LinkingState
from sakya_sync.session.rooms.mailbox import Kind, Side

GOODBYE_SECONDS: Final = 5.0


class Talk:
    """A mailbox at work; see `drive`."""

    def __init__(self, link: Link, meeting: bytes, side: Side) -> None:
        self._link = link
        self._wake = asyncio.Event()
        self.room = MailboxRoom(link, meeting, side, self._wake.set)

    async def enter(self) -> None:
        """Raises what keeps this device out, RelayUnreachable at once."""
        self._link.attach(self.room)
        await self._until(lambda: self.room.entered, LINK_SECONDS)

    async def drive(
        self, linking: Linking, act: Callable[[Event], Awaitable[None]], person: Person
    ) -> None:
        """Carry messages, and have done what has to be done, until it is over.

        Raises: LinkingRefused with the reason, and what `act` raises.
        """
        acting: set[asyncio.Task[None]] = set()
        warned = False
        try:
            while True:
                self._wake.clear()
                self._turn(linking)
                for event in linking.events():
                    if isinstance(event, Linked):
                        await self._until(lambda: self.room.said, GOODBYE_SECONDS)
                        return
                    if isinstance(event, Failed):
                        await self._say_goodbye()
                        raise LinkingRefused(event.reason.value)
                    task = asyncio.create_task(self._act(act, event))
                    acting.add(task)
                for task in [task for task in acting if task.done()]:
                    acting.discard(task)
                    task.result()
                if self.room.problem is not None:
                    raise self.room.problem
                if self.room.crowded and not warned:
                    warned = True
                    person.told("crowded")
                await self._wait(linking.deadline())
        except (SakyaError, asyncio.CancelledError):
            if linking.state not in (LinkingState.LINKED, LinkingState.FAILED):
                linking.cancel()
                self._turn(linking)
                await self._say_goodbye()
            raise
        finally:
            for task in acting:
                task.cancel()
            await asyncio.gather(*acting, return_exceptions=True)

    async def close(self) -> None:
        """Have the relay throw the mailbox away, if it is there to hear of it."""
        try:
            async with asyncio.timeout(GOODBYE_SECONDS):
                await self.room.ask(bytes((Kind.CLOSE,)))
        except (TimeoutError, SakyaError):
            pass

    def _turn(self, linking: Linking) -> None:
        now = self._link.clock.now()
        for message in self.room.take():
            linking.receive(message, now)
        linking.tick(now)
        if self.room.closed:
            linking.gone()
        for message in linking.outgoing():
            self.room.say(message)

    async def _act(self, act: Callable[[Event], Awaitable[None]], event: Event) -> None:
        try:
            await act(event)
        finally:
            self._wake.set()

    async def _say_goodbye(self) -> None:
        """So that the other device need not wait until time is up."""
        try:
            await self._until(lambda: self.room.said, GOODBYE_SECONDS)
        except SakyaError:
            return
        await self.close()

    async def _until(self, holds: Callable[[], bool], seconds: float) -> None:
        until = self._link.clock.now() + seconds
        while not holds():
            self._wake.clear()
            problem = self.room.problem or self._link.state.problem
            if problem is not None:
                raise problem
            if self._link.clock.now() >= until:
                raise RelayUnreachable("it does not answer", address=self._link.url)
            await self._wait(min(until, self._link.clock.now() + 1.0))

    async def _wait(self, deadline: float | None) -> None:
        clock = self._link.clock
        seconds = 1.0 if deadline is None else max(0.01, deadline - clock.now())
        await set_or_after(self._wake, clock, seconds)


async def ask_or_show(event: Event, linking: Linking, person: Person) -> None:
    if isinstance(event, ShowCheckCode):
        person.show_check_code(event.code)
    elif isinstance(event, AskCheckCode):
        linking.type_check_code(await person.ask_check_code(event.tries))


@asynccontextmanager
async def meeting_in(link: Link, meeting: bytes, side: Side) -> AsyncIterator[Talk]:
    talk = Talk(link, meeting, side)
    try:
        yield talk
    finally:
        link.detach(talk.room)


def scanning_of(payload: Payload, secret: bytes) -> Scanning:
    try:
        return Scanning(payload, secret)
    except LinkingError:
        raise LinkTextWrong("it holds no key") from None
