"""The conversation of ``barometre review``: one row after the other, plain prompts, every decision kept at once."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import click

from ingestion import review
from ingestion.choices import Choice, Choices, search
from ingestion.describing import dated, redescribed
from ingestion.drafts import DecisionError, Draft, Row, is_proposal, placed_in, span_of
from ingestion.report_file import read_report
from ingestion.review import Codes, Item
from ingestion.review_hints import Hints
from ingestion.review_session import Opened
from orchestration.review_lines import (
    FORM_FR,
    KIND_FR,
    STATUS_FR,
    choice_line,
    context,
    description_lines,
    period_fr,
    print_context,
    proposal_lines,
    shown,
)

COMMON_KEYS = "d défaire · n autre chiffre · f fiche · q quitter"
FIGURE_KEYS = f"a accepter · m modifier · r rejeter · p passer · {COMMON_KEYS}"
NUMERAL_KEYS = f"c c’est un chiffre · r rejeter · p passer · {COMMON_KEYS}"
END_KEYS = f"m modifier une figure · {COMMON_KEYS}"
REPORT_KEYS = "t titre · e éditeur · r territoire · d date · l licence · ok · x abandonner · q quitter"
EDIT_KEYS = (
    "i indicateur · t territoire · p période · n nature · f forme · s statut · h approximation · b base · "
    "c chiffre imprimé · ok · x abandonner"
)
Decision = Callable[[Draft], Draft]


class Abandoned(Exception):
    """The person gave up a change: the row is asked again."""


@dataclass
class Conversation:
    """A review of one report by one person; ``keep`` makes each decision durable before the next question.

    ``hint`` says what can be offered for a draft; it is asked again when the description of the report changes.
    """

    session: Opened
    by: str
    choices: Choices
    keep: Callable[[Draft], None]
    hint: Callable[[Draft], Hints]
    passed: set[tuple[str | None, int | None]] = field(default_factory=set)
    history: list[Draft] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.draft, self.text = self.session.draft, self.session.text
        self.codes = Codes(self.choices.units, frozenset(self.choices.territories))
        self.hints = self.hint(self.draft)

    def run(self) -> Draft:
        """Go through what awaits until nothing does, or the person quits; returns the draft with every decision."""
        # polars, once used, lets a prompt be read on after Ctrl-C: Python's own handler interrupts it.
        signal.signal(signal.SIGINT, signal.getsignal(signal.SIGINT))
        try:
            if not self.session.is_resumed and any(is_proposal(row) for row in self.draft.figures):
                self._decide(self._redescribed)
            while self._settle(item) if (item := self._next()) else self._end():
                pass
        except click.Abort:
            click.echo()
        return self.draft

    def _next(self) -> Item | None:
        return next((i for i in review.awaiting(self.draft) if (i.figure_key, i.start) not in self.passed), None)

    def _settle(self, item: Item) -> bool:
        """Ask for one row until it is settled or passed; False when the person quits."""
        self._show(item)
        keys = NUMERAL_KEYS if item.figure_key is None else FIGURE_KEYS
        while True:
            key = ask(keys)[:1].lower()
            if key == "q":
                return False
            if key == "p":
                self.passed.add((item.figure_key, item.start))
                return True
            if key == "d" and self._undone():
                return True
            decide = self._decisions(item).get(key)
            if decide is None:
                click.echo(f"Touches : {keys}")
            elif self._decide(decide):
                return True

    def _end(self) -> bool:
        """Ask once more when nothing awaits: the last decision may be undone, a figure added or changed."""
        click.echo("\nPlus rien n’attend dans ce rapport, sauf ce qui a été passé.")
        key = ask(END_KEYS)[:1].lower()
        if key == "d":
            self._undone()
        decide = {**self._common(), "m": lambda d: self._modified(d, ask("figure"))}.get(key)
        if decide is not None:
            self._decide(decide)
        return key != "q"

    def _undone(self) -> bool:
        """Take the last decision of this session back; False when there is none."""
        if not self.history:
            return False
        self._keep(self.history.pop())
        return True

    def _common(self) -> dict[str, Decision]:
        return {"f": self._redescribed, "n": self._added}

    def _decisions(self, item: Item) -> dict[str, Decision]:
        figure = item.figure_key
        if figure is None:
            return {**self._common(), "c": lambda d: self._observed(d, item), "r": lambda d: self._no_figure(d, item)}
        return {
            **self._common(),
            "a": lambda d: review.accept(d, figure, self.by, self.text, self.codes),
            "m": lambda d: self._modified(d, figure),
            "r": lambda d: review.dismiss(d, figure, self._reason()),
        }

    def _decide(self, decide: Decision) -> bool:
        """Take a decision and keep it; what cannot be decided so is said, and asked again."""
        before = self.draft
        try:
            after = decide(before)
        except Abandoned:
            return False
        except DecisionError as error:
            click.echo(f"Impossible : {shown(str(error))}.")
            return False
        if after != before:
            self.history.append(before)
            self._keep(after)
        return True

    def _keep(self, draft: Draft) -> None:
        self.keep(draft)
        if draft.files != self.draft.files:
            self.hints = self.hint(draft)
        self.draft = draft

    # --- what is shown -----------------------------------------------------------------------------------------------

    def _show(self, item: Item) -> None:
        left = len(review.awaiting(self.draft))
        click.echo()
        click.echo(f"── {self.session.report_id} · {self._place_fr(item)} · reste {left}")
        if item.start is not None and item.end is not None:
            print_context(context(self.text, item.start, item.end))
        if item.figure_key is not None:
            self._show_row(self.draft.figure(item.figure_key))

    def _place_fr(self, item: Item) -> str:
        page = self.session.document.page_at(item.start) if item.start is not None else None
        what = f"figure {item.figure_key}" if item.figure_key else "nombre en attente"
        return f"{what} · ligne {item.line}" + (f", page {page}" if page is not None else "")

    def _show_row(self, row: Row) -> None:
        for line in proposal_lines(row, self.choices, self.hints.scores.get(span_of(row) or (0, 0))):
            click.echo(line)

    # --- the report as a whole ---------------------------------------------------------------------------------------

    def _redescribed(self, draft: Draft) -> Draft:
        """The description of the report as the person corrects it, until « ok »."""
        click.echo("\nFiche du rapport")
        while True:
            for line in description_lines(read_report("", draft.files)[0], self.choices):
                click.echo(line)
            key = ask(REPORT_KEYS).lower()
            if key in ("o", "ok"):
                return draft
            if key == "x":
                raise Abandoned
            if key == "q":
                raise click.Abort
            edit = self._descriptions().get(key[:1])
            try:
                draft = redescribed(draft, edit()) if edit else draft
            except DecisionError as error:
                click.echo(f"Impossible : {shown(str(error))}.")
            except Abandoned:
                click.echo("Inchangé.")

    def _descriptions(self) -> dict[str, Callable[[], Row]]:
        return {
            "t": lambda: {"title": ask("titre")},
            "e": lambda: {"publisher": ask("éditeur")},
            "r": lambda: {"scope_territory_key": self._chosen("territoire", self.choices.territories)},
            "d": lambda: dated(ask("date (2019, 2019-09 ou 2019-09-30)")),
            "l": lambda: {"licence": ask("licence")},
        }

    # --- what is asked -----------------------------------------------------------------------------------------------

    def _modified(self, draft: Draft, key: str) -> Draft:
        return review.modify(draft, key, self._edited(draft.figure(key)), self.by, self.text, self.codes)

    def _observed(self, draft: Draft, item: Item) -> Draft:
        assert item.start is not None
        assert item.end is not None
        return self._figure(draft, self.hints.rows.get(item.start) or self._blank(draft, item.start, item.end))

    def _added(self, draft: Draft) -> Draft:
        """A figure that nobody found, wherever it stands: its numeral was dismissed, or is none to the machine."""
        line = ask("ligne du texte (vide pour revenir)")
        if not line:
            raise Abandoned
        printed = ask("chiffre tel qu’imprimé")
        start, end = review.span_on_line(draft, self.text, int(line) if line.isdecimal() else 0, printed)
        print_context(context(self.text, start, end))
        return self._figure(draft, self._blank(draft, start, end))

    def _blank(self, draft: Draft, start: int, end: int) -> Row:
        return review.blank(draft, placed_in(self.session.document, start, end))

    def _figure(self, draft: Draft, row: Row) -> Draft:
        if not row.get("indicator_code"):
            row = {**row, **self._indicator(row)}
        return review.observe(draft, self._edited(row), self.by, self.text, self.codes)

    def _no_figure(self, draft: Draft, item: Item) -> Draft:
        assert item.start is not None
        return review.dismiss_numeral(draft, item.start, self._reason())

    def _reason(self) -> str:
        """A few words of the person's, or one of the usual reasons by its number in their list."""
        reasons = self.hints.reasons
        while True:
            told = ask("motif (quelques mots, ou le numéro d’un motif usuel, ? pour les voir ; vide pour revenir)")
            if not told:
                raise Abandoned
            if told != "?":
                return reasons[int(told) - 1] if _is_number(told, len(reasons)) else told
            for number, reason in enumerate(reasons, 1):
                click.echo(f"  {number:>2}  {reason}")

    def _edited(self, row: Row) -> Row:
        """The row as the person changes it, attribute by attribute, until « ok »; what cannot stand is not taken."""
        row = review.measured(row, self.text, self.codes)
        while True:
            self._show_row(row)
            key = ask(EDIT_KEYS).lower()
            if key in ("o", "ok"):
                return row
            if key == "x":
                raise Abandoned
            edit = self._edits().get(key[:1])
            try:
                row = review.measured({**row, **edit(row)}, self.text, self.codes) if edit else row
            except DecisionError as error:
                click.echo(f"Impossible : {shown(str(error))}.")
            except Abandoned:
                click.echo("Inchangé.")

    def _edits(self) -> dict[str, Callable[[Row], Row]]:
        return {
            "i": self._indicator,
            "t": lambda _: {"territory_key": self._chosen("territoire", self.choices.territories)},
            "p": _period,
            "n": self._kind,
            "f": lambda _: {"value_form": _pick("forme", FORM_FR)},
            "s": lambda _: {"obs_status": _pick("statut", STATUS_FR)},
            "h": lambda _: review.hedged(ask("terme tel qu’imprimé (vide : aucun)")),
            "b": lambda _: {"base_period": _asked_period("période de base (vide : aucune)", optional=True)},
            "c": self._span,
        }

    def _indicator(self, row: Row) -> Row:
        code = self._chosen("indicateur", self.choices.indicators)
        kind = review.kind_of(row["kind"], self.choices.natures[code])
        return {"indicator_code": code, **({} if kind == row["kind"] else self._of_kind(kind, code))}

    def _kind(self, row: Row) -> Row:
        return self._of_kind(_pick("nature", KIND_FR), row["indicator_code"])

    def _of_kind(self, kind: str, code: str) -> Row:
        return review.cells_of_kind(kind, self.choices.natures[code], self.choices.units[code])

    def _span(self, row: Row) -> Row:
        start, end = int(row["char_start"]), int(row["char_end"])
        at = review.span_near(self.text, ask("chiffre tel qu’imprimé"), start, end)
        return placed_in(self.session.document, *at)

    def _chosen(self, what: str, choices: Mapping[str, Choice]) -> str:
        """A code, typed as it is or found by words and picked by its number."""
        found: list[Choice] = []
        while True:
            asked = ask(f"{what} (mots, code ou numéro ; vide pour revenir)")
            if not asked:
                raise Abandoned
            if asked in choices:
                return asked
            if _is_number(asked, len(found)):
                return found[int(asked) - 1].code
            found = search(choices.values(), asked)
            for number, choice in enumerate(found, 1):
                click.echo(choice_line(number, choice))
            if not found:
                click.echo(f"Aucun {what} ne porte ces mots.")


def ask(prompt: str) -> str:
    """What a person types, without blanks around.

    Raises:
        click.Abort: the terminal was closed, or the person pressed Ctrl-C.
    """
    return str(click.prompt(prompt, default="", show_default=False, prompt_suffix=" > ")).strip()


def _asked_period(prompt: str, *, optional: bool = False) -> str:
    code = ask(prompt)
    if not code:
        if optional:
            return ""
        raise Abandoned
    review.check_period(code)
    click.echo(f"  {period_fr(code)}")
    return code


def _period(_: Row) -> Row:
    code = _asked_period("période (2019, 2019-09, end:2018, by:2020, 2015/2017…)")
    printed = ask("imprimée à côté du chiffre ? o/n").lower().startswith("o")
    return {"period": code, "date_is_explicit": "true" if printed else "false"}


def _pick(what: str, labels: Mapping[str, str]) -> str:
    for number, label in enumerate(labels.values(), 1):
        click.echo(f"  {number:>2}  {label}")
    told = ask(f"{what} (numéro)")
    if not _is_number(told, len(labels)):
        raise Abandoned
    return list(labels)[int(told) - 1]


def _is_number(told: str, count: int) -> bool:
    return told.isascii() and told.isdigit() and 1 <= int(told) <= count
