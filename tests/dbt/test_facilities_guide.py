"""The query of docs/facilities.md, run as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

PAGE = Path(__file__).resolve().parents[2] / "docs" / "facilities.md"


def test_the_query_counts_what_was_open_at_the_date_in_one_vintage() -> None:
    query = re.search(r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert query is not None
    database = duckdb.connect()
    database.execute("CREATE SCHEMA marts")
    database.execute(
        """
        CREATE TABLE marts.dim_territory AS
        FROM (VALUES ('commune:33063', '75', '33'), ('department:24', '75', '24'), ('commune:31555', '76', '31'))
            AS t (territory_key, region_code, department_code)
        """
    )
    database.execute(
        """
        CREATE TABLE marts.fct_facility AS
        SELECT
            vintage AS dataset_key, entity AS counted_entity, category, territory_key,
            CAST(opened AS date) AS opened_on, CAST(closed AS date) AS closed_on
        FROM (VALUES
            ('finess-acces-aux-soins@2021-01-08', 'etablissement', '603', 'commune:33063', '2014-05-01', NULL),
            ('finess-acces-aux-soins@2021-01-08', 'etablissement', '603', 'commune:33063', '2019-09-30', NULL),
            ('finess-acces-aux-soins@2021-01-08', 'etablissement', '603', 'commune:33063', '2019-10-01', NULL),
            ('finess-acces-aux-soins@2021-01-08', 'etablissement', '603', 'department:24', NULL, NULL),
            ('finess-acces-aux-soins@2021-01-08', 'etablissement', '603', 'commune:31555', '2014-05-01', '2018-01-01'),
            ('finess-acces-aux-soins@2021-01-08', 'etablissement', '355', 'commune:33063', '2014-05-01', NULL),
            ('finess-acces-aux-soins@2021-01-08', 'entite_juridique', '603', 'commune:33063', '2014-05-01', NULL),
            ('finess-fhir@2021-01-08', 'etablissement', '603', 'commune:33063', '2014-05-01', NULL)
        ) AS t (vintage, entity, category, territory_key, opened, closed)
        """
    )
    assert database.execute(query[1]).fetchall() == [
        (None, None, 2, 3),
        ("75", None, 2, 3),
        ("75", "24", 0, 1),
        ("75", "33", 2, 2),
    ]
