from sakya_sync.access.closure import MAIN, Context, close
from sakya_sync.access.power import Power

from .people import Graph, key


def closed(graph: Graph, *excluded: str) -> Context:
    contexts = [
        Context(frozenset(key(name) for name in excluded), {edge.subject for edge in graph.edges})
    ]
    close(graph.edges, contexts, {})
    return contexts[MAIN]


def test_power_is_the_least_along_a_route_and_the_best_of_all_routes() -> None:
    graph = Graph()
    graph.grant("project", "role", "project", Power.WRITE)
    graph.grant("role", "ann", "role", Power.ADMIN)
    graph.grant("project", "ann", "project", Power.READ)
    reached = closed(graph)
    assert reached.level(key("project"), key("ann")) == Power.WRITE
    assert reached.level(key("role"), key("ann")) == Power.ADMIN


def test_an_issuer_that_reaches_nothing_hands_on_nothing() -> None:
    graph = Graph()
    graph.grant("stranger", "friend", "project")
    assert closed(graph).level(key("project"), key("friend")) is None


def test_delegations_in_a_ring_hold_nothing_up() -> None:
    graph = Graph()
    graph.grant("ann", "ben", "project")
    graph.grant("ben", "ann", "project")
    assert closed(graph).level(key("project"), key("ann")) is None


def test_an_issuer_may_be_reached_after_its_delegation_is_read() -> None:
    graph = Graph()
    graph.grant("ben", "cid", "project", Power.WRITE)
    graph.grant("ann", "ben", "project", Power.READ)
    graph.grant("project", "ann", "project")
    assert closed(graph).level(key("project"), key("cid")) == Power.READ


def test_an_excluded_issuer_ends_a_route_but_is_still_reached() -> None:
    graph = Graph()
    graph.grant("project", "ann", "project")
    graph.grant("ann", "ben", "project")
    reached = closed(graph, "ann")
    assert reached.level(key("project"), key("ann")) == Power.ADMIN
    assert reached.level(key("project"), key("ben")) is None


def test_everybody_is_admin_of_themselves() -> None:
    assert closed(Graph()).level(key("ann"), key("ann")) == Power.ADMIN
