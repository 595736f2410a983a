"""What people do to each other, and what comes of it."""

from sakya_sync.access.power import Power

from .people import Graph


def project_with(*admins: str) -> Graph:
    graph = Graph()
    for name in admins:
        graph.grant("project", name, "project")
    return graph


def test_whoever_delegated_can_always_take_it_back() -> None:
    graph = project_with("ann")
    granted = graph.grant("ann", "ben", "project", Power.WRITE)
    graph.grant("ben", "cid", "project", Power.READ)
    graph.revoke("ann", granted)
    assert graph.power("project", "ben") is None
    assert graph.power("project", "cid") is None


def test_the_same_delegation_issued_again_stays_revoked() -> None:
    graph = project_with("ann")
    graph.revoke("ann", graph.grant("ann", "ben", "project"))
    graph.grant("ann", "ben", "project")
    assert graph.power("project", "ben") is None


def test_whoever_was_delegated_to_can_always_renounce() -> None:
    graph = project_with("ann")
    graph.revoke("ben", graph.grant("ann", "ben", "project", Power.PULL))
    assert graph.power("project", "ben") is None
    assert graph.ever("project", "ben") == Power.PULL


def test_when_two_admins_revoke_each_other_both_revocations_stand() -> None:
    graph = Graph()
    ann = graph.grant("project", "ann", "project")
    ben = graph.grant("project", "ben", "project")
    graph.revoke("ann", ben)
    graph.revoke("ben", ann)
    assert graph.power("project", "ann") is None
    assert graph.power("project", "ben") is None


def test_an_admin_cuts_what_hangs_below_it_however_deep() -> None:
    graph = project_with("ann")
    graph.grant("ann", "ben", "project")
    deep = graph.grant("ben", "cid", "project")
    graph.grant("cid", "dan", "project")
    graph.revoke("ann", deep)
    assert graph.power("project", "ben") == Power.ADMIN
    assert graph.power("project", "cid") is None
    assert graph.power("project", "dan") is None


def test_nobody_cuts_the_branch_they_stand_on() -> None:
    graph = Graph()
    root = graph.grant("project", "role", "project", Power.WRITE)
    graph.grant("role", "ann", "role")
    graph.revoke("ann", root)
    assert graph.power("project", "ann") == Power.WRITE
    assert graph.power("project", "role") == Power.WRITE


def test_under_a_root_below_admin_only_the_subject_takes_it_away() -> None:
    graph = Graph()
    root = graph.grant("project", "ann", "project", Power.WRITE)
    graph.grant("ann", "ben", "project", Power.WRITE)
    graph.revoke("ben", root)
    assert graph.power("project", "ann") == Power.WRITE
    graph.revoke("project", root)
    assert graph.power("project", "ann") is None


def test_under_a_root_at_admin_every_admin_takes_it_away() -> None:
    graph = Graph()
    root = graph.grant("project", "ann", "project")
    graph.grant("ann", "ben", "project")
    graph.revoke("ben", root)
    assert graph.power("project", "ann") is None
    assert graph.power("project", "ben") is None


def test_a_former_admin_still_denies_what_it_once_reached() -> None:
    graph = project_with("ben")
    ann = graph.grant("project", "ann", "project")
    graph.revoke("project", ann)
    assert graph.power("project", "ann") is None
    late = graph.grant("project", "cid", "project", Power.WRITE)
    assert graph.power("project", "cid") == Power.WRITE
    graph.revoke("ann", late)
    assert graph.power("project", "cid") is None


def test_a_former_admin_gives_nothing_any_more() -> None:
    graph = Graph()
    graph.revoke("project", graph.grant("project", "ann", "project"))
    graph.grant("ann", "mole", "project")
    assert graph.power("project", "mole") is None


def test_a_regrant_that_cites_the_revocation_heals_what_hung_below() -> None:
    graph = project_with("ann")
    granted = graph.grant("ann", "ben", "project")
    graph.grant("ben", "cid", "project", Power.READ)
    graph.revoke("ann", granted)
    assert graph.power("project", "cid") is None
    graph.grant("ann", "ben", "project", cites="that revocation")
    assert graph.power("project", "ben") == Power.ADMIN
    assert graph.power("project", "cid") == Power.READ


def test_the_cut_of_one_without_admin_is_confined_to_its_own_line() -> None:
    graph = project_with("ann")
    graph.grant("ann", "wes", "project", Power.WRITE)
    below = graph.grant("wes", "cid", "project", Power.READ)
    beside = graph.grant("ann", "dan", "project", Power.READ)
    graph.revoke("wes", below)
    graph.revoke("wes", beside)
    assert graph.power("project", "cid") is None
    assert graph.power("project", "dan") == Power.READ


def test_a_cut_spares_those_who_are_reached_another_way() -> None:
    graph = Graph()
    graph.grant("project", "role", "project", Power.WRITE)
    graph.grant("role", "ann", "role")
    graph.grant("role", "ben", "role", Power.WRITE)
    granted = graph.grant("ben", "cid", "project", Power.READ)
    graph.revoke("ann", granted)
    assert graph.power("project", "cid") is None
    graph.grant("project", "ben", "project", Power.READ)
    assert graph.power("project", "cid") == Power.READ


def test_a_new_role_escapes_the_admins_of_the_old_one() -> None:
    graph = Graph()
    old = graph.grant("project", "role", "project", Power.WRITE)
    graph.grant("role", "ann", "role")
    graph.grant("role", "eve", "role")
    graph.revoke("project", old)
    fresh = graph.grant("project", "role 2", "project", Power.WRITE)
    kept = graph.grant("role 2", "ann", "role 2")
    graph.revoke("eve", fresh)
    graph.revoke("eve", kept)
    assert graph.power("project", "ann") == Power.WRITE
    assert graph.power("project", "eve") is None


def test_a_role_hands_its_members_no_more_than_it_was_given() -> None:
    graph = Graph()
    graph.grant("project", "moderators", "project", Power.READ)
    graph.grant("moderators", "ann", "moderators")
    graph.grant("ann", "ben", "project", Power.WRITE)
    assert graph.power("project", "ben") == Power.READ
    graph.grant("project", "moderators", "project", Power.WRITE)
    assert graph.power("project", "ben") == Power.WRITE


def test_a_removed_device_takes_those_it_enrolled_with_it() -> None:
    graph = Graph()
    graph.grant("project", "account", "project")
    laptop = graph.grant("account", "laptop", "account")
    graph.grant("laptop", "phone", "account", Power.WRITE)
    assert graph.power("project", "phone") == Power.WRITE
    graph.revoke("account", laptop)
    assert graph.power("project", "laptop") is None
    assert graph.power("project", "phone") is None
    assert graph.power("project", "account") == Power.ADMIN
