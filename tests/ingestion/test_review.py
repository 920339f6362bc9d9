"""Decisions over an extract's rows, as pure functions: what each one changes, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.choices import load_choices
from ingestion.drafts import (
    DecisionError,
    Draft,
    Row,
    draft_of,
    files_of,
    placed,
    version_of,
    with_version,
)
from ingestion.extracts_reading import folder_files, read_members
from ingestion.receiving import PACKAGED
from ingestion.redrafting import merged
from ingestion.review import (
    Account,
    Codes,
    accept,
    account,
    awaiting,
    blank,
    cells_of_kind,
    check_figure,
    dismiss,
    dismiss_numeral,
    hedged,
    interval_of,
    modify,
    new_key,
    observe,
    reviewer,
    span_near,
    span_on_line,
)
from ingestion.verification import verify_spans

TEXT = """\
Bilan de la région
La région compte près de 168 maisons de santé en 2030, contre 120 en 2025,
soit + 40 %, et 3 500 consultations, 24 bus, page 7.
"""
CODES = Codes(
    {"msp": "count", "msp_croissance": "percent", "consultations": "count", "bus": "count"},
    frozenset({"region:75", "department:33"}),
)
REPORT = """\
report_id: bilan   # un commentaire
title: "Bilan : 2030"
publisher: ARS Exemple
scope_territory_key: region:75
published_on: 2030-06-01
published_precision: month
source_name: bilan.txt
source_sha256: "0"
licence: Licence Ouverte 2.0
extract_version: 3
"""
FIGURE_HEADER = (
    "figure_key,indicator_code,territory_key,period,value,unit,kind,value_form,obs_status,growth_form,hedge,qualifier,"
    "base_period,date_is_explicit,printed,source_line,char_start,char_end,exhibit_kind,statement_origin,repeats,"
    "extraction_method,review_status"
)
BY = "Anne Martin"


def at(printed: str) -> tuple[int, int]:
    start = TEXT.index(printed)
    return start, start + len(printed)


def figure(key: str, indicator: str, printed: str, value: str, **cells: str) -> str:
    start, end = at(printed)
    row = {
        "figure_key": key,
        "indicator_code": indicator,
        "territory_key": "region:75",
        "period": "2030",
        "value": value,
        "unit": CODES.units[indicator],
        "kind": "actual",
        "value_form": "level",
        "obs_status": "observed",
        "date_is_explicit": "true",
        "printed": printed,
        "source_line": str(TEXT.count("\n", 0, start) + 1),
        "char_start": str(start),
        "char_end": str(end),
        "exhibit_kind": "text",
        "statement_origin": "publisher",
        "extraction_method": "automatic",
        "review_status": "unreviewed",
        **cells,
    }
    return ",".join(row.get(name, "") for name in FIGURE_HEADER.split(","))


def numeral(printed: str, disposition: str, key: str = "", reason: str = "") -> str:
    start, end = at(printed)
    return f"{TEXT.count(chr(10), 0, start) + 1},{start},{end},{printed},{disposition},{key},{reason}"


FIGURES = (
    figure("msp-2030", "msp", "168", "168", hedge="pres_de", qualifier="près de"),
    figure("msp-2025", "msp", "120", "120", period="2025"),
    figure("msp-hausse", "msp_croissance", "+ 40 %", "40", kind="growth", value_form="growth", growth_form="total"),
)
LEDGER = (
    numeral("168", "observed", "msp-2030"),
    numeral("2030", "dismissed", reason="année"),
    numeral("120", "observed", "msp-2025"),
    numeral("40", "observed", "msp-hausse"),
    numeral("3 500", "pending"),
    numeral("24", "pending"),
    numeral("7", "dismissed", reason="numéro de page"),
)
LINKS = ("hausse,msp-hausse,equivalent,unknown", "hausse,msp-2025,base,unknown")


def files(figures: tuple[str, ...] = FIGURES, ledger: tuple[str, ...] = LEDGER) -> dict[str, bytes]:
    return {
        "report.yml": REPORT.encode(),
        "figures.csv": "\n".join([FIGURE_HEADER, *figures, ""]).encode(),
        "ledger.csv": "\n".join(
            ["source_line,char_start,char_end,printed,disposition,figure_key,reason", *ledger, ""]
        ).encode(),
        "links.csv": "\n".join(["link_key,figure_key,role,exhaustive", *LINKS, ""]).encode(),
        "parameters.csv": b"figure_key,role\nmsp-2030,amount\n",
    }


@pytest.fixture
def draft() -> Draft:
    return draft_of(files())


def told(draft: Draft, printed: str) -> tuple[str, str, str]:
    """Disposition, figure and reason of a numeral."""
    row = next(row for row in draft.ledger if row["char_start"] == str(at(printed)[0]))
    return row["disposition"], row.get("figure_key", ""), row.get("reason", "")


def stands(draft: Draft) -> None:
    """What a refresh would check of it."""
    extract = read_members("bilan", files_of(draft))
    assert verify_spans(extract, TEXT) is None


def spoken(row: Row, *names: str) -> tuple[str, ...]:
    return tuple(row.get(name, "") for name in names)


# --- accepting -------------------------------------------------------------------------------------------------------


def test_what_awaits_are_figures_then_numerals_in_the_order_of_the_document(draft: Draft) -> None:
    assert [item.figure_key or item.printed for item in awaiting(draft)] == [
        *("msp-2030", "msp-2025", "msp-hausse"),
        *("3 500", "24"),
    ]


def test_an_accepted_figure_is_reviewed_and_keeps_how_it_was_read(draft: Draft) -> None:
    after = accept(draft, "msp-2030", f"  {BY} ", TEXT, CODES)
    assert spoken(after.figure("msp-2030"), "review_status", "reviewed_by", "extraction_method") == (
        "reviewed",
        BY,
        "automatic",
    )
    assert draft.figure("msp-2030")["review_status"] == "unreviewed"
    assert after.figure("msp-2025") == draft.figure("msp-2025")
    assert after.ledger == draft.ledger
    assert len(awaiting(after)) == 4
    stands(after)


@pytest.mark.parametrize(
    ("cell", "wrong", "message"),
    [
        ("indicator_code", "inconnu", "indicateur « inconnu »"),
        ("territory_key", "region:99", "territoire « region:99 »"),
        ("period", "en 2030", "code de période"),
        ("base_period", "hier", "code de période"),
        ("unit", "percent", "unité percent"),
        ("value", "169", "ne se lit pas 169"),
        ("kind", "vrai", "kind : une valeur parmi actual"),
        ("hedge", "à peu près", "hedge : une valeur parmi environ"),
        ("source_line", "1", "n’est pas à sa place"),
        ("char_start", "0", "n’est pas à sa place"),
    ],
)
def test_a_figure_that_cannot_stand_is_not_accepted(draft: Draft, cell: str, wrong: str, message: str) -> None:
    row = {**draft.figure("msp-2030"), cell: wrong}
    with pytest.raises(DecisionError, match=message):
        check_figure(row, TEXT, CODES)


def test_every_figure_of_the_checkout_can_be_accepted(documents: Path) -> None:
    """The decisions know the same rows as the warehouse: nothing that it publishes is refused here."""
    choices = load_choices()
    codes, texts = Codes(choices.units, frozenset(choices.territories)), sources(documents)
    seen = 0
    for folder in sorted(PACKAGED.iterdir()):
        extract = draft_of(folder_files(folder))
        text = texts[read_members(folder.name, folder_files(folder)).frames["report"]["source_sha256"].item()]
        for row in extract.figures:
            check_figure(row, text, codes)
            seen += 1
        assert files_of(extract) == folder_files(folder)
    assert seen > 300


def sources(documents: Path) -> dict[str, str]:
    from hashlib import sha256

    contents = [path.read_bytes() for path in sorted((documents / "reports").glob("*.txt"))]
    return {sha256(content).hexdigest(): content.decode() for content in contents}


# --- changing --------------------------------------------------------------------------------------------------------


def test_a_changed_figure_is_the_person_s_reading_and_its_value_follows(draft: Draft) -> None:
    after = modify(draft, "msp-hausse", {"indicator_code": "msp_croissance", "territory_key": "department:33"}, *who())
    row = after.figure("msp-hausse")
    assert spoken(row, "territory_key", "extraction_method", "reviewed_by", "value") == (
        "department:33",
        "manual",
        BY,
        "40",
    )
    stands(after)


def who() -> tuple[str, str, Codes]:
    return BY, TEXT, CODES


def test_a_change_that_changes_nothing_accepts(draft: Draft) -> None:
    after = modify(draft, "msp-2030", {"territory_key": "region:75", "growth_form": ""}, *who())
    assert after == accept(draft, "msp-2030", *who())


def test_an_indicator_in_another_unit_is_refused_and_nothing_changed(draft: Draft) -> None:
    with pytest.raises(DecisionError, match="cet indicateur est en count"):
        modify(draft, "msp-hausse", {"indicator_code": "msp"}, *who())
    assert draft == draft_of(files())


def test_a_moved_figure_leaves_its_numeral_pending_and_takes_the_other(draft: Draft) -> None:
    after = modify(draft, "msp-2025", placed(TEXT, *at("24")), *who())
    assert told(after, "120") == ("pending", "", "")
    assert told(after, "24") == ("observed", "msp-2025", "")
    assert after.figure("msp-2025")["value"] == "24"
    assert [row["figure_key"] for row in after.figures] == ["msp-2030", "msp-hausse", "msp-2025"]
    stands(after)


def test_a_hedge_is_given_as_printed_and_widens(draft: Draft) -> None:
    assert hedged("environ") == {"qualifier": "environ", "hedge": "environ"}
    assert hedged("") == {"qualifier": "", "hedge": ""}
    with pytest.raises(DecisionError, match="sans classe"):
        hedged("peu ou prou")
    after = modify(draft, "msp-2025", hedged("plus de"), *who())
    assert interval_of(after.figure("msp-2025")) == (120, None)


@pytest.mark.parametrize(
    ("kind", "nature", "unit", "cells"),
    [
        ("actual", "stock", "count", ("level", "observed", "")),
        ("target", "stock", "count", ("level", "target", "")),
        ("target", "share", "percent", ("share", "target", "")),
        ("growth", "growth", "percent", ("growth", "observed", "total")),
        ("growth", "growth", "multiple", ("multiple", "observed", "multiple")),
        ("growth", "growth", "points", ("growth", "observed", "points")),
        ("amount", "amount", "eur", ("parameter", "rule", "")),
    ],
)
def test_a_kind_has_its_finer_cells(kind: str, nature: str, unit: str, cells: tuple[str, ...]) -> None:
    row = cells_of_kind(kind, nature, unit)
    assert (row["kind"], spoken(row, "value_form", "obs_status", "growth_form")) == (kind, cells)


# --- rejecting -------------------------------------------------------------------------------------------------------


def test_a_rejected_figure_goes_with_all_that_hangs_on_it(draft: Draft) -> None:
    after = dismiss(draft, "msp-2030", " seuil  d’une règle ")
    assert [row["figure_key"] for row in after.figures] == ["msp-2025", "msp-hausse"]
    assert told(after, "168") == ("dismissed", "", "seuil d’une règle")
    assert after.tables["parameters.csv"] == ()
    assert after.tables["links.csv"] == draft.tables["links.csv"]
    stands(after)


def test_a_link_of_one_figure_binds_nothing(draft: Draft) -> None:
    assert dismiss(draft, "msp-2025", "date").tables["links.csv"] == ()


def test_what_repeated_a_rejected_figure_repeats_the_next() -> None:
    repeated = (
        FIGURES[0],
        figure("b", "msp", "120", "120", repeats="msp-2030"),
        figure("c", "bus", "24", "24", repeats="msp-2030"),
    )
    after = dismiss(draft_of(files(repeated)), "msp-2030", "date")
    assert [row["repeats"] for row in after.figures] == ["", "b"]


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201, "a\x1b[31mb"])
def test_a_reason_is_a_few_printable_words(draft: Draft, reason: str) -> None:
    with pytest.raises(DecisionError, match="motif"):
        dismiss(draft, "msp-2030", reason)
    with pytest.raises(DecisionError, match="motif"):
        dismiss_numeral(draft, at("24")[0], reason)


@pytest.mark.parametrize("name", ["", " \t ", "x" * 81, "Anne\x1b[0m"])
def test_a_reviewer_has_a_name(name: str) -> None:
    with pytest.raises(DecisionError, match="nom"):
        reviewer(name)


# --- numerals left pending -------------------------------------------------------------------------------------------


def test_a_pending_numeral_becomes_a_figure(draft: Draft) -> None:
    row = {**blank(draft, placed(TEXT, *at("3 500"))), "indicator_code": "consultations"}
    after = observe(draft, row, *who())
    figure_ = after.figure("consultations")
    assert spoken(figure_, "value", "unit", "period", "territory_key", "date_is_explicit") == (
        "3500",
        "count",
        "2030-06",
        "region:75",
        "false",
    )
    assert spoken(figure_, "extraction_method", "review_status", "reviewed_by") == ("manual", "reviewed", BY)
    assert told(after, "3 500") == ("observed", "consultations", "")
    stands(after)


def test_a_second_figure_of_an_indicator_has_a_key_of_its_own(draft: Draft) -> None:
    first = observe(draft, {**blank(draft, placed(TEXT, *at("24"))), "indicator_code": "bus"}, *who())
    assert new_key(first, "bus") == "bus-2"
    assert new_key(first, "msp_croissance") == "msp-croissance"


def test_no_figure_takes_the_place_of_another(draft: Draft) -> None:
    row = {**blank(draft, placed(TEXT, *at("168"))), "indicator_code": "msp"}
    with pytest.raises(DecisionError, match="empiète sur la figure « msp-2030 »"):
        observe(draft, row, *who())


def test_a_pending_numeral_is_dismissed_once(draft: Draft) -> None:
    after = dismiss_numeral(draft, at("24")[0], "numéro")
    assert told(after, "24") == ("dismissed", "", "numéro")
    with pytest.raises(DecisionError, match="n’attend plus"):
        dismiss_numeral(after, at("24")[0], "numéro")


def test_a_figure_is_found_as_it_is_typed_around_its_numeral() -> None:
    start, end = at("40")
    assert span_near(TEXT, "+ 40\u202f%", start, end) == at("+ 40 %")
    assert span_near(TEXT, "40", start, end) == (start, end)
    for elsewhere in ("24", "168", "", "+ 41 %"):
        with pytest.raises(DecisionError, match="n’est pas imprimé"):
            span_near(TEXT, elsewhere, start, end)


def test_a_figure_that_nobody_found_is_added_where_it_stands(draft: Draft) -> None:
    """Its numeral was dismissed; now it is observed."""
    start, end = span_on_line(draft, TEXT, 3, "7")
    after = observe(draft, {**blank(draft, placed(TEXT, start, end)), "indicator_code": "bus"}, *who())
    assert told(after, "7") == ("observed", "bus", "")
    stands(after)
    for line, text in ((2, "7"), (2, "168"), (0, "24"), (99, "24"), (3, "")):
        with pytest.raises(DecisionError, match="n’est pas imprimé à la ligne"):
            span_on_line(draft, TEXT, line, text)


# --- files -----------------------------------------------------------------------------------------------------------


def test_what_no_decision_touched_keeps_its_bytes(draft: Draft) -> None:
    after = files_of(dismiss_numeral(draft, at("24")[0], "numéro"))
    changed = {name for name, content in files().items() if after[name] != content}
    assert changed == {"ledger.csv"}
    assert files_of(draft) == files()


def test_columns_that_a_decision_fills_are_added(draft: Draft) -> None:
    header = files_of(accept(draft, "msp-2030", *who()))["figures.csv"].split(b"\n")[0].decode()
    assert header.endswith("extraction_method,review_status,reviewed_by")


def test_the_version_is_raised_and_the_rest_of_the_description_stays() -> None:
    raised = with_version(files(), 12)
    assert version_of(raised) == 12
    assert raised["report.yml"].decode() == REPORT.replace("extract_version: 3", "extract_version: 12")


def test_an_account_of_a_review(draft: Draft) -> None:
    after = accept(draft, "msp-2030", *who())
    after = modify(after, "msp-2025", {"territory_key": "department:33"}, *who())
    after = dismiss(after, "msp-hausse", "rang")
    after = observe(after, {**blank(after, placed(TEXT, *at("24"))), "indicator_code": "bus"}, *who())
    after = dismiss_numeral(after, at("3 500")[0], "titre")
    counts = account(draft, after)
    assert (counts.accepted, counts.modified, counts.rejected, counts.observed, counts.dismissed, counts.left) == (
        *(1, 1, 1),
        *(1, 1, 0),
    )
    assert account(draft, draft) == Account(0, 0, 0, 0, 0, is_redescribed=False, left=5)


# --- newer proposals -------------------------------------------------------------------------------------------------


def test_what_was_settled_stays_and_free_places_are_taken(draft: Draft) -> None:
    settled = dismiss(accept(draft, "msp-2030", *who()), "msp-hausse", "rang")
    proposed = draft_of(
        files(
            (
                figure("msp-1", "msp", "168", "168"),
                figure("msp-2025", "bus", "24", "24"),
                figure("msp-3", "msp", "120", "120"),
                FIGURES[2],
            ),
            (
                numeral("168", "observed", "msp-1"),
                numeral("120", "observed", "msp-3"),
                numeral("40", "observed", "msp-hausse"),
                numeral("24", "observed", "msp-2025"),
                numeral("3 500", "pending"),
            ),
        )
    )
    after = merged(settled, proposed)
    assert {row["figure_key"]: row["printed"] for row in after.figures} == {
        "msp-2030": "168",
        "msp-2025": "120",
        "msp-2025-2": "24",
    }
    assert after.figure("msp-2030")["reviewed_by"] == BY
    assert told(after, "40") == ("dismissed", "", "rang")
    assert told(after, "120") == ("observed", "msp-2025", "")
    assert told(after, "24") == ("observed", "msp-2025-2", "")
    assert told(after, "3 500") == ("pending", "", "")
    assert told(after, "7") == ("dismissed", "", "numéro de page")
    stands(after)


def test_the_same_proposals_again_change_nothing(draft: Draft) -> None:
    assert files_of(merged(draft, draft)) == files()


def test_rows_stay_in_the_order_that_people_gave_them() -> None:
    """Figures of tables stand before those of the text in some extracts."""
    ordered = draft_of(files(FIGURES[::-1], LEDGER))
    reviewed = accept(ordered, "msp-2030", *who())
    assert [row["figure_key"] for row in reviewed.figures] == ["msp-hausse", "msp-2025", "msp-2030"]
    settled = draft_of(
        files_of(ordered) | {"figures.csv": files_of(ordered)["figures.csv"].replace(b"automatic", b"manual")}
    )
    assert files_of(merged(settled, draft_of(files()))) == files_of(settled)


def test_a_proposal_that_the_extractor_no_longer_makes_goes(draft: Draft) -> None:
    proposed = draft_of(files((FIGURES[0],), (LEDGER[0], numeral("120", "pending"), *LEDGER[3:])))
    after = merged(draft, proposed)
    assert [row["figure_key"] for row in after.figures] == ["msp-2030"]
    assert told(after, "120") == ("pending", "", "")
    assert told(after, "40") == ("pending", "", "")
    assert after.tables["links.csv"] == ()


# --- whatever the order of decisions ---------------------------------------------------------------------------------

DECISIONS = {
    "accept": lambda d: accept(d, d.figures[0]["figure_key"], *who()),
    "change": lambda d: modify(d, d.figures[-1]["figure_key"], {"territory_key": "department:33"}, *who()),
    "move": lambda d: modify(d, "msp-2025", placed(TEXT, *at("24")), *who()),
    "reject first": lambda d: dismiss(d, d.figures[0]["figure_key"], "motif"),
    "reject last": lambda d: dismiss(d, d.figures[-1]["figure_key"], "motif"),
    "observe": lambda d: observe(d, {**blank(d, placed(TEXT, *at("3 500"))), "indicator_code": "bus"}, *who()),
    "no figure": lambda d: dismiss_numeral(d, at("24")[0], "motif"),
    "again": lambda d: merged(d, draft_of(files())),
}


@given(st.lists(st.sampled_from(sorted(DECISIONS)), max_size=8))
def test_no_series_of_decisions_breaks_an_extract(names: list[str]) -> None:
    """Every numeral is told once, every figure is told by the ledger, every span stands, whatever was decided."""
    state = draft_of(files())
    for name in names:
        try:
            state = DECISIONS[name](state)
        except (DecisionError, IndexError):
            continue
    stands(state)
    keys = {row["figure_key"] for row in state.figures}
    assert [row["char_start"] for row in state.ledger] == [row["char_start"] for row in draft_of(files()).ledger]
    assert {row["figure_key"] for row in state.ledger if row.get("figure_key")} == keys
    assert _dangling(state.tables, keys) == []


def _dangling(tables: Mapping[str, tuple[Row, ...]], keys: set[str]) -> list[str]:
    return [
        row["figure_key"] for n in ("links.csv", "parameters.csv") for row in tables[n] if row["figure_key"] not in keys
    ]
