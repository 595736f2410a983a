"""TLS by certificate files, which can be exchanged while the relay runs."""

import ssl

from sakya_sync.errors import SettingInvalid
from sakya_sync.relay.config import TlsFiles


class Tls:
    """A context for listening. Raises SettingInvalid, when the files are of no use."""

    def __init__(self, files: TlsFiles) -> None:
        self._files = files
        self.context = self._load()

    def reload(self) -> None:
        """Read the files again; new connections get what is in them now.

        Raises: SettingInvalid, and then everything stays as it was.
        """
        self._load()
        self.context.load_cert_chain(self._files.certificate, self._files.key)

    def _load(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        try:
            context.load_cert_chain(self._files.certificate, self._files.key)
        except ssl.SSLError as error:
            detail = f"{self._files.certificate} and {self._files.key}: {error.reason}"
            raise SettingInvalid(detail, setting="tls-certificate") from error
        except OSError as error:
            detail = f"{self._files.certificate} and {self._files.key}: {error.strerror}"
            raise SettingInvalid(detail, setting="tls-certificate") from error
        return context
