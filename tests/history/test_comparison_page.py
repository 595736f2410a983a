import re
from base64 import b64encode
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from sakya_sync.history.compare import FileComparison, compare
from sakya_sync.history.comparison_page import SAME_LETTERS_MAX, comparison_page

from .texts import CHAPTER, revisions

ELEMENTS = frozenset(
    [
        *("html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section"),
        *("h1", "h2", "p", "dl", "dt", "dd", "div", "ol", "li", "a", "span", "bdi", "ins", "del"),
        *("details", "summary"),
    ]
)
ATTRIBUTES = frozenset(
    [
        *("lang", "charset", "http-equiv", "content", "name", "class", "id", "href", "dir"),
        "aria-hidden",
    ]
)


class Reader(HTMLParser):
    """Reads a page as a browser would, and fails at what the page must not have."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.links: list[str] = []
        self.places: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ELEMENTS
        assert {name for name, _ in attrs} <= ATTRIBUTES
        given = dict(attrs)
        self.links += [given["href"] or ""] if "href" in given else []
        self.places += [given["id"] or ""] if "id" in given else []
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data


def made(*files: FileComparison, project: str = "The Salt Road") -> str:
    return comparison_page(project, "first draft", "now", files)


def changed(old: str, new: str, path: str = "manuscript/ford.md") -> FileComparison:
    return FileComparison(path, path, compare(old, new))


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert not reader.open
    assert len(reader.places) == len(set(reader.places))
    assert {link.removeprefix("#") for link in reader.links} <= set(reader.places)
    assert all(link.startswith("#") for link in reader.links)
    return reader


def test_a_page_shows_what_was_added_and_removed() -> None:
    html = made(changed(CHAPTER, CHAPTER.replace("nine days", "eleven long days")))
    assert "for <del>nine</del><ins>eleven long</ins> days." in html
    text = read(html).text
    assert "The Salt Road" in text
    assert "From first draft to now" in text
    assert re.search(r"words added\s*\+2", text)
    assert "5 lines and 4 paragraphs are the same" in text


def test_the_policy_allows_the_pages_own_style_and_nothing_else() -> None:
    html = made(changed("One.", "Two."))
    (sheet,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    digest = b64encode(sha256(sheet.encode()).digest()).decode()
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', html)
    assert unescape(policy) == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert "url(" not in sheet
    assert "@import" not in sheet


def test_what_is_the_same_is_folded_away() -> None:
    old = "\n\n".join(f"Paragraph {number} is about salt." for number in range(9))
    text = read(made(changed(old, old.replace("8 is", "8 was")))).text
    assert "7 paragraphs are the same" in text
    assert "Paragraph 3 is about salt." in text


def test_a_very_long_page_leaves_out_what_is_the_same() -> None:
    old = "\n\n".join([*(["Salt " * 20_000] * (SAME_LETTERS_MAX // 90_000)), "One.", "Two."])
    html = made(changed(old, old.replace("Two.", "Two three.")))
    assert len(html) < 50_000
    assert "paragraphs are the same" in read(html).text


def test_a_moved_paragraph_leads_to_where_it_was_and_back() -> None:
    salt = "The salt has to be weighed twice."
    ford = "In spring the ford was too high."
    found = read(made(changed(f"{salt}\n\n{ford}", f"{ford}\n\n{salt}")))
    assert sorted(found.links) == sorted(f"#{place}" for place in found.places if "-" in place)
    assert "moved from paragraph" in found.text
    assert "moved to paragraph" in found.text


def test_paragraphs_that_moved_together_lead_back_from_the_first() -> None:
    scene = ["The ford was too high for the mules.", "“No.”", "So we sat down there and waited."]
    rest = [f"Paragraph {number} tells of a day on the road." for number in range(1, 9)]
    new = [*rest, *scene[:2], "So we sat up there and waited."]
    found = read(made(changed("\n\n".join([*scene, *rest]), "\n\n".join(new))))
    assert len(found.links) == 2
    assert "moved from paragraphs 1 to 3" in found.text


def test_every_file_is_listed_whatever_became_of_it() -> None:
    html = made(
        FileComparison(None, "new.md", compare("", "Salt.")),
        FileComparison("old.md", None, compare("Ford.", "")),
        FileComparison("map.png", "map.png", None),
        FileComparison("a.md", "b.md", compare("Same.", "Same.")),
    )
    text = read(html).text
    for told in ("new, +1 word", "removed, −1 word", "not text", "was a.md"):
        assert text.count(told) == 2
    assert "Nothing is different." in read(made()).text


def test_without_a_project_the_page_is_called_what_it_shows() -> None:
    assert "<title>What changed: from first draft to now</title>" in made(project="")


@settings(max_examples=40)
@given(revisions(), st.text(max_size=20))
def test_what_a_person_wrote_is_text_and_never_markup(texts: tuple[str, str], name: str) -> None:
    markup = "<script>x()</script>\"'><img src=x onerror=y> &lt; {{ 7 * 7 }} {% x %}"
    old, new = (f"{markup} {text} {markup}" for text in texts)
    file = FileComparison(f"{name}{markup}.md", f"{markup}{name}.md", compare(old, new))
    text = read(made(file, project=name + markup)).text
    assert "<script>x()</script>" in text
    assert "{{ 7 * 7 }}" in text


def test_no_screen_is_sent_what_would_steer_it() -> None:
    html = made(changed("a\x1b[31m\x00 b", "a\u202e c\x7f\x9b"), project="x\x00\u2066")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", html)
