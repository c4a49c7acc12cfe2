"""The question bank: every question the assistant may ask, read from a reviewed file.

Law: nothing is asked that is not in it, and nothing gets into it that 12 CFR 1002.5(b) to (d) keeps out:
the loader looks at every word a person would read, in both languages, and refuses to start. Alimony, child
support and separate maintenance are spoken of in one question only, behind its notice (1002.5(d)(2)).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lendgate.assistants.intake.text import Language
from lendgate.assistants.intake.volunteered import prohibited
from lendgate.errors import PolicyError
from lendgate.policy.yaml_text import read_yaml
from lendgate.schema.enums import Product

FieldName = Literal[
    "product",
    "name",
    "loan_purpose",
    "amount_requested",
    "term_months",
    "property_address",
    "property_value",
    "property_usage",
    "income",
    "other_income",
    "work",
    "employer",
    "employment_years",
    "housing",
    "monthly_housing",
    "monthly_debts",
    "liquid_assets",
    "foreclosure",
    "outstanding_judgments",
    "delinquent_federal_debt",
    "taxpayer_identifier",
]
"""What a question may fill. Whatever is not in this list cannot be asked about."""
Kind = Literal[
    "choice",
    "name",
    "text",
    "money",
    "money_per_year",
    "money_per_month",
    "duration",
    "address",
    "yes_no",
    "identifier",
]
FIELDS: Final[tuple[FieldName, ...]] = get_args(FieldName)
_NEED_NOT: Final[Mapping[Language, str]] = {"en": "need not", "es": "no tiene que"}
_AFTER_NOTICE: Final = "other_income"


class Both(BaseModel):
    """A text in both languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    en: Annotated[str, Field(min_length=1, max_length=400)]
    es: Annotated[str, Field(min_length=1, max_length=400)]

    def said(self, language: Language) -> str:
        """The text in one of them."""
        return self.en if language == "en" else self.es


class Words(BaseModel):
    """Words and phrases in both languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    en: tuple[str, ...]
    es: tuple[str, ...]

    @property
    def both(self) -> tuple[str, ...]:
        """All of them: people mix languages."""
        return (*self.en, *self.es)


class Option(BaseModel):
    """One allowed answer and the words that mean it.

    Unasked, only phrases of several words and those in ``clear`` count.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: Both
    words: Words
    clear: tuple[str, ...] = ()


class Question(BaseModel):
    """One reviewed question. ``when`` holds the answers that make it apply."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    field: FieldName
    order: int
    kind: Kind
    products: tuple[Product, ...]
    label: Both
    ask: Both
    why: Both
    law: Annotated[str, Field(min_length=5)]
    notice: Both | None = None
    about: Words = Words(en=(), es=())
    options: Mapping[str, Option] = {}
    when: Mapping[FieldName, tuple[str, ...]] = {}
    private: bool = False
    """The answer is never shown to a model."""
    needed: bool = False
    """Without an answer there is no application; every other question may be left out."""
    nothing: Words | None = None
    """Words that mean none; not given: none is no answer here."""
    sum: bool = False
    """Several sums in one answer are added up."""

    def asked(self, language: Language) -> str:
        """The whole question, behind its notice where it has one."""
        ask = self.ask.said(language)
        return f"{self.notice.said(language)} {ask}" if self.notice else ask


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class QuestionBank:
    """The questions by field, in their order."""

    version: str
    questions: Mapping[FieldName, Question]

    def __getitem__(self, field: FieldName) -> Question:
        return self.questions[field]

    def applying(self, product: str | None, known: Mapping[FieldName, str]) -> Iterator[Question]:
        """The questions of a product whose conditions the known answers do not rule out, in order.

        Without a product only the question for it applies.
        """
        for question in self.questions.values():
            if product is None and question.field != "product":
                continue
            if product is not None and product not in question.products:
                continue
            if all(known.get(field, wanted[0]) in wanted for field, wanted in question.when.items()):
                yield question

    def hearable(self, product: str | None) -> dict[FieldName, Question]:
        """The questions whose answers may be taken at any time: of a product, or common to all."""
        every = get_args(Product) if product is None else (product,)
        return {
            field: question
            for field, question in self.questions.items()
            if all(one in question.products for one in every)
        }


def load_bank(name: str, content: bytes) -> QuestionBank:
    """Read a question bank.

    Raises:
        PolicyError: it must not be used: the message names the question and what to mend.
    """
    try:
        file = _File.model_validate(read_yaml(name, content))
    except ValidationError as cause:
        first = cause.errors(include_url=False, include_input=False)[0]
        raise PolicyError(f"{name}: {'/'.join(map(str, first['loc']))}: {first['msg']}") from cause
    ordered = sorted(file.questions, key=lambda question: question.order)
    bank = QuestionBank(file.version, {question.field: question for question in ordered})
    if len(bank.questions) != len(ordered):
        raise PolicyError(f"{name}: a field has two questions; keep one")
    for question in ordered:
        _check(name, question, bank)
    return bank


@lru_cache(maxsize=1)
def packaged_bank() -> QuestionBank:
    """The reviewed bank that ships with Lendgate."""
    path = files("lendgate.assistants.intake").joinpath("question_bank.yaml")
    return load_bank("question_bank.yaml", path.read_bytes())


def _check(name: str, question: Question, bank: QuestionBank) -> None:
    place = f"{name}: {question.field}"
    if (question.kind == "choice") != bool(question.options):
        raise PolicyError(f"{place}: exactly the questions of kind choice have options")
    if not set(question.when) <= set(bank.questions):
        raise PolicyError(f"{place}: when names a field that is never asked about")
    for language in get_args(Language):
        _check_subjects(place, question, language)


def _check_subjects(place: str, question: Question, language: Language) -> None:
    """Refuse what 1002.5 keeps out, in every text that a person would read."""
    notice = question.notice.said(language) if question.notice else ""
    noticed = question.field == _AFTER_NOTICE and _NEED_NOT[language] in notice.lower()
    for text in _read_by_people(question, language):
        found = prohibited(text, language, after_notice=noticed)
        if found:
            raise PolicyError(f"{place}: asks about {found!r}, which 12 CFR 1002.5 keeps out; take it out")


def _read_by_people(question: Question, language: Language) -> Iterator[str]:
    yield question.label.said(language)
    yield question.ask.said(language)
    yield question.why.said(language)
    yield question.notice.said(language) if question.notice else ""
    yield from (option.label.said(language) for option in question.options.values())
