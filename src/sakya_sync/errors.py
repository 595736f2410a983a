"""One tree of errors; each says what happened and what to do next.

    SakyaError
    ├── LimitExceeded            something is larger than it may be
    ├── RemoteViolation          the other end sent what the protocol does not allow
    │   ├── WireError
    │   ├── RecordError
    │   ├── RecordRejected
    │   ├── CertificateInvalid
    │   ├── TicketRefused
    │   ├── UpdateInvalid
    │   └── LinkingError
    ├── DocumentPoisoned         the document must be rebuilt from its records
    ├── KeyMissing               no key on this device opens that
    ├── UsageError               exit 2
    │   ├── AddressInvalid
    │   ├── SettingInvalid
    │   ├── InvitationInvalid
    │   ├── BackupUnusable
    │   ├── DataPresent
    │   ├── FolderNotAProject
    │   ├── FolderAlreadyAProject
    │   ├── FolderMissing
    │   ├── NameInvalid
    │   ├── FileUnknown
    │   ├── ProjectUnknown
    │   ├── ProjectAmbiguous
    │   ├── AccountMissing
    │   ├── AccountPresent
    │   ├── RelayElsewhere
    │   ├── RecoveryWordsWrong
    │   ├── RecoveryKitElsewhere
    │   ├── MomentUnclear
    │   ├── MomentUnknown
    │   ├── MomentAhead
    │   ├── ReferenceInvalid
    │   ├── VersionUnknown
    │   ├── SnapshotPresent
    │   ├── TargetPresent
    │   ├── NothingToUndo
    │   ├── LinkTextWrong
    │   ├── LinkTextExpired
    │   ├── PictureUnreadable
    │   ├── PowerMissing
    │   └── RemovalNeedsKit
    ├── VersionIncomplete        exit 4
    ├── AttentionNeeded          exit 3
    │   └── DeletionHeld
    ├── RelayUnreachable         exit 4
    │   ├── SyncTimeout
    │   └── RelayFaulty
    ├── AccessRefused            exit 5
    │   ├── ClockSkewed
    │   ├── NotRegistered
    │   ├── AccountUnknown
    │   ├── LinkingRefused
    │   ├── LinkingLocked
    │   └── TooManyAttempts
    ├── IntegrityError           exit 6
    │   ├── VaultCorrupt
    │   ├── VaultLocked
    │   ├── RelayHurt
    │   └── DatabaseCorrupt
    └── LocalFault               exit 1
        ├── DiskFull
        ├── PermissionMissing
        ├── AddressInUse
        ├── DeviceBusy
        └── RelayBusy

A class's docstring is the sentence a person reads; `{…}` takes the error's details.
`next` is what to do about it. `code` never changes once released.
"""

from enum import StrEnum
from typing import ClassVar


class SakyaError(Exception):
    """Something went wrong that Sakya Sync has no better name for: {detail}"""

    code: ClassVar[str] = "error"
    exit_status: ClassVar[int] = 1
    next: ClassVar[str] = "Run the command again with -v and report what it prints."

    def __init__(self, detail: str = "", **details: object) -> None:
        self.details: dict[str, str] = {"detail": detail} | {k: str(v) for k, v in details.items()}
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """What happened, in one sentence."""
        return self._fill(self.__class__.__doc__ or "")

    @property
    def hint(self) -> str:
        """What to do next, in one sentence."""
        return self._fill(self.next)

    def _fill(self, template: str) -> str:
        return template.format_map(_Details(self.details))


