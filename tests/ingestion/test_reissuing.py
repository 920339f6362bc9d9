"""What a new edition takes over from the known extract: keys and meanings, never a review."""

from __future__ import annotations

from decimal import Decimal

import pytest
from small_home import members

from ingestion.documents.plain_text import read_text
from ingestion.extracts_reading import Extract, read_members
from ingestion.figures.finding import find_figures
from ingestion.reissuing import Earlier, reissued
from ingestion.verification import verify_spans

BEFORE = (
    "Les maisons de santé en fonctionnement sont au nombre de 168 dans la région depuis le début de l’année.\n"
    "Une aide de 50 000 euros est versée à chacune des équipes qui en font la demande à l’agence.\n"
    "Environ 1 700 étudiants ont signé, soit une hausse de + 37 % par rapport à 1918 où l’on en comptait moins.\n"
    "La campagne dure de 3 à 5 mois selon les départements, et la page 12 du guide le rappelle à tous.\n"
    "Le total est de 30 équipes, dont 10 dans le nord et 20 dans le sud de la région tout entière.\n"
)
HEADER = (
    "figure_key,indicator_code,territory_key,period,value,value_low,value_high,unit,kind,value_form,obs_status,hedge,"
    "qualifier,date_is_explicit,printed,source_line,char_start,char_end,exhibit_kind,statement_origin,"
    "extraction_method,review_status,reviewed_by,repeats"
)
FIGURES = (
    ("msp", "168", "168,,,count", "", ""),
    ("aide", "50 000 euros", "50000,,,eur", "", ""),
    ("signataires", "1 700", "1700,,,count", "environ", "Environ"),
    ("hausse", "+ 37 %", "37,,,percent", "", ""),
    ("duree", "3 à 5 mois", ",3,5,months", "", ""),
    ("total", "30", "30,,,count", "", ""),
    ("nord", "10", "10,,,count", "", ""),
    ("sud", "20", "20,,,count", "", ""),
)


def figures(text: str) -> str:
    lines = [HEADER]
    for key, printed, value, hedge, qualifier in FIGURES:
        start = text.index(printed)
        line = text.count("\n", 0, start) + 1
        place = f"{line},{start},{start + len(printed)}"
        lines.append(
            f"{key},i_{key},region:75,2030,{value},actual,level,observed,{hedge},{qualifier},true,{printed},{place},"
            f"text,publisher,manual,reviewed,Ada,{'total' if key == 'sud' else ''}"
        )
    return "\n".join(lines) + "\n"


def known(**more: str) -> Earlier:
    files = members("avant", 1) | {"figures.csv": figures(BEFORE).encode()}
    page, year = BEFORE.index("12 du guide"), BEFORE.index("1918 où")
    ledger = (
        "source_line,char_start,char_end,printed,disposition,figure_key,reason\n"
        f"4,{page},{page + 2},12,dismissed,,page\n3,{year},{year + 4},1918,part_of,hausse,\n"
    )
    told = {"ledger.csv": ledger, **{f"{name}.csv": content for name, content in more.items()}}
    extract = read_members("avant", files | {name: content.encode() for name, content in told.items()})
    return Earlier("avant", BEFORE, extract.frames)


def reissue(later: str, earlier: Earlier, draft: dict[str, bytes] | None = None) -> Extract:
    document = read_text(later.encode(), "apres.txt")
    files = draft or {"report.yml": members("apres", 1, document=document.text_sha256)["report.yml"]}
    extract = read_members("apres", reissued(files, earlier, document, find_figures(document)))
    assert verify_spans(extract, later) is None
    return extract


def printed(extract: Extract) -> dict[str, str]:
    return dict(extract.frames["figure"].select("figure_key", "printed").iter_rows())


def test_what_stands_keeps_its_key_and_loses_its_review() -> None:
    later = "Un mot d’introduction de la nouvelle édition.\n" + BEFORE
    extract = reissue(later, known())
    before = known().frames["figure"]
    assert printed(extract) == dict(before.select("figure_key", "printed").iter_rows())
    told = extract.frames["figure"].select("extraction_method", "review_status", "reviewed_by").unique().rows()
    assert told == [("automatic", "unreviewed", None)]
    for column in ("indicator_code", "value", "value_low", "value_high", "hedge", "qualifier", "repeats"):
        assert extract.frames["figure"][column].to_list() == before[column].to_list(), column
    assert (extract.frames["figure"]["char_start"] - before["char_start"]).unique().to_list() == [46]


