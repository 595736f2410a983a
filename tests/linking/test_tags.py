from sakya_sync.linking.tags import account_tag, device_tag

from .pair import ACCOUNT, LAPTOP, TABLET, TABLET_LOCK


def test_a_tag_names_both_keys_of_a_device() -> None:
    named = device_tag(TABLET.public, TABLET_LOCK.public)
    assert len(named) == 16
    assert named != device_tag(LAPTOP.public, TABLET_LOCK.public)
    assert named != device_tag(TABLET.public, type(TABLET_LOCK)(b"x" * 32).public)


def test_a_tag_names_one_account() -> None:
    assert len(account_tag(ACCOUNT)) == 16
    assert account_tag(ACCOUNT) != ACCOUNT[:16]
