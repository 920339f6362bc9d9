"""The file of stewards: what is taken, and what is refused with file, line and place, never with a secret."""

from __future__ import annotations

import re
from datetime import time
from pathlib import Path

import pytest

from stewardship.channels import channel_fault
from stewardship.stewards import read_stewards
from warehouse.errors import InputError
from warehouse.paths import CHECKOUT, Home

GOOD = """\
default: anne
stewards:
  - id: anne
    name: Anne Martin
    email: anne@example.org
    substitute: paul
    channels: ["mailtos://${SMTP_USER}:${SMTP_PASSWORD}@smtp.example.org?to=anne@example.org"]
    min_severity: warning
    delivery: immediate
    quiet_hours: {from: "19:30", to: 08:00}
    escalation: {to: paul, after_days: 10}
  - id: paul
    name: Paul Durand
ownership:
  - steward: paul
    indicator: [msp_en_fonctionnement, msp_multiple]
  - steward: anne
    territory: region:75
"""


def written(home: Path, text: str) -> Home:
    at = Home(home).create()
    at.stewards.write_text(text, encoding="utf-8")
    return at


def test_without_a_file_there_are_no_stewards(home: Path) -> None:
    assert read_stewards(Home(home)) is None


def test_a_file_is_read_whole(home: Path) -> None:
    entry = read_stewards(written(home, GOOD))
    assert entry is not None
    anne, paul = entry.value.stewards
    assert (anne.quiet_hours.start, anne.quiet_hours.end) == (time(19, 30), time(8))  # type: ignore[union-attr]
    assert (anne.escalation.to, anne.escalation.after_days) == ("paul", 10)  # type: ignore[union-attr]
    assert (paul.channels, paul.min_severity, paul.delivery, paul.email) == ((), "info", "digest", None)
    assert entry.value.ownership[0].claims == (("indicator", "msp_en_fonctionnement"), ("indicator", "msp_multiple"))
    assert entry.value.ownership[1].claims == (("territory", "region:75"),)


def test_the_example_is_one_and_names_what_there_is(home: Path) -> None:
    from ingestion.datasets.contracts import load_contracts
    from ingestion.reference.loading import load_reference

    entry = read_stewards(written(home, (CHECKOUT / "deploy" / "stewards.example.yml").read_text(encoding="utf-8")))
    assert entry is not None
    reference = load_reference()
    known = {
        "indicator": set(reference["indicator"]["indicator_code"]),
        "dataset": set(load_contracts()),
        "territory": set(reference["territory"]["territory_key"]),
    }
    claims = [claim for rule in entry.value.ownership for claim in rule.claims]
    assert claims
    assert [claim for claim in claims if claim[1] not in known[claim[0]]] == []


