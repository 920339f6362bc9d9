"""The most economical explanation of a case (:mod:`stewardship.economy`) in French. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stewardship.explanations import shifted_fr
from stewardship.typography import NBSP, NNBSP, as_number, listed_fr, number_fr, quoted_fr, safe_text

Figure = Mapping[str, Any]
_MOST_TOLD = 3


def economy_fr(economy: Any) -> str | None:
    """What :meth:`stewardship.economy.Economy.as_json` gave, as a sentence; None where there is nothing to tell."""
    if not isinstance(economy, Mapping):
        return None
    choices, figures = economy.get("choices"), economy.get("figures")
    begin = f"Explication la plus économique{NNBSP}:"
    if isinstance(economy.get("shift"), Mapping):
        cleared, findings = economy.get("cleared"), economy.get("findings")
        of_all = f"{cleared} des {findings}" if cleared != findings else f"les {findings}"
        cure = f"la remettre en place suffirait à lever {of_all} incohérences"
        return f"{begin} {shifted_fr(economy['shift'])}{NNBSP}; {cure}"
    if not choices:
        return _without_fr(economy) if "held" in economy else None
    begin += " changer"
    if len(choices) > _MOST_TOLD:
        number = len(choices[0])
        of_them = "un seul" if number == 1 else number_fr(number)
        return f"{begin} {of_them} des {number_fr(figures)} chiffres en cause suffirait, et rien ne dit lequel"
    told = [_listed(choice) for choice in choices]
    either = f"soit {', soit '.join(told)}," if len(told) > 1 else told[0]
    to_what_end = "les accorder" if figures == 2 else f"accorder les {number_fr(figures)} chiffres en cause"
    return f"{begin} {either} suffirait à {to_what_end}"


def _without_fr(economy: Mapping[str, Any]) -> str:
    """Why there is no economical explanation, and which way the gaps go."""
    held = economy.get("held") or 0
    figures, s = number_fr(economy.get("figures")), "s" if held > 1 else ""
    told = (
        f"Aucune explication économique{NNBSP}: changer quelques-uns des {figures} chiffres en cause ne suffirait pas"
    )
    if held:
        told += f", car ils entrent aussi dans {number_fr(held)} contrôle{s} respecté{s}"
    gaps = [number for gap in economy.get("gaps") or () if (number := as_number(gap))]
    if len(gaps) < 2:
        return told
    sizes = listed_fr([number_fr(abs(gap)) for gap in gaps])
    if all(gap > 0 for gap in gaps) or all(gap < 0 for gap in gaps):
        way = "dépassent tous ce qui est compté" if gaps[0] > 0 else "sont tous inférieurs à ce qui est compté"
        return f"{told}. Les chiffres imprimés {way} (de {sizes}){NNBSP}: ils comptent sans doute autre chose"
    return f"{told}. Les écarts ({sizes}) vont dans les deux sens"


def _listed(choice: Sequence[Figure]) -> str:
    """« 45 », « 7 » et « 61 % » (page 4, lignes 82 à 89)."""
    printed = [_shown(figure) for figure in choice]
    spots = [spot for name, word in (("page", "page"), ("line", "ligne")) if (spot := _spot(choice, name, word))]
    titles = {safe_text(figure["report_title"]) for figure in choice if figure.get("report_title")}
    spots = spots or sorted(titles)
    return f"{listed_fr(printed)} ({', '.join(spots)})" if spots else listed_fr(printed)


def _shown(figure: Figure) -> str:
    """A figure as printed; what no report prints, as a number."""
    if not figure.get("printed"):
        return number_fr(figure.get("value"))
    return quoted_fr(safe_text(" ".join(filter(None, (figure.get("qualifier"), figure["printed"])))))


def _spot(choice: Sequence[Figure], name: str, word: str) -> str | None:
    numbers = sorted({figure[name] for figure in choice if figure.get(name) is not None})
    if len(numbers) < 2:
        return f"{word}{NBSP}{numbers[0]}" if numbers else None
    return f"{word}s{NBSP}{numbers[0]} à{NBSP}{numbers[-1]}"
