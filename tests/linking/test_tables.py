from sakya_sync.linking.tables import ENDED, LINKING, LinkingSignal, LinkingState
from sakya_sync.session.tables import markdown


def test_every_state_can_be_reached() -> None:
    reached = {LinkingState.MEETING}
    for _ in LINKING:
        reached |= {to for (state, _), to in LINKING.items() if state in reached}
    assert reached == set(LinkingState)


def test_every_signal_means_something_somewhere() -> None:
    assert {signal for _, signal in LINKING} == set(LinkingSignal)


def test_nothing_leaves_an_end_and_everything_else_can_fail() -> None:
    assert not any(state in ENDED for state, _ in LINKING)
    for state in set(LinkingState) - ENDED:
        assert LINKING[state, LinkingSignal.FAILED] is LinkingState.FAILED


def test_keys_are_handed_over_after_a_person_approved_and_never_else() -> None:
    before = {state for (state, _), to in LINKING.items() if to is LinkingState.PROVISIONING}
    assert before == {LinkingState.APPROVING}
    assert len(markdown(LINKING).splitlines()) == len(LINKING) + 2
