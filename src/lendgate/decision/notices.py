"""The notices of Regulation B as letters: Forms C-1, C-2, C-4 and C-6 of Appendix C to 12 CFR 1002.

Law: a notice says what its decision says, in the forms' own words, and adds nothing; reasons stand in the
decision's order. The block on consumer reports (15 U.S.C. 1681m(a)) is there exactly when one was used.
A brokered application names the creditor that decided (12 CFR 1002.9(g)). Business credit (Forms C-7 and
C-8) would be two more entries of ``_FORMS``: there is no product for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from lendgate.decision import form_words as words
from lendgate.decision.consumer_report import ReportDisclosure, ScoreUsed
from lendgate.decision.creditor import Creditor, ReportingAgency
from lendgate.decision.letter import Letter, Section, long_date
from lendgate.decision.lint import faults_of_letter
from lendgate.decision.refusals import DecisionRefusedError
from lendgate.decision.words import CREDIT
from lendgate.schema import Application, CreditTerms, Decision
from lendgate.schema.decision import NoticeForm

_DEAR: Final = "Dear Applicant:"


@dataclass(frozen=True, slots=True)
class Told:
    """What a notice is made of: the decision, whose application it was and through whom, who lends, and
    the consumer report where one was used.
    """

    decision: Decision
    application: Application
    broker_id: str
    creditor: Creditor
    report: ReportDisclosure | None


def notice(told: Told) -> Letter | None:
    """The letter that tells of a decision; None where none is called for.

    Raises:
        DecisionRefusedError: the letter says something that may not go out, or lacks what it must say.
    """
    form = told.decision.notice
    if form is None:
        return None
    letter = Letter(
        form=form,
        title=words.TITLES[form],
        dated=told.decision.decided_on,
        sender=(told.creditor.name, told.creditor.address, told.creditor.telephone),
        recipient=(applicant_name(told.application),),
        sections=(*_FORMS[form](told), _brokered(told)),
    )
    faults = faults_of_letter(letter, told.decision.reasons)
    if faults:
        raise DecisionRefusedError(f"The notice may not go out ({faults[0].requirement}): {faults[0].words}")
    return letter


def applicant_name(application: Application) -> str:
    """The primary applicant's name (12 CFR 1002.9(f)), or the identifier that the broker gave."""
    people = application.applicants or []
    primary = next((one for one in people if one.role == "primary"), people[0] if people else None)
    if primary is None or primary.name is None:
        return f"Applicant {application.applicant_id}"
    name = primary.name
    return " ".join(part for part in (name.first, name.middle, name.last, name.suffix) if part)


def requested_credit(application: Application) -> str:
    """What was asked for, in a few words: "a personal loan of $10,000.00 over 36 months"."""
    amount = f" of ${application.amount_requested:,.2f}" if application.amount_requested else ""
    term = f" over {application.term_months} months" if application.term_months else ""
    return f"{CREDIT[application.product]}{amount}{term}"


def _denial_form(told: Told) -> tuple[Section, ...]:
    """Form C-1."""
    wanted = requested_credit(told.application)
    account = (
        ("Description of requested credit", wanted[0].upper() + wanted[1:]),
        ("Description of action taken", told.decision.statement),
    )
    return (
        Section(fields=account),
        Section(heading=words.REASONS_HEADING, items=_reasons(told)),
        *_report_used(told, words.REPORT_HEADING),
        _questions(told, "notice"),
        _ecoa(told),
    )


def _denial_letter(told: Told) -> tuple[Section, ...]:
    """Form C-2."""
    opening = words.DENIED.format(credit=requested_credit(told.application))
    return (
        Section(paragraphs=(_DEAR, opening), items=_reasons(told)),
        *_report_used(told),
        _questions(told, "letter"),
        _ecoa(told),
    )


def _counteroffer(told: Told) -> tuple[Section, ...]:
    """Form C-4."""
    decision, creditor = told.decision, told.creditor
    if decision.counteroffer is None or decision.respond_by is None:
        raise DecisionRefusedError("A counteroffer has terms and a day until which it can be accepted.")
    opening = words.NOT_AS_REQUESTED.format(credit=requested_credit(told.application))
    accept = words.ACCEPT_BY.format(
        day=long_date(decision.respond_by), address=f"{creditor.name}, {creditor.address}"
    )
    return (
        Section(paragraphs=(_DEAR, opening), items=_reasons(told)),
        Section(paragraphs=(words.OFFERED,), fields=_offered(decision.counteroffer)),
        Section(paragraphs=(accept,)),
        *_report_used(told),
        _ecoa(told),
    )


def _offered(terms: CreditTerms) -> tuple[tuple[str, str], ...]:
    fields = [("Amount", f"${terms.amount:,.2f}"), ("Term", f"{terms.term_months} months")]
    if terms.annual_rate is not None:
        fields.append(("Annual percentage rate", f"{(terms.annual_rate * 100).normalize():f}%"))
    if terms.other:
        fields.append(("Other terms", terms.other))
    return tuple(fields)


def _incomplete(told: Told) -> tuple[Section, ...]:
    """Form C-6."""
    decision = told.decision
    if not decision.missing or decision.respond_by is None:
        raise DecisionRefusedError("A notice of incompleteness names each missing item and a day for it.")
    items = tuple(item.text for item in decision.missing)
    by = words.SEND_BY.format(day=long_date(decision.respond_by))
    return (Section(paragraphs=(_DEAR, words.NEEDED), items=items), Section(paragraphs=(by,)))


_FORMS: Final[Mapping[NoticeForm, Callable[[Told], tuple[Section, ...]]]] = {
    "C-1": _denial_form,
    "C-2": _denial_letter,
    "C-4": _counteroffer,
    "C-6": _incomplete,
}


def _reasons(told: Told) -> tuple[str, ...]:
    return tuple(reason.text for reason in told.decision.reasons)


def _report_used(told: Told, heading: str | None = None) -> tuple[Section, ...]:
    report = told.report
    if report is None:
        return ()
    agency = report.agency
    fields = (("Name", agency.name), ("Address", agency.address), ("Toll-free telephone", agency.telephone))
    used = Section(heading=heading, paragraphs=(words.REPORT,), fields=fields)
    return (used, *_score_used(report.score, agency)) if report.score else (used,)


def _score_used(score: ScoreUsed, agency: ReportingAgency) -> tuple[Section, Section]:
    fields = (
        ("Your credit score", str(score.score)),
        ("Date", long_date(score.dated)),
        ("Scores range", f"from a low of {agency.lowest_score} to a high of {agency.highest_score}"),
    )
    said = Section(paragraphs=(words.SCORE,), fields=fields)
    return said, Section(paragraphs=(words.KEY_FACTORS,), items=score.key_factors)


def _questions(told: Told, what: str) -> Section:
    fields = (
        ("Creditor's name", told.creditor.name),
        ("Creditor's address", told.creditor.address),
        ("Creditor's telephone number", told.creditor.telephone),
    )
    return Section(paragraphs=(words.QUESTIONS.format(what=what),), fields=fields)


def _ecoa(told: Told) -> Section:
    agency = f"{told.creditor.agency.name}, {told.creditor.agency.address}"
    return Section(heading="Notice", paragraphs=(words.ECOA.format(agency=agency.rstrip(".")),))


def _brokered(told: Told) -> Section:
    """12 CFR 1002.9(g): whoever hands the notice on, it says on whose behalf."""
    creditor = f"{told.creditor.name}, {told.creditor.address}"
    return Section(paragraphs=(words.BROKERED.format(broker=told.broker_id, creditor=creditor),))
