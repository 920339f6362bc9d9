"""Word, OpenDocument and HTML: what their own libraries lose is read, and what is hostile is refused."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace

import docx
import odfdo
import pytest
from documents_samples import docx_of, html_of, odt_of, rewritten, saved
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from ingestion.documents.limits import LIMITS, MIB
from ingestion.documents.model import Document
from ingestion.documents.opendocument import read_opendocument
from ingestion.documents.refusal import Refusal
from ingestion.documents.web import encoding_of, read_web
from ingestion.documents.word import read_word

W = nsdecls("w")
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "dix">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]>"
)


def texts(document: Document, *kinds: str) -> list[str]:
    return [document.text[b.start : b.end] for b in document.blocks if not kinds or b.kind in kinds]


def word(*body: str) -> Document:
    """A Word document whose body holds this XML."""
    document = docx.Document()
    for xml in body:
        document.element.body.insert(len(document.element.body) - 1, parse_xml(xml.replace(">", f" {W}>", 1)))
    return read_word(saved(document), LIMITS)


def p(content: str) -> str:
    return f"<w:p>{content}</w:p>"


def r(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def test_content_controls_insertions_and_links_are_read_and_deletions_are_not() -> None:
    document = word(
        "<w:sdt><w:sdtContent>" + p(r("Dans un formulaire")) + "</w:sdtContent></w:sdt>",
        p(
            r("Soit ")
            + "<w:del><w:r><w:delText>910</w:delText></w:r></w:del>"
            + f"<w:ins>{r('1 811')}</w:ins>"
            + f"<w:hyperlink>{r(' maisons')}</w:hyperlink>"
            + "<w:r><w:instrText> PAGE </w:instrText></w:r>"
        ),
    )
    assert texts(document) == ["Dans un formulaire", "Soit 1 811 maisons"]


def test_text_boxes_stand_after_their_paragraph_once() -> None:
    box = "<w:txbxContent>" + p(r("228 infirmières")) + "</w:txbxContent>"
    mc = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    document = word(
        p(
            r("Le bilan")
            + f"<w:r><mc:AlternateContent {mc}><mc:Choice Requires='wps'>{box}</mc:Choice>"
            + f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
        )
    )
    assert texts(document) == ["Le bilan", "228 infirmières"]


def test_text_boxes_in_cells_and_margins_are_read_once() -> None:
    box = "<w:r><w:pict><w:txbxContent>" + p(r("228")) + "</w:txbxContent></w:pict></w:r>"
    document = word(f"<w:tbl><w:tr><w:tc>{p(r('Infirmières') + box)}</w:tc><w:tc>{p(r('2018'))}</w:tc></w:tr></w:tbl>")
    assert document.text == "Infirmières 228\t2018\n"


def test_the_texts_of_a_diagram_stand_after_their_paragraph() -> None:
    names = (
        'xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    )
    document = docx.Document()
    drawing = f"<w:drawing><dgm:relIds {names} r:dm='rId99'/></w:drawing>"
    document.element.body.insert(
        0, parse_xml(p(r("Trois leviers") + f"<w:r>{drawing}</w:r>").replace(">", f" {W}>", 1))
    )
    content = saved(document)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        relations = archive.read("word/_rels/document.xml.rels")
    entry = b'<Relationship Id="rId99" Type="x" Target="diagrams/data1.xml"/></Relationships>'
    points = "".join(f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p>" for text in ("Former", "400 postes"))
    changed = {
        "word/_rels/document.xml.rels": relations.replace(b"</Relationships>", entry),
        "word/diagrams/data1.xml": f"<dgm:dataModel {names}>{points}</dgm:dataModel>".encode(),
    }
    assert texts(read_word(rewritten(content, changed), LIMITS)) == ["Trois leviers", "Former", "400 postes"]


def test_breaks_hyphens_tabs_and_raised_digits() -> None:
    document = word(
        p(
            r("Une ligne")
            + "<w:r><w:br/></w:r>"
            + r("une autre, non")
            + "<w:r><w:noBreakHyphen/></w:r>"
            + r("dits")
            + "<w:r><w:tab/></w:r>"
            + r("2500")
            + r("2", '<w:vertAlign w:val="superscript"/>')
            + r(" le 1")
            + r("er", '<w:vertAlign w:val="superscript"/>')
        )
    )
    assert texts(document) == ["Une ligne\nune autre, non-dits 2500² le 1er"]


def test_headings_and_items_by_inherited_styles() -> None:
    document = docx.Document()
    chapter = document.styles.add_style("Chapitre", 1)
    chapter.base_style = document.styles["Heading 2"]
    document.add_paragraph("Un chapitre", style="Chapitre")
    document.add_paragraph("Un titre", style="Title")
    document.add_paragraph("Une puce", style="List Bullet 2")
    document.add_paragraph("Du texte")
    blocks = read_word(saved(document), LIMITS).blocks
    assert [block.kind for block in blocks] == ["heading", "heading", "list_item", "paragraph"]


def test_nested_and_merged_cells_keep_their_words() -> None:
    document = docx.Document()
    table = document.add_table(2, 2)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "Installations"
    table.cell(1, 0).text = "2015"
    table.cell(1, 1).add_table(1, 1).cell(0, 0).text = "157"
    assert read_word(saved(document), LIMITS).text == "Installations\n2015\t157\n"


def test_word_margins_notes_and_title() -> None:
    document = docx.Document()
    document.core_properties.title = "Le bilan"
    document.sections[0].header.paragraphs[0].text = "Ministère"
    document.sections[0].footer.paragraphs[0].text = "Page 1"
    document.add_paragraph("Le texte")
    notes = f"<w:footnotes {W}><w:footnote w:id='1'>{p(r('Source : DREES, 2016'))}</w:footnote></w:footnotes>"
    read = read_word(rewritten(saved(document), {"word/footnotes.xml": notes.encode()}), LIMITS)
    assert [(block.kind, text) for block, text in zip(read.blocks, texts(read), strict=True)] == [
        ("header", "Ministère"),
        ("paragraph", "Le texte"),
        ("paragraph", "Source : DREES, 2016"),
        ("footer", "Page 1"),
    ]
    assert read.title == "Le bilan"


def test_the_main_part_is_found_whatever_it_is_called() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx_of())) as before, zipfile.ZipFile(stream, "w") as after:
        for name in before.namelist():
            content = before.read(name).replace(b"word/document.xml", b"word/document7.xml")
            after.writestr(name.replace("word/document.xml", "word/document7.xml"), content)
    assert read_word(stream.getvalue(), LIMITS).text == read_word(docx_of(), LIMITS).text


def odt(body: str, styles: str = "") -> Document:
    """An OpenDocument text with this XML as its text and its automatic styles."""
    names = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
        for short, long in (
            ("office", "office"),
            ("text", "text"),
            ("table", "table"),
            ("draw", "drawing"),
            ("style", "style"),
        )
    )
    content = (
        f"<office:document-content {names}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    return read_opendocument(rewritten(odt_of(), {"content.xml": content.encode()}), LIMITS)


def test_opendocument_spaces_breaks_notes_and_frames() -> None:
    document = odt(
        "<text:p>Soit<text:s text:c='3'/>1<text:s/>811\n maisons<text:note><text:note-citation>1</text:note-citation>"
        "<text:note-body><text:p>Source : DREES</text:p></text:note-body></text:note>,<text:line-break/>en 2018"
        "<draw:frame><draw:text-box><text:p>228 infirmières</text:p></draw:text-box></draw:frame></text:p>"
        "<text:section><text:p>Dans <office:annotation><text:p>à revoir</text:p></office:annotation>une section"
        "</text:p>"
        "</text:section><text:section text:display='none'><text:p>caché</text:p></text:section>"
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>910</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes>"
    )
    assert texts(document) == ["Soit 1 811 maisons,\nen 2018", "228 infirmières", "Dans une section", "Source : DREES"]


def test_shapes_with_text_stand_after_their_paragraph_or_in_their_cell() -> None:
    shape = "<draw:custom-shape><text:p>228 infirmières</text:p></draw:custom-shape>"
    document = odt(
        f"<text:p>Le bilan{shape}</text:p><table:table><table:table-row><table:table-cell><text:p>2018{shape}</text:p>"
        "</table:table-cell></table:table-row></table:table><text:p>Fin</text:p>"
    )
    assert texts(document) == ["Le bilan", "228 infirmières", "2018 228 infirmières", "Fin"]


def test_opendocument_raised_digits_and_lists() -> None:
    document = odt(
        "<text:p>2500<text:span text:style-name='T1'>2</text:span></text:p>"
        "<text:list><text:list-item><text:p>un</text:p><text:list><text:list-item><text:p>deux</text:p>"
        "</text:list-item></text:list></text:list-item></text:list>",
        "<style:style style:name='T1'><style:text-properties style:text-position='super 58%'/></style:style>",
    )
    assert [(block.kind, text) for block, text in zip(document.blocks, texts(document), strict=True)] == [
        ("paragraph", "2500²"),
        ("list_item", "un"),
        ("list_item", "deux"),
    ]


def test_repeated_rows_and_cells_are_not_multiplied() -> None:
    row, cell = (
        "<table:table-row table:number-rows-repeated='9999'>",
        "<table:table-cell table:number-columns-repeated='9999'>",
    )
    document = odt(
        f"<table:table>{row}{cell}<text:p>12</text:p></table:table-cell><table:covered-table-cell/></table:table-row></table:table>"
    )
    assert document.text == "12\t\n"


def test_opendocument_margins_and_title() -> None:
    document = odfdo.Document("text")
    document.meta.title = "Le bilan"
    document.body.append(odfdo.Paragraph("Le texte"))
    page = document.get_style("master-page", "Standard")
    page.set_page_header(odfdo.Paragraph("Ministère"))
    page.set_page_footer(odfdo.Paragraph("Page 1"))
    read = read_opendocument(saved(document), LIMITS)
    assert texts(read, "header") == ["Ministère"]
    assert texts(read, "footer") == ["Page 1"]
    assert read.title == "Le bilan"


@pytest.mark.parametrize(
    ("reader", "content", "part"),
    [(read_word, docx_of(), "word/document.xml"), (read_opendocument, odt_of(), "content.xml")],
)
class TestPackages:
    """What both forms of package refuse."""

    def refused(self, reader: Callable[..., Document], content: bytes, *, limits: object = LIMITS) -> str:
        with pytest.raises(Refusal) as caught:
            reader(content, limits)
        assert caught.value.next_step
        return caught.value.expectation

    def test_entities(self, reader: Callable[..., Document], content: bytes, part: str) -> None:
        for bomb in (BOMB + b"<x>&j;</x>", BOMB.decode().encode("utf-16") + "<x>&j;</x>".encode("utf-16")[2:]):
            assert "XML lisible" in self.refused(reader, rewritten(content, {part: bomb}))
        declared = b'<!DOCTYPE x [<!ENTITY a "dix">]><x>&a;</x>'
        assert "entités" in self.refused(reader, rewritten(content, {part: declared}))

    def test_external_entities(self, reader: Callable[..., Document], content: bytes, part: str) -> None:
        hostile = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]><x>&f;</x>'
        assert "entités" in self.refused(reader, rewritten(content, {part: hostile}))

    def test_no_xml(self, reader: Callable[..., Document], content: bytes, part: str) -> None:
        assert "XML lisible" in self.refused(reader, rewritten(content, {part: b"<a><b></a>"}))

    def test_deep_xml(self, reader: Callable[..., Document], content: bytes, part: str) -> None:
        assert "XML lisible" in self.refused(reader, rewritten(content, {part: b"<a>" * 100_000 + b"</a>" * 100_000}))

    def test_a_bomb_that_says_its_size(self, reader: Callable[..., Document], content: bytes, part: str) -> None:
        bomb = rewritten(content, {"media/a.bin": bytes(30 * MIB), part: b"<x/>"})
        assert len(bomb) < MIB
        assert "dépasse 20 Mio" in self.refused(reader, bomb, limits=replace(LIMITS, inflated_bytes=20 * MIB))

    def test_a_bomb_that_lies(self, reader: Callable[..., Document], content: bytes, part: str) -> None:
        bomb = bytearray(rewritten(content, {part: bytes(30 * MIB)}))
        for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
            where = bomb.rindex(mark)
            bomb[where + at : where + at + 4] = (1000).to_bytes(4, "little")
        assert "abîmé" in self.refused(reader, bytes(bomb), limits=replace(LIMITS, inflated_bytes=20 * MIB))

    def test_a_huge_part(self, reader: Callable[..., Document], content: bytes, part: str) -> None:
        huge = rewritten(content, {part: b"<x>" + b" " * (3 * MIB) + b"</x>"})
        assert "dépasse 2 Mio" in self.refused(reader, huge, limits=replace(LIMITS, part_bytes=2 * MIB))

    @pytest.mark.parametrize("name", ["../../etc/cron.d/x.xml", "/etc/x.xml", "a\\..\\b.xml"])
    def test_path_tricks(self, reader: Callable[..., Document], content: bytes, part: str, name: str) -> None:
        assert part
        assert "piégés" in self.refused(reader, rewritten(content, {name: b"<x/>"}))

    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_one_part_twice(self, reader: Callable[..., Document], content: bytes, part: str) -> None:
        stream = io.BytesIO(content)
        with zipfile.ZipFile(stream, "a") as archive:
            archive.writestr(part, b"<x/>")
        assert "deux fois" in self.refused(reader, stream.getvalue())

    def test_too_many_parts(self, reader: Callable[..., Document], content: bytes, part: str) -> None:
        assert part
        assert "parties, 5 au plus" in self.refused(reader, content, limits=replace(LIMITS, parts=5))

    def test_encrypted_parts(self, reader: Callable[..., Document], content: bytes, part: str) -> None:
        locked = bytearray(rewritten(content, {part: b"<x/>"}))
        locked[locked.rindex(b"PK\x01\x02") + 8] |= 1
        assert "mot de passe" in self.refused(reader, bytes(locked))

    def test_damage(self, reader: Callable[..., Document], content: bytes, part: str) -> None:
        assert part
        damaged = bytearray(content)
        at = content.index(part.encode()) + len(part) + 40
        damaged[at : at + 100] = bytes(100)
        assert "abîmé" in self.refused(reader, bytes(damaged))

    def test_no_text(self, reader: Callable[..., Document], content: bytes, part: str) -> None:
        empty = saved(docx.Document()) if part.startswith("word") else _empty_odt()
        assert content
        assert "aucun texte" in self.refused(reader, empty)


def _empty_odt() -> bytes:
    document = odfdo.Document("text")
    document.body.clear()
    return saved(document)


def test_a_password_of_opendocument_is_told() -> None:
    manifest = (
        b'<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        b'<m:file-entry m:full-path="content.xml"><m:encryption-data/></m:file-entry></m:manifest>'
    )
    with pytest.raises(Refusal, match="mot de passe"):
        read_opendocument(rewritten(odt_of(), {"META-INF/manifest.xml": manifest, "content.xml": b"\x00\x01"}), LIMITS)


def web(body: str) -> Document:
    return read_web(f"<html><body>{body}</body></html>".encode(), LIMITS)


def test_html_in_windows_1252_is_read_as_it_declares() -> None:
    assert read_web(html_of(encoding="windows-1252"), LIMITS).text == read_web(html_of(), LIMITS).text


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"\xef\xbb\xbf<html>", "utf-8"),
        (b'<html><meta http-equiv="Content-Type" content="text/html; charset=ISO-8859-1">', "cp1252"),
        (b"<meta charset='iso-8859-15'>", "iso8859-15"),
        (b"<meta charset=utf-16>", "utf-8"),
        (b"<meta charset=unicode_escape>", "utf-8"),
        (b"<meta charset=inconnu>\xe9", "cp1252"),
        ("<p>été".encode(), "utf-8"),
        ("<p>été".encode("cp1252"), "cp1252"),
        ("\ufeff<html>".encode("utf-16-le"), "utf-16-le"),
    ],
)
def test_the_encoding_of_a_page(content: bytes, encoding: str) -> None:
    assert encoding_of(content) == encoding


def test_octets_that_are_no_characters_are_told() -> None:
    document = read_web(b"<meta charset=utf-8><p>Ann\xe9e 2018</p>", LIMITS)
    assert document.text == "Ann\ufffde 2018\n"
    assert document.notes == ("1 octet(s) illisible(s) en utf-8 ont été remplacés",)


def test_menus_scripts_forms_and_hidden_parts_are_not_text() -> None:
    document = web(
        "<nav>1</nav><script>2</script><style>3</style><noscript>4</noscript><template>5</template><svg><text>6</text></svg>"
        "<form><input value=7><select><option>8</select><button>9</button></form><p hidden>10</p>"
        "<div style='display: none'>11</div><div role=navigation>12</div><!-- 13 --><p>Seul ceci</p><iframe>14</iframe>"
    )
    assert document.text == "Seul ceci\n"


def test_blanks_breaks_and_entities() -> None:
    document = web(
        "<p>Soit\n   1&nbsp;811<br>maisons&#8239;; <b>dont</b> 2<sup>e</sup> et 12<sup>3</sup></p><pre>a\n  b</pre>"
    )
    assert texts(document) == ["Soit 1\u00a0811\nmaisons\u202f; dont 2e et 12³", "a\nb"]


def test_text_beside_blocks_is_a_paragraph() -> None:
    assert texts(web("avant<div>dedans<p>un</p>entre<p>deux</p></div>après")) == [
        "avant",
        "dedans",
        "un",
        "entre",
        "deux",
        "après",
    ]


def test_headers_and_footers_are_those_of_the_page() -> None:
    document = web(
        "<header>Ministère<h1>Le bilan</h1></header><article><header>Par nous</header><p>Texte</p><footer>Fin</footer>"
        "</article><footer><p>Mentions légales</p></footer>"
    )
    assert [(block.kind, text) for block, text in zip(document.blocks, texts(document), strict=True)] == [
        ("header", "Ministère"),
        ("heading", "Le bilan"),
        ("paragraph", "Par nous"),
        ("paragraph", "Texte"),
        ("paragraph", "Fin"),
        ("footer", "Mentions légales"),
    ]


def test_tables_of_data_and_tables_of_layout() -> None:
    data = "<table><caption>Par région</caption><tr><th>Région<th>2016<tr><td>Bretagne<td>91<br>maisons</table>"
    document = web(f"<table><tr><td><h2>Colonne</h2><p>Texte</p></td><td>{data}</td></tr></table>")
    assert texts(document) == ["Colonne", "Texte", "Par région", "Région\t2016\nBretagne\t91 maisons"]
    assert len(document.tables) == 1


@pytest.mark.parametrize(
    "page", ["", "<nav>Menu</nav>", "<div id=app></div><script>run()</script>", "<footer>Mentions</footer>"]
)
def test_a_page_without_text_is_refused(page: str) -> None:
    with pytest.raises(Refusal, match="aucun texte") as caught:
        web(page)
    assert "PDF" in caught.value.next_step


def test_hostile_pages_cost_nothing() -> None:
    with pytest.raises(Refusal, match="s’y emboîtent"):
        web("<p>avant</p>" + "<div>" * 50_000 + "au fond")
    assert web("<p>avant</p>" + "<div>" * 200 + "au fond").text == "avant\n\nau fond\n"
    entities = read_web(BOMB + b"<html><body><p>&j; 12</p></body></html>", LIMITS)
    assert len(entities.text) < 1000
    assert web("<p>a</p><img src='http://192.0.2.1/x.png'><link href='http://192.0.2.1/y.css'>").text == "a\n"