def error_of(code: str, details: dict[str, str]) -> SakyaError:
    """The error of that code, as another process of this device told it."""
    waiting = [SakyaError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.code == code:
            error = kind(details.get("detail", ""))
            error.details.update(details)
            error.args = (error.message,)
            return error
    return SakyaError(f"{code}: {details.get('detail', '')}")


class _Details(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


class LimitExceeded(SakyaError):
    """Too large: {detail}."""

    code = "limit-exceeded"
    next = "Make it smaller, or split it."


class RemoteViolation(SakyaError):
    """The other end sent something the protocol does not allow: {detail}."""

    code = "remote-violation"
    next = "Check that both ends run a current version of Sakya Sync."


class WireError(RemoteViolation):
    """Malformed frame: {detail}."""

    code = "wire"


class RecordError(RemoteViolation):
    """Malformed record: {detail}."""

    code = "record"


class RecordRejected(RemoteViolation):
    """A record was refused: {detail}."""

    code = "record-rejected"


class CertificateInvalid(RemoteViolation):
    """A certificate was refused: {detail}."""

    code = "certificate-invalid"


class TicketReason(StrEnum):
    """Why a relay refuses a join ticket, in the order it checks."""

    MALFORMED = "malformed"
    SIGNATURE = "signature"
    CLOCK = "clock"
    REPLAYED = "replayed"
    OTHER_DEVICE = "other-device"


class TicketRefused(RemoteViolation):
    """A join ticket was refused: {detail}."""

    code = "ticket-refused"

    @property
    def reason(self) -> TicketReason:
        """Which check failed; MALFORMED for a detail that names none."""
        detail = self.details["detail"]
        return TicketReason(detail) if detail in set(TicketReason) else TicketReason.MALFORMED


class UpdateInvalid(RemoteViolation):
    """An update could not be applied to its document: {detail}."""

    code = "update-invalid"


class LinkingError(RemoteViolation):
    """A message of the other device was refused: {detail}."""

    code = "linking"


class DocumentPoisoned(SakyaError):
    """A document broke off, and what was just done to it is undone: {detail}."""

    code = "document-poisoned"
    next = "Try again; if it happens again, report what `-v` prints."


class KeyMissing(SakyaError):
    """This device holds no key that opens that: {detail}."""

    code = "key-missing"
    next = "Let another device of the account sync first, then try again."


class UsageError(SakyaError):
    """{detail}"""

    code = "usage"
    exit_status = 2
    next = "See `sakya --help`."


class AddressInvalid(UsageError):
    """{address} is not a relay's address."""

    code = "address-invalid"
    next = "Give one like ws://relay.example:7450 or wss://relay.example."


class SettingInvalid(UsageError):
    """The relay's setting {setting} cannot be used: {detail}."""

    code = "setting-invalid"
    next = "See docs/operators.md, and `sakya config show --origin` for what is set where."


class InvitationInvalid(UsageError):
    """That is not an invitation to a relay."""

    code = "invitation-invalid"
    next = "Copy it whole, as who runs the relay sent it."


class BackupUnusable(UsageError):
    """Nothing can be copied from {path}: {detail}."""

    code = "backup-unusable"
    next = "Give the directory that the relay's --data names, or that `sakya relay backup` made."


class DataPresent(UsageError):
    """There is a relay's database in {data} already."""

    code = "data-present"
    next = "Move it away, or name another directory. Nothing was changed."


class FolderNotAProject(UsageError):
    """{folder} is not a project that this device keeps in sync."""

    code = "folder-not-a-project"
    next = "Start one with `sakya init FOLDER --relay URL`, or join one with `sakya join`."


class FolderAlreadyAProject(UsageError):
    """{folder} is already kept in sync."""

    code = "folder-already-a-project"
    next = "Run `sakya sync {folder}`."


class FolderMissing(UsageError):
    """There is no folder {folder}."""

    code = "folder-missing"
    next = "Check the path, or make the folder first."


class NameInvalid(UsageError):
    """{name} cannot be a file name in a project: {detail}."""

    code = "name-invalid"
    next = "Rename it; a name must work on Linux, macOS and Windows."


class FileUnknown(UsageError):
    """{name}: {detail}."""

    code = "file-unknown"
    next = "Check the path; `sakya log --json` names every file that the project ever had."


class ProjectUnknown(UsageError):
    """The account has no project called {name}."""

    code = "project-unknown"
    next = "It has: {projects}. Give one with --project."


class ProjectAmbiguous(UsageError):
    """The account has several projects."""

    code = "project-ambiguous"
    next = "Say which with --project; it has: {projects}."


class AccountMissing(UsageError):
    """This device has no account yet."""

    code = "account-missing"
    next = "Run `sakya init FOLDER --relay URL`, or `sakya join FOLDER --relay URL --recovery`."


class AccountPresent(UsageError):
    """This device already belongs to another account."""

    code = "account-present"
    next = "Use another SAKYA_HOME for another account."


class RelayElsewhere(UsageError):
    """This device's account lives at another relay: {address}."""

    code = "relay-elsewhere"
    next = "Give that address with --relay, or use another SAKYA_HOME for another account."


class RecoveryWordsWrong(UsageError):
    """Those are not the words of a recovery kit: {detail}."""

    code = "recovery-words-wrong"
    next = "Type the 24 words in order, as `sakya recovery show` prints them."


class RecoveryKitElsewhere(UsageError):
    """This device does not hold the recovery kit."""

    code = "recovery-kit-elsewhere"
    next = "Run `sakya recovery show` on the device where `sakya init` ran."


class MomentUnclear(UsageError):
    """“{expression}” can be {one} or {other}."""

    code = "moment-unclear"
    next = "Write {write_one} or {write_other}."


class MomentUnknown(UsageError):
    """“{expression}” is not a moment."""

    code = "moment-unknown"
    next = "Try one of these: {examples}."


class MomentAhead(UsageError):
    """{moment} is still to come."""

    code = "moment-ahead"
    next = "Name a moment that has passed."


class ReferenceInvalid(UsageError):
    """“{reference}” names no version: {detail}."""

    code = "reference-invalid"
    next = "Write one of these: {examples}."


class VersionUnknown(UsageError):
    """There is no snapshot or version “{name}”."""

    code = "version-unknown"
    next = "The nearest: {nearest}. `sakya snapshot list` shows all."


class SnapshotPresent(UsageError):
    """There is a snapshot called {name} already."""

    code = "snapshot-present"
    next = "Choose another name, or rename that one with `sakya snapshot rename`."


class TargetPresent(UsageError):
    """{path} is there already, and is left as it is."""

    code = "target-present"
    next = "Name a folder or a file that does not exist yet."


class NothingToUndo(UsageError):
    """Nothing was restored that could be undone."""

    code = "nothing-to-undo"
    next = "See `sakya snapshot list` for what can be restored."


class VersionIncomplete(SakyaError):
    """Parts of {name} have not come to this device yet."""

    code = "version-incomplete"
    exit_status = 4
    next = "Run `sakya sync`, here or on the device that made it, then try again."


class LinkTextWrong(UsageError):
    """That is no code that links a device: {detail}."""

    code = "link-text-wrong"
    next = "Run `sakya device link` on a device that has your account, and use what it shows."


class LinkTextExpired(UsageError):
    """That code has expired."""

    code = "link-text-expired"
    next = "Run `sakya device link` again, and use the new code within two minutes."


class PictureUnreadable(UsageError):
    """{path} shows no code that links a device: {detail}."""

    code = "picture-unreadable"
    next = "Take the picture from nearer and straight on, or paste the text under it instead."


class RemovalNeedsKit(UsageError):
    """This device came to the account by the one that is to be removed."""

    code = "removal-needs-kit"
    next = "Use another device that may remove it, or the words of your recovery kit."


class PowerMissing(UsageError):
    """This device may not link or remove devices."""

    code = "power-missing"
    next = "Use the device on which `sakya init` ran, or one that was linked with --full."


class AttentionNeeded(SakyaError):
    """Everything else is in sync, but this needs you: {detail}."""

    code = "attention-needed"
    exit_status = 3
    next = "Run `sakya status` to see what."


class DeletionHeld(AttentionNeeded):
    """Much was taken away here at once, so it was not done elsewhere: {detail}."""

    code = "deletion-held"
    next = "Run `sakya approve` if it is meant, or `sakya put-back` to have it all back here."


class RelayUnreachable(SakyaError):
    """The relay {address} does not answer: {detail}."""

    code = "relay-unreachable"
    exit_status = 4
    next = "Your edits are safe on this device. Check the network, then run `sakya sync` again."


class SyncTimeout(RelayUnreachable):
    """Not in sync after {seconds} s: {detail}."""

    code = "sync-timeout"
    next = "Your edits are safe on this device. Run `sakya sync` again, or raise --timeout."


class RelayFaulty(RelayUnreachable):
    """The relay {address} could not take what this device sent: {detail}."""

    code = "relay-faulty"
    next = (
        "Your edits are safe on this device, and are sent once the relay can take them; ask who "
        "runs it to look at its disk and its log."
    )


class AccessRefused(SakyaError):
    """The relay does not let this device in: {detail}."""

    code = "access-refused"
    exit_status = 5
    next = "Check with `sakya status`; the device may have been removed from the account."


class ClockSkewed(AccessRefused):
    """This device's clock and the relay's are {seconds} s apart, and the relay allows 60."""

    code = "clock-skewed"
    next = "Set this device's clock right, then run the command again. Nothing is lost."


class NotRegistered(AccessRefused):
    """The relay {address} does not take this account."""

    code = "not-registered"
    next = "Ask who runs it for an invitation, then run `sakya sync --invitation WORD`."


class AccountUnknown(AccessRefused):
    """The relay {address} knows no account with these recovery words."""

    code = "account-unknown"
    next = "Check the words, and that this is the relay the account lives on."


class LinkingRefused(AccessRefused):
    """The devices were not linked: {detail}."""

    code = "linking-refused"
    next = "Nothing was handed over. Run `sakya device link` again if it was you."


class LinkingLocked(AccessRefused):
    """Three codes were guessed wrong, so that no code is made for {minutes} minutes."""

    code = "linking-locked"
    next = "Wait, or link by the picture or the text that `sakya device link` shows."


class TooManyAttempts(AccessRefused):
    """The relay takes no more attempts for now."""

    code = "too-many-attempts"
    next = "Wait {seconds} s, then try again."


class IntegrityError(SakyaError):
    """Something on this device or at the relay is not what was written: {detail}."""

    code = "integrity"
    exit_status = 6
    next = "Copy the project's folder somewhere safe, then join again with the recovery kit."


class VaultCorrupt(IntegrityError):
    """The vault with this device's keys is damaged: {detail}."""

    code = "vault-corrupt"
    next = (
        "Your files are untouched. Move {path} away, then run "
        "`sakya join FOLDER --relay URL --recovery` to come back with new keys."
    )


class VaultLocked(IntegrityError):
    """The vault with this device's keys does not open: {detail}."""

    code = "vault-locked"
    next = "Give the right passphrase in SAKYA_PASSPHRASE, or unlock the system's keyring."


class RelayHurt(IntegrityError):
    """Not all that this relay keeps is as it was written: {detail}."""

    code = "relay-hurt"
    next = (
        "Stop the relay, move its data away and restore the last backup: devices send what they "
        "wrote since."
    )


class DatabaseCorrupt(IntegrityError):
    """The database {path} is damaged."""

    code = "database-corrupt"
    next = "Nothing in your folder was touched. Move that file away; {remedy}."


class LocalFault(SakyaError):
    """This computer would not do it: {detail}."""

    code = "local-fault"
    next = "Nothing was lost. Mend what it says, then run the command again."


class DiskFull(LocalFault):
    """There is no space left to write {path}."""

    code = "disk-full"
    next = "Free some space, then run the command again. Nothing was lost."


class PermissionMissing(LocalFault):
    """{path} may not be read or written by this user."""

    code = "permission-missing"
    next = "Give yourself the right to read and write it, then run the command again."


class AddressInUse(LocalFault):
    """Another program already listens on {address}."""

    code = "address-in-use"
    next = "Stop that program, or give another address with --listen."


class DeviceBusy(LocalFault):
    """Another sakya process is already syncing {folder}."""

    code = "device-busy"
    next = "Stop the other one (process {pid}), or wait for it."


class RelayBusy(LocalFault):
    """Another relay already keeps its records in {data}."""

    code = "relay-busy"
    next = "Stop the other one (process {pid}), or give another directory with --data."
