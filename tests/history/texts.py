"""Texts that writers have, and texts that nobody wrote."""

from hypothesis import strategies as st

CHAPTER = """---
title: "The Salt Road"
status: draft
target_words: 3000
---

The salt has to be weighed twice, once by the carrier and once by whoever takes it.

Nobody on the road had ever asked why. It was done, and the ledgers agreed.

"You look tired," Ines said. She did not look up from the scale.

"I'm always tired."

---

In spring the ford was too high to cross, and the mules stood in the yard for nine days.
"""

pieces = st.sampled_from(
    [
        *("salt", "road", "don't", "weighs", "the", "e\u0301te\u0301", "naïve", "漢字", "かな"),
        *(
            "שלום",
            "مرحبا",
            "한국어",
            "👩‍👩‍👧",
            "🏳️‍🌈",
            "☕️",
            "---",
            "- ",
            "title: x",
            "[[Elena|her]]",
        ),
        *(".", ",", "—", "…", "“", "”", "*", "_", "#", ">", "`", "<!--", "-->", "](", ")"),
        *(
            " ",
            "  ",
            "\t",
            "\n",
            "\n",
            "\n\n",
            "\n\n",
            "\r\n",
            "\r\n\r\n",
            "\r",
            "\u00a0",
            "\u2028",
        ),
    ]
)
made = st.lists(pieces, max_size=40).map("".join)
texts = st.one_of(made, st.text(max_size=60))


@st.composite
def revisions(draw: st.DrawFn) -> tuple[str, str]:
    """A text, and what may have become of it: pieces moved, dropped, added and exchanged."""
    old = draw(st.lists(pieces, max_size=40))
    new = list(old)
    for _ in range(draw(st.integers(0, 5))):
        at, to = draw(st.integers(0, len(new))), draw(st.integers(0, len(new)))
        at, to = min(at, to), max(at, to)
        moving = new[at:to]
        match draw(st.sampled_from(["drop", "add", "move", "exchange"])):
            case "drop":
                del new[at:to]
            case "add":
                new[at:at] = draw(st.lists(pieces, max_size=4))
            case "move":
                del new[at:to]
                where = draw(st.integers(0, len(new)))
                new[where:where] = moving
            case _:
                new[at:to] = draw(st.lists(pieces, max_size=4))
    return "".join(old), "".join(new)