@pytest.mark.parametrize(
    ("before", "after", "line", "said"),
    [
        ("min_severity:", "min_severty:", 8, "stewards[0].min_severty: Extra inputs"),
        ("delivery: immediate", "delivery: at once", 9, "stewards[0].delivery: Input should be"),
        ("default: anne", "default: ane", 1, "default: one of anne, paul was expected, 'ane' is no steward"),
        ("default: anne\n", "", 1, "default: Field required"),
        ("steward: paul", "steward: pual", 15, "ownership[0].steward: one of anne, paul"),
        ("substitute: paul", "substitute: anne", 6, "somebody else was expected"),
        ("substitute: paul", "substitute: pol", 6, "stewards[0].substitute: one of"),
        ("{to: paul,", "{to: pol,", 11, "stewards[0].escalation.to: one of"),
        ("after_days: 10", "after_days: 0", 11, "stewards[0].escalation.after_days"),
        ("after_days: 10", 'after_days: "10"', 11, "stewards[0].escalation.after_days"),
        ('"19:30"', '"7pm"', 10, "stewards[0].quiet_hours.from: a time of the day"),
        ('"19:30"', "1930", 10, "stewards[0].quiet_hours.from: a time of the day"),
        ('"19:30"', '"08:00"', 10, "two different times"),
        ("anne@example.org\n", "anne at example\n", 5, "stewards[0].email: an address"),
        ("Paul Durand", "anne martin", 13, "stewards[1].name: 'anne martin' is given twice"),
        ("id: paul", "id: anne", 12, "stewards[1].id: 'anne' is given twice"),
        ("id: paul", "id: Paul D", 12, "stewards[1].id"),
        ("territory: region:75", "territory: region:75\n    report: r", 17, "ownership[1]: one of indicator, concept"),
        ("    territory: region:75\n", "", 17, "ownership[1]: one of indicator, concept"),
        ("territory: region:75", "indicator: msp_multiple", 18, "indicator 'msp_multiple' has an owner already"),
        ("territory: region:75", "territory: []", 18, "ownership[1].territory"),
        ("territory: region:75", "territory: 75", 18, "ownership[1].territory"),
        ("    name: Paul Durand", "    name: Paul\n    name: Pol", 14, 'found duplicate key "name"'),
        ("stewards:", "stewards: [", 3, "YAML: "),
        (
            "    name: Paul Durand",
            "    name: Paul Durand\n    escalation: {to: anne, after_days: 1}",
            11,
            "stewards[0].escalation.to: the escalation goes in a circle: anne → paul → anne",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_line(home: Path, before: str, after: str, line: int, said: str) -> None:
    assert before in GOOD
    at = written(home, GOOD.replace(before, after, 1))
    with pytest.raises(InputError, match=re.escape(said)) as raised:
        read_stewards(at)
    assert (raised.value.file, raised.value.line) == (str(at.stewards), line)
    assert "Correct it" in str(raised.value)


def test_an_escalation_to_oneself_is_a_circle(home: Path) -> None:
    with pytest.raises(InputError, match="circle: anne → anne"):
        read_stewards(written(home, GOOD.replace("{to: paul,", "{to: anne,")))


@pytest.mark.parametrize("content", [b"", b"- a", b"\xff\xfe", b"a: 2026-13-45", b"\x00", b"{[a]: b}", b"[" * 5000])
def test_whatever_the_bytes_it_is_an_error_of_the_file(home: Path, content: bytes) -> None:
    at = written(home, "")
    at.stewards.write_bytes(content)
    with pytest.raises(InputError, match=re.escape(str(at.stewards))):
        read_stewards(at)


def test_a_folder_or_a_link_to_nothing_is_no_file(home: Path) -> None:
    at = Home(home).create()
    at.stewards.symlink_to("elsewhere.yml")
    with pytest.raises(InputError, match="cannot be read"):
        read_stewards(at)
    at.stewards.unlink()
    at.stewards.mkdir()
    with pytest.raises(InputError, match="cannot be read"):
        read_stewards(at)


@pytest.mark.parametrize(
    "channel",
    [
        "mailtos://${USER}:${PASSWORD}@smtp.example.org?to=anne@example.org",
        "mailto://anne:${PASSWORD}@smtp.example.org:587?to=paul@example.org&name=Baromètre",
        "mailto://smtp.example.org?from=barometre@example.org&to=anne@example.org",
        "jsons://hooks.example.org/barometre",
        "json://localhost:8080/findings?+X-Token=${TOKEN}",
        "slack://${SLACK_A}/${SLACK_B}/${SLACK_C}/#referents",
        "mmosts://chat.example.org/${MATTERMOST_TOKEN}",
        "tgram://${BOT}/${CHAT}",
        "${WHOLE_ADDRESS}",
    ],
)
def test_an_address_without_a_secret_may_stand(channel: str) -> None:
    assert channel_fault(channel) is None


SECRET = "s3cretS3cretS3cret"


@pytest.mark.parametrize(
    "channel",
    [
        f"mailtos://anne:{SECRET}@smtp.example.org",
        "mailtos://anne:x@smtp.example.org",
        "mailtos://${USER}:pre${PASSWORD}@smtp.example.org",
        f"mailtos://anne%3A{SECRET}@smtp.example.org",
        f"mailtos://anne:{SECRET}/x@smtp.example.org",
        f"mailtos://anne:{SECRET}?x@smtp.example.org",
        f"mailtos://anne:{SECRET}#x@smtp.example.org",
        "mailtos://anne:1234/x@smtp.example.org",
        "mailtos://anne:1234#x@smtp.example.org",
        "mailtos://anne.martin:1234#x@smtp.example.org",
        f"mailtos://smtp.example.org?pass={SECRET}",
        f"jsons://{SECRET}@hooks.example.org",
        f"jsons://hooks.example.org/{SECRET}",
        "jsons://hooks.example.org/x?token=abc",
        f"slack://{SECRET}/${{B}}/${{C}}",
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
        f"mmosts://chat.example.org/{SECRET}",
        "tgram://123456789:abcdefg/12315544",
        f"ntfys://topic@{SECRET}",
        f"discord://{SECRET}/x#{SECRET}",
        "mailto://$USER@smtp.example.org",
        "mailto://${user}@smtp.example.org",
        "smtp.example.org",
        "mailto:",
        "mailto://a b",
        "json://[::1/x",
        "",
    ],
)
def test_a_secret_or_no_address_is_refused_and_not_repeated(home: Path, channel: str) -> None:
    fault = channel_fault(channel)
    assert fault
    at = written(home, re.sub(r"channels: .*", lambda _: f"channels: ['{channel}']", GOOD))
    with pytest.raises(InputError) as raised:
        read_stewards(at)
    assert raised.value.line == 7
    assert fault in str(raised.value)
    assert SECRET not in str(raised.value)


def test_a_key_given_twice_does_not_repeat_the_secret(home: Path) -> None:
    twice = re.sub(r"channels: .*", f"channels: '{SECRET}'\n    channels: '{SECRET}'", GOOD)
    with pytest.raises(InputError, match="duplicate key") as raised:
        read_stewards(written(home, twice))
    assert SECRET not in str(raised.value)
