import pytest

from sakya_sync.access.power import Power
from sakya_sync.errors import CertificateInvalid


def test_powers_are_ordered_and_their_tags_are_letters() -> None:
    assert Power.PULL < Power.READ < Power.WRITE < Power.ADMIN
    assert bytes(power.tag for power in Power) == b"PRWA"


def test_a_tag_names_its_power_and_others_are_refused() -> None:
    for tag in range(256):
        if tag in b"PRWA":
            assert Power.from_tag(tag).tag == tag
        else:
            with pytest.raises(CertificateInvalid):
                Power.from_tag(tag)
