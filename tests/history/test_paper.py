from base64 import b64decode
from hashlib import sha256

import pytest
from jinja2 import UndefinedError

from sakya_sync.history.paper import PATH_MOST, paper, sheet_hash
from sakya_sync.history.phrases import clean


def printed(template: str, **values: object) -> str:
    return paper(clean).from_string(template).render(**values)


def test_what_a_person_wrote_is_escaped_and_numbers_are_left_alone() -> None:
    assert printed("{{ title }}", title='<script>"&') == "&lt;script&gt;&#34;&amp;"
    assert printed("{{ 12 | number }} {{ count | number }}", count=1234) == "12 1,234"


def test_a_name_that_is_missing_in_a_template_is_an_error_and_not_a_gap() -> None:
    with pytest.raises(UndefinedError):
        printed("{{ nothing }}")


def test_a_path_is_shown_by_folder_and_file_and_kept_short() -> None:
    template = "{% set folder, file = path | folder_and_file %}{{ folder }}|{{ file }}"
    assert printed(template, path="notes/people/orrey.md") == "notes/people/|orrey.md"
    assert printed(template, path="plot.md") == "|plot.md"
    assert len(printed(template, path=f"{'a' * 200}/{'b' * 200}.md")) <= PATH_MOST + 1


def test_a_sheet_is_named_by_its_hash() -> None:
    assert b64decode(sheet_hash("p { }")) == sha256(b"p { }").digest()
