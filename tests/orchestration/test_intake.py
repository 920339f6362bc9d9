"""Reports that nobody here has seen, good ones and bad ones together, through the command line in one refresh."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from command_line import Command
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen import canvas

# Invented reports: no text of anybody.
KNOWN = (
    "Bilan 2029 des soins de proximité en Bretagne",
    "Au 31 décembre 2029, 168 maisons de santé pluriprofessionnelles sont en fonctionnement dans la région.",
    "Elles étaient 131 au 31 décembre 2028, et l’agence accompagne les équipes qui se constituent.",
    "Le programme compte aussi 24 centres de santé au 31 décembre 2029, tous en gestion associative ou communale.",
    "Une charte a été écrite avec les professions, les élus, les associations et les usagers des territoires.",
    "Chaque équipe choisit son projet, ses horaires et sa façon de travailler avec les établissements voisins.",
)
EDITED = tuple(
    sentence.replace("168 maisons", "174 maisons").replace("compte aussi 24 centres", "compte aussi des centres")
    for sentence in KNOWN
)
UNSEEN: dict[str, tuple[str, ...]] = {
    "texte.txt": (
        "Point d’étape sur les équipes de soins en Occitanie",
        "En Occitanie, 212 maisons de santé pluriprofessionnelles sont en fonctionnement à la fin de l’année 2029.",
        "L’objectif est d’atteindre 260 maisons de santé d’ici 2032, ce qui suppose un effort de toutes les équipes.",
        "Près de 1 700 étudiants ont signé un contrat d’engagement de service public depuis sa création.",
        "Les équipes racontent ce que la coordination change pour les patients et pour leur propre travail.",
    ),
    "imprime.pdf": (
        "Accès aux soins dans le Grand Est, rapport annuel",
        "Le Grand Est compte 97 communautés professionnelles territoriales de santé en 2029, contre 81 en 2028.",
        "Les contrats d’engagement de service public sont au nombre de 340 dans la région au 31 décembre 2029.",
        "La télémédecine a été déployée dans 45 établissements, avec un budget de 3,2 millions d’euros.",
        "Ce rapport a été préparé avec les ordres, les unions et les représentants des usagers.",
    ),
    "page.html": (
        "Territoires et santé : la Normandie en chiffres",
        "En Normandie, 88 maisons de santé pluriprofessionnelles sont en fonctionnement à la fin de l’année 2029.",
        "La part des habitants sans médecin traitant est de 11,5 % en 2029 selon l’assurance maladie.",
        "Les assistants médicaux sont 230 dans la région au 1er janvier 2030.",
        "Les élus demandent que les jeunes médecins soient accueillis et accompagnés dès leurs études.",
    ),
}
BAD = {
    "numerise.pdf": "texte",
    "protege.pdf": "mot de passe",
    "vide.txt": "le fichier est vide",
    "ancien.txt": "Windows-1252",
    "image.pdf": "une image PNG",
}
REPORT = """\
report_id: bilan-connu
title: {title}
publisher: ARS Bretagne
scope_territory_key: region:53
published_on: 2030-02-01
published_precision: day
source_name: connu.txt
source_sha256: "{sha}"
licence: Licence Ouverte 2.0
extract_version: 1
"""
HEADER = (
    "figure_key,indicator_code,territory_key,period,value,unit,kind,value_form,obs_status,date_is_explicit,"
    "printed,source_line,char_start,char_end,exhibit_kind,statement_origin,extraction_method,review_status,reviewed_by"
)


def text_of(sentences: tuple[str, ...]) -> str:
    return "\n\n".join(sentences) + "\n"


def printed_pdf(path: Path, sentences: tuple[str, ...], password: str | None = None) -> None:
    lock = StandardEncryption(password, canPrint=0) if password else None
    page = canvas.Canvas(str(path), pagesize=A4, encrypt=lock)
    for number, sentence in enumerate(sentences):
        page.drawString(30, 780 - 30 * number, sentence[:95])
        page.drawString(30, 768 - 30 * number, sentence[95:])
    page.save()


def drawn_pdf(path: Path) -> None:
    """A page of which only a picture was kept, as a scanner leaves it."""
    page = canvas.Canvas(str(path), pagesize=A4)
    page.rect(50, 50, 400, 600, fill=1)
    page.save()


def extract_of_known(path: Path) -> None:
    text = text_of(KNOWN)
    rows = [HEADER]
    for key, indicator, printed in (
        ("msp-2029", "msp_en_fonctionnement", "168"),
        ("centres-2029", "centres_sante", "24"),
    ):
        start = text.index(f"{printed} ")
        line = text.count("\n", 0, start) + 1
        rows.append(
            f"{key},{indicator},region:53,2029-12-31,{printed},count,actual,level,observed,true,{printed},{line},"
            f"{start},{start + len(printed)},text,publisher,manual,reviewed,Ada"
        )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("report.yml", REPORT.format(title=KNOWN[0], sha=sha256(text.encode()).hexdigest()))
        archive.writestr("figures.csv", "\n".join(rows) + "\n")


def deliver(folder: Path) -> list[Path]:
    """Everything that is delivered together, good and bad."""
    (folder / "texte.txt").write_text(text_of(UNSEEN["texte.txt"]), encoding="utf-8")
    printed_pdf(folder / "imprime.pdf", UNSEEN["imprime.pdf"])
    page = "".join(f"<p>{sentence}</p>" for sentence in UNSEEN["page.html"][1:])
    title = UNSEEN["page.html"][0]
    (folder / "page.html").write_text(
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title}</title></head>"
        f"<body><h1>{title}</h1>{page}</body></html>",
        encoding="utf-8",
    )
    (folder / "connu.txt").write_text(text_of(KNOWN), encoding="utf-8")
    (folder / "connu-corrige.txt").write_text(text_of(EDITED), encoding="utf-8")
    extract_of_known(folder / "bilan-connu.extract.zip")
    drawn_pdf(folder / "numerise.pdf")
    printed_pdf(folder / "protege.pdf", KNOWN, password="secret")
    (folder / "vide.txt").write_bytes(b"")
    (folder / "ancien.txt").write_bytes(text_of(UNSEEN["texte.txt"]).encode("cp1252"))
    (folder / "image.pdf").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 200)
    return sorted(folder.iterdir())


@dataclass(frozen=True)
class Taken:
    """The home after the one refresh, and what the command answered."""

    barometre: Command
    code: int
    result: Any

    def source(self, name: str) -> str:
        """The report that a delivered file is of."""
        [(source,)] = self.barometre.sql(f"SELECT dataset_or_report FROM meta.source_file WHERE name = '{name}'")
        return str(source)


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Taken:
    barometre = Command(tmp_path_factory.mktemp("taken") / "home")
    code, result = barometre("ingest", *map(str, deliver(tmp_path_factory.mktemp("sent"))))
    return Taken(barometre, code, result)


def test_what_is_bad_is_told_and_everything_else_is_published(taken: Taken) -> None:
    assert (taken.code, taken.result["outcome"]) == (1, "published")
    assert {refused["input"] for refused in taken.result["refused"]} == set(BAD)


@pytest.mark.parametrize("name", BAD)
def test_each_bad_report_is_quarantined_with_its_reason_in_french(taken: Taken, name: str) -> None:
    [refused] = [r for r in taken.result["refused"] if r["input"] == name]
    assert BAD[name] in refused["expectation"]
    assert refused["next_step"]
    assert not re.search(r"\b(the|was|were|expected|found)\b", f"{refused['expectation']} {refused['next_step']}")
    assert list((taken.barometre.home / "quarantine").glob(f"*/{name}"))


@pytest.mark.parametrize("name", UNSEEN)
def test_an_unseen_report_proposes_its_figures(taken: Taken, name: str) -> None:
    source = taken.source(name)
    read = taken.barometre.sql(
        f"SELECT DISTINCT extraction_method, review_status FROM marts.fct_observation WHERE report_key = '{source}'"
    )
    assert read == [("automatic", "unreviewed")]
    shown = taken.barometre.sql(
        "SELECT count(*) FROM marts.v_indicator_printings "
        f"WHERE report_key = '{source}' AND extraction_method = 'automatic'"
    )
    assert shown[0][0] > 0


@pytest.mark.parametrize("name", UNSEEN)
def test_every_numeral_of_an_unseen_report_is_in_the_ledger(taken: Taken, name: str) -> None:
    ledger = taken.barometre.sql(
        f"SELECT printed, disposition FROM quality.figure_ledger WHERE report_id = '{taken.source(name)}'"
    )
    numbers = set(re.findall(r"\d+", "".join(UNSEEN[name])))
    assert numbers <= set(re.findall(r"\d+", " ".join(printed for printed, _ in ledger)))
    assert {disposition for _, disposition in ledger} <= {"observed", "part_of", "dismissed", "pending"}


@pytest.mark.parametrize("name", [*UNSEEN, "connu-corrige.txt"])
def test_a_finding_asks_to_review_it(taken: Taken, name: str) -> None:
    source = taken.source(name)
    told = taken.barometre.sql(
        "SELECT severity, status, message_fr FROM quality.finding WHERE rule_code = 'review_wanted' "
        f"AND list_contains(fact_refs, '{source}')"
    )
    assert [row[:2] for row in told] == [("warning", "open")]
    assert f"barometre review {source}" in told[0][2]
    assert "proposé" in told[0][2]


def test_reviewed_reports_ask_for_nothing(taken: Taken) -> None:
    asked = taken.barometre.sql(
        "SELECT DISTINCT unnest(fact_refs) FROM quality.finding WHERE rule_code = 'review_wanted'"
    )
    assert {source for (source,) in asked} == {taken.source(name) for name in (*UNSEEN, "connu-corrige.txt")}


def test_proposals_are_in_no_value_no_target_and_no_other_rule(taken: Taken) -> None:
    proposals = "(SELECT observation_id FROM marts.fct_observation WHERE extraction_method = 'automatic')"
    for column, table in (
        ("observation_id", "marts.fct_indicator_value"),
        ("target_observation_id", "marts.fct_target_progress"),
        ("actual_observation_id", "marts.fct_target_progress"),
    ):
        assert taken.barometre.sql(f"SELECT {column} FROM {table} WHERE {column} IN {proposals}") == []
    judging = taken.barometre.sql(
        "SELECT DISTINCT rule_code FROM (SELECT rule_code, unnest(observation_ids) AS observation_id "
        f"FROM quality.finding) WHERE observation_id IN {proposals}"
    )
    assert judging == [("edition_difference",)]


def test_the_differences_of_two_editions_are_findings_and_neither_overwrites_the_other(taken: Taken) -> None:
    edition = taken.source("connu-corrige.txt")
    report = taken.barometre.sql(f"SELECT supersedes_report_key FROM marts.dim_report WHERE report_key = '{edition}'")
    assert report == [("bilan-connu",)]
    printed = dict(
        taken.barometre.sql(
            "SELECT observation_id, printed FROM marts.fct_observation WHERE report_key = 'bilan-connu'"
        )
    )
    assert printed == {"bilan-connu#msp-2029": "168", "bilan-connu#centres-2029": "24"}
    told = [
        m
        for (m,) in taken.barometre.sql("SELECT message_fr FROM quality.finding WHERE rule_code = 'edition_difference'")
    ]
    assert [m for m in told if "168" in m and "174" in m]
    assert [m for m in told if "24" in m and "ne l’imprime plus" in m]
    value = taken.barometre.sql(
        "SELECT value, has_open_finding FROM marts.fct_indicator_value WHERE observation_id = 'bilan-connu#msp-2029'"
    )
    assert [(int(number), flagged) for number, flagged in value] == [(168, True)]


def test_a_home_that_read_reports_has_nothing_more_to_do(taken: Taken) -> None:
    code, result = taken.barometre("refresh")
    assert (code, result["outcome"]) == (0, "nothing"), result["reasons"]