@pytest.mark.parametrize(
    ("old", "new", "key", "cells"),
    [
        ("de 168 dans", "de 174 dans", "msp", ("174", Decimal(174), None, None)),
        ("de 168 dans", "de près de 170 dans", "msp", ("170", Decimal(170), "pres_de", "près de")),
        ("50 000 euros", "60 000 euros", "aide", ("60 000 euros", Decimal(60000), None, None)),
        ("+ 37 %", "+ 41,5 %", "hausse", ("+ 41,5 %", Decimal("41.5"), None, None)),
        ("Environ 1 700", "Plus de 1 800", "signataires", ("1 800", Decimal(1800), "plus_de", "Plus de")),
    ],
)
def test_a_number_exchanged_in_its_phrase_is_the_same_figure(
    old: str, new: str, key: str, cells: tuple[object, ...]
) -> None:
    figure = reissue(BEFORE.replace(old, new), known()).frames["figure"].filter(figure_key=key)
    assert figure.select("printed", "value", "hedge", "qualifier").row(0) == cells


def test_a_range_keeps_its_two_ends() -> None:
    figure = reissue(BEFORE.replace("3 à 5 mois", "4 à 6 mois"), known()).frames["figure"].filter(figure_key="duree")
    assert figure.select("printed", "value", "value_low", "value_high").row(0) == ("4 à 6 mois", None, 4, 6)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("de 168 dans", "de 37 % dans"),
        ("de 168 dans", "important dans"),
        (BEFORE.split("\n")[0], "Une phrase toute neuve compte 14 choses que personne n’avait dites jusque-là ici."),
    ],
)
def test_another_unit_no_number_or_another_sentence_is_not_the_figure(old: str, new: str) -> None:
    assert "msp" not in printed(reissue(BEFORE.replace(old, new), known()))


def test_a_proposal_in_new_words_comes_under_a_key_that_was_never_given() -> None:
    later = BEFORE + "En outre, 44 équipes nouvelles ont été annoncées pour la rentrée prochaine par l’agence.\n"
    document = read_text(later.encode(), "apres.txt")
    rows = []
    for key, number in (("msp", "44"), ("autre", "12"), ("msp--2", "168")):
        start = later.index(f"{number} ")
        place = f"{later.count(chr(10), 0, start) + 1},{start},{start + len(number)}"
        rows.append(
            f"{key},i,region:75,2030,{number},,,count,actual,level,observed,,,true,{number},{place},text,publisher,"
            "automatic,unreviewed,,"
        )
    draft = members("apres", 1, document=document.text_sha256)
    extract = reissue(later, known(), draft | {"figures.csv": "\n".join([HEADER, *rows, ""]).encode()})
    assert printed(extract)["msp-2"] == "44"
    assert printed(extract)["msp"] == "168"
    assert "12" not in printed(extract).values(), "what both editions print was dismissed once"


def test_every_numeral_is_accounted_for() -> None:
    later = BEFORE.replace("de 168 dans", "de 174 dans") + "Et 99 de plus.\n"
    ledger = reissue(later, known()).frames["ledger"]
    told = {
        (row["printed"], row["disposition"], row["figure_key"], row["reason"]) for row in ledger.iter_rows(named=True)
    }
    assert {
        ("174", "observed", "msp", None),
        ("1918", "part_of", "hausse", None),
        ("12", "dismissed", None, "page"),
        ("99", "pending", None, None),
    } <= told
    assert {disposition for _, disposition, _, _ in told} == {"observed", "part_of", "dismissed", "pending"}


LINKS = "link_key,figure_key,role,exhaustive\nl,total,total,yes\nl,nord,part,yes\nl,sud,part,yes\n"
PARAMETERS = "figure_key,role\naide,amount\n"


def test_links_and_amounts_go_with_their_figures() -> None:
    extract = reissue(BEFORE.replace("de 168 dans", "de 174 dans"), known(links=LINKS, parameters=PARAMETERS))
    assert extract.frames["figure_link"]["figure_key"].to_list() == ["total", "nord", "sud"]
    assert extract.frames["policy_parameter"]["figure_key"].to_list() == ["aide"]


def test_a_sum_without_one_of_its_parts_is_no_link_and_a_repeat_of_nothing_none() -> None:
    later = BEFORE.replace("Le total est de 30 équipes, dont 10", "Les équipes sont réparties, dont 10")
    extract = reissue(later, known(links=LINKS))
    assert extract.frames.get("figure_link") is None or extract.frames["figure_link"].is_empty()
    assert extract.frames["figure"].filter(figure_key="sud")["repeats"].to_list() == [None]
