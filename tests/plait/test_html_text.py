"""HTML out of texts: what a reader sees stays, nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.html_text import has_html, strip_html

PIECES = st.sampled_from(
    [
        "a",
        " ",
        "<",
        ">",
        "&",
        ";",
        "<b>",
        "</b>",
        "<br/>",
        "<script>",
        "</script>",
        "<![CDATA[",
        "]]>",
        "&amp;",
        "&lt;",
        "x=1",
    ]
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<p>Fresh <b>bread</b></p>", "Fresh bread"),
        ("one<br>two<br/>three", "one two three"),
        ("<ul><li>one</li><li>two</li></ul>", "one two"),
        ("half<b>word</b>s", "halfwords"),
        ("salt &amp; pepper &#39;n&#x27; more", "salt & pepper 'n' more"),
        ("caf&eacute;&nbsp;au lait", "café au lait"),
        ("a<script>alert('b > c')</script>d", "a d"),
        ("a<style>b { color: red }</style>d", "a d"),
        ("a<script>never closed", "a"),
        ("a<!-- hidden -->b", "ab"),
        ("<a href='x' title=\"1 > 0\">link</a>", "link"),
        ("&lt;p&gt;escaped&lt;/p&gt;", "escaped"),
        ("&amp;lt;p&amp;gt;twice&amp;lt;/p&amp;gt;", "twice"),
        ("<!DOCTYPE html><html><head><title>T</title></head><body>B</body></html>", "T B"),
        ("<P CLASS=x>loud</P>", "loud"),
        ("a <script async>b</script>", "a"),
        ("a <hr noshade /> b", "a b"),
        ("line\n<p>break</p>\nline", "line break line"),
    ],
)
def test_what_a_reader_sees(text: str, shown: str) -> None:
    assert has_html(text)
    assert strip_html(text) == shown


@pytest.mark.parametrize(
    "text",
    ["", "plain", "AT&T", "a < b and c > d", "if a<b then b>a", "I <3 you", "x <y> z", "  two  blanks\n", "R&D &"],
)
def test_other_text_comes_back_as_it_is(text: str) -> None:
    assert not has_html(text)
    assert strip_html(text) == text


def test_what_only_looks_like_an_entity_stays() -> None:
    assert strip_html("Q&A; more &nosuchthing;") == "Q&A; more &nosuchthing;"


@given(st.lists(PIECES, max_size=20).map("".join))
def test_once_is_enough(text: str) -> None:
    once = strip_html(text)
    assert strip_html(once) == once
    assert "<script>" not in once
    assert "<b>" not in once


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        # Entities: by name, number and number of base 16; without an end; of what no text may hold.
        ("&lt;3 &gt; &quot;x&quot; &apos;y&apos;", "<3 > \"x\" 'y'"),
        ("&#8364;5 &#x20AC;5 &euro;5", "€5 €5 €5"),
        ("&copy 2026 &amp; more &mdash; &hellip;", "© 2026 & more — …"),
        ("5&nbsp;&times;&nbsp;3&#160;cm", "5 × 3 cm"),
        ("null&#0;byte &#x110000;", "null\ufffdbyte \ufffd"),
        # Script and style, with what looks like their end inside, and other things that are not shown.
        ("a<script>if (a</b) x('</p>')</script>b", "a b"),
        ("a<script src='x.js'></script><style media=print>p > a {}</style>b", "a b"),
        ("a<SCRIPT>x</SCRIPT >b", "a b"),
        ("a<script><!-- x --></script>b<style>/* </sty */</style>c", "a b c"),
        # Nested, and closed in another order or never.
        ("<div><ul><li>one<ul><li>two</li></ul></li></ul></div>", "one two"),
        ("<b><i>both</b></i> plain", "both plain"),
        ("<p>never <b>closed", "never closed"),
        ("</p>closed only</div>", "closed only"),
        ("<table><tr><td>a<td>b<tr><td>c</table>", "a b c"),
        # Broken markup.
        # What never ends stays.
        ("<p class='a>b</p>c", "<p class='a>b c"),
        ("<p>tail <b", "tail <b"),
        ("a<br>b<", "a b<"),
        ("<p>1 < 2 and 3 > 2</p>", "1 < 2 and 3 > 2"),
        ("<p><<b>>x</b></p>", "<>x"),
        # Comments, declarations and CDATA.
        ("a<!-- <p>x</p> --><p>b</p>", "a b"),
        ("<p>a</p><!-- never closed <p>b</p>", "a <!-- never closed <p>b"),
        ("<p><![CDATA[Fish & Chips]]></p>", "Fish & Chips"),
        ("<![CDATA[<p>Fish</p> &amp; Chips]]>", "Fish & Chips"),
        ("<p>a</p><![CDATA[never closed", "a never closed"),
        ("<?xml version='1.0'?><p>x</p>", "x"),
    ],
)
def test_markup_as_it_comes(text: str, shown: str) -> None:
    assert strip_html(text) == shown
