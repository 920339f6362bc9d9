"""What a steward may do about a finding, as decisions: a row of the state store in, an act or a refusal in French out.

Pure functions. ``found`` is the finding's row, ``by`` who acts, ``why`` the reason; each act needs both. What is
resolved is left to the rules: a finding that fails again comes back by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from stewardship.findings import DECISION_FR, SEVERITY_FR, STATUS_FR
from stewardship.typography import NBSP, NNBSP, listed_fr, number_fr, quoted_fr, safe_text
from warehouse.acts import Act, Decision, DecisionKind, Waiver
from warehouse.errors import UsageError

#: Why an exception may be accepted.
WAIVER_REASONS = {
    "ecart_accepte": "écart connu et accepté",
    "correction_attendue": "correction attendue de l’éditeur",
    "definition_a_preciser": "définition ou champ à préciser",
    "publication_arretee": "publication arrêtée par l’éditeur",
    "regle_inadaptee": "la règle ne convient pas à ce cas",
}
#: Days of people begin and end there.
ZONE = ZoneInfo("Europe/Paris")
#: What a figure counted: what a decision about a family hangs on, whatever its values are (decision 20).
_COUNTED = ("counted_unit", "champ_fr", "denominator_fr", "definition_version")
_CLOSED = ("waived", "settled")
_LONGEST_TEXT = 2000


@dataclass(frozen=True)
class Fact:
    """The keys of the one fact that all figures of a finding print."""

    indicator_key: str
    territory_key: str
    period_key: str


def acknowledge(found: Mapping[str, Any], *, by: str, why: str, today: date, until: date | None = None) -> Act:
    """Seen, with the day until which its author means to deal with it, if one is given.

    Raises:
        UsageError: it is closed, the day is past, or the author or the reason is missing.
    """
    _refuse_closed(found, "prendre en compte")
    if until is not None and until < today:
        raise UsageError(f"La date {_day(until)} est passée{NNBSP}: donner --until à partir du {_day(today)}.")
    promised = f" (à traiter d’ici le {_day(until)})" if until else ""
    return Act("acknowledged", _name(by), f"{_reason(why)}{promised}")


def assign(found: Mapping[str, Any], *, by: str, why: str, to: str) -> Act:
    """Given to a person, who is its steward from then on.

    Raises:
        UsageError: it is closed, or a name or the reason is missing.
    """
    _refuse_closed(found, "attribuer")
    steward = _name(to, "--to")
    return Act("assigned", _name(by), f"À {steward}{NNBSP}: {_reason(why)}", steward=steward)


def waive(found: Mapping[str, Any], *, by: str, reason: str, why: str, until: date, now: datetime) -> Act:
    """An exception until the end of a day (Paris), for the values that the finding has; it replaces the one before.

    Raises:
        UsageError: it is settled or resolved, the reason is none of the list, the day is past or more than twelve
            months away, or the author or the text is missing.
    """
    _refuse_resolved(found)
    if found["status"] == "settled":
        raise UsageError(f"{_called(found)} est tranchée{NNBSP}: il n’y a rien à déroger. {_reopen_first(found)}")
    if reason not in WAIVER_REASONS:
        raise UsageError(f"Motif inconnu {safe_text(reason)!r}. Motifs admis{NNBSP}: {listed_fr([*WAIVER_REASONS])}.")
    today = now.astimezone(ZONE).date()
    last = _in_twelve_months(today)
    if not today <= until <= last:
        raise UsageError(
            f"Une dérogation dure douze mois au plus{NNBSP}: donner --until entre le {_day(today)} et le {_day(last)}."
        )
    told = f"{WAIVER_REASONS[reason]}{NNBSP}: {_reason(why)}"
    ends = datetime.combine(until + timedelta(days=1), time(), ZONE).astimezone(UTC)
    return Act("waived", _name(by), f"{told} (jusqu’au {_day(until)})", waiver=Waiver(ends, told, guard_of(found)))


def settle(
    found: Mapping[str, Any],
    *,
    by: str,
    decision: DecisionKind,
    why: str,
    observation: str | None = None,
    fact: Fact | None = None,
) -> Act:
    """A decision, for the values that the finding has. ``fact`` is what its figures print, if they print one.

    Raises:
        UsageError: it is resolved, a figure is missing or is none of the finding's, or the author or reason is missing.
    """
    _refuse_resolved(found)
    _check_observation(found, decision, observation)
    reason = _reason(why)
    # What the rules read of a family is the pair of concepts, never one fact.
    keys = fact if decision in ("keep_both", "not_comparable") and not _is_family(found) else None
    taken = Decision(
        decision,
        reason,
        guard_of(found),
        observation,
        *((keys.indicator_key, keys.territory_key, keys.period_key) if keys else ()),
    )
    told = DECISION_FR[decision] + (f" ({observation})" if observation else "")
    return Act("settled", _name(by), f"{told}{NNBSP}: {reason}", decision=taken)


def reopen(found: Mapping[str, Any], *, by: str, why: str, decisions: Iterable[Mapping[str, Any]] = ()) -> Act:
    """Taken back: the question is asked again, its waiver ends and its decisions are withdrawn, told in its history.

    Raises:
        UsageError: nobody did anything about it, it is resolved, or the author or the reason is missing.
    """
    _refuse_resolved(found)
    if found["status"] in ("open", "changed", "reopened"):
        raise UsageError(f"{_called(found)} est {STATUS_FR[found['status']]}{NNBSP}: il n’y a rien à rouvrir.")
    withdrawn = [
        f"{DECISION_FR[taken['decision']]}"
        + (f" ({taken['retained_observation_id']})" if taken["retained_observation_id"] else "")
        + f", {taken['decided_by']}, {_day(taken['decided_at'].astimezone(ZONE).date())}, {taken['reason']}"
        for taken in decisions
    ]
    told = f" (décision retirée{NNBSP}: {f'{NNBSP}; '.join(withdrawn)})" if withdrawn else ""
    return Act("reopened", _name(by), f"{_reason(why)}{told}", withdraws_decisions=True)


def guard_of(found: Mapping[str, Any]) -> dict[str, Any]:
    """What the figures of a finding are, by observation, in the form that the rules check (decision 20).

    A number is the value; of a family, an object tells what is counted. A figure of which the evidence tells nothing
    is named and not guarded: what a decision covers is the very figures of the finding.
    """
    named = dict.fromkeys([*found["observation_ids"], *found["fact_refs"]])
    return named | {
        figure["ref"]: {name: figure[name] for name in _COUNTED if name in figure}
        if _is_family(found)
        else figure.get("value")
        for figure in _figures(found)
        if isinstance(figure.get("ref"), str)
    }


def hidden_fr(found: Mapping[str, Any], until: date, others_of_case: int) -> list[str]:
    """What a waiver would hide, said before it is granted."""
    severity = SEVERITY_FR.get(found["severity"], found["severity"])
    values = [
        f"{safe_text(figure['ref'])} = {number_fr(figure.get('value'))}"
        for figure in _figures(found)
        if isinstance(figure.get("ref"), str)
    ]
    lines = [
        f"Serait mise de côté jusqu’au {_day(until)}{NNBSP}: {severity} {found['finding_id']} ({found['rule_code']}).",
        safe_text(found["message_fr"]),
    ]
    if values:
        lines.append(f"Tant que les chiffres restent{NNBSP}: {f'{NNBSP}; '.join(values)}.")
    if others_of_case:
        left, others = ("Resteraient", "autres") if others_of_case > 1 else ("Resterait", "autre")
        lines.append(f"{left} à traiter{NNBSP}: {others_of_case}{NBSP}{others} du même dossier.")
    return lines


def _check_observation(found: Mapping[str, Any], decision: str, observation: str | None) -> None:
    if decision != "retain" and observation is not None:
        raise UsageError("--observation nomme le chiffre que --decision retain retient, et rien d’autre.")
    if decision == "retain" and observation not in found["observation_ids"]:
        known = listed_fr([safe_text(known) for known in found["observation_ids"]])
        wrong = f"{safe_text(observation)} n’est pas un chiffre de cette incohérence. " if observation else ""
        instead = f"donner --observation parmi{NNBSP}: {known}" if known else "aucun de ses chiffres ne se retient"
        raise UsageError(f"{wrong}Pour --decision retain, {instead}.")


def _is_family(found: Mapping[str, Any]) -> bool:
    return bool(found["rule_code"] == "comparability")


def _figures(found: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    evidence = found["evidence"]
    figures = evidence.get("figures") if isinstance(evidence, Mapping) else None
    return [figure for figure in figures or () if isinstance(figure, Mapping)]


def _refuse_resolved(found: Mapping[str, Any]) -> None:
    if found["status"] == "resolved":
        raise UsageError(
            f"{_called(found)} est résolue{NNBSP}: la règle est respectée, il ne reste rien à faire. "
            "Si elle ne l’est plus un jour, l’incohérence se rouvre d’elle-même."
        )


def _refuse_closed(found: Mapping[str, Any], to_do: str) -> None:
    _refuse_resolved(found)
    if found["status"] in _CLOSED:
        state = STATUS_FR[found["status"]]
        raise UsageError(f"{_called(found)} est {state}{NNBSP}: il n’y a rien à {to_do}. {_reopen_first(found)}")


def _reopen_first(found: Mapping[str, Any]) -> str:
    command = quoted_fr(f"barometre findings reopen {found['finding_id']} --why …")
    return f"La rouvrir d’abord{NNBSP}: {command}."


def _called(found: Mapping[str, Any]) -> str:
    return f"L’incohérence {found['finding_id']}"


def _name(text: str, option: str = "--by") -> str:
    return _kept(text, f"{option}{NNBSP}: un nom est attendu")


def _reason(text: str) -> str:
    return _kept(text, f"--why{NNBSP}: une raison est attendue, pour qui lira l’historique")


def _kept(text: str, expected: str) -> str:
    """A text as one line that no terminal obeys."""
    kept = safe_text(text)
    if not kept or len(kept) > _LONGEST_TEXT:
        raise UsageError(f"{expected}, de {_LONGEST_TEXT} caractères au plus.")
    return kept


def _in_twelve_months(day: date) -> date:
    """The same day a year later; the 28th of February after the 29th."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
