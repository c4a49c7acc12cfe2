"""Words a memo may not use, and the ordinary words that only look like them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.analysis.language import INNOCENT, LANGUAGES, Language
from lendgate.analysis.plain import folded
from lendgate.analysis.refusals import refusal

TERMS = [(language.name, term) for language in LANGUAGES for term in sorted(language.terms)]
RELEASED = [term for _, term in TERMS if any(term in phrase for phrase in INNOCENT)]


def refused(text: str) -> str | None:
    """The name of the list a text breaks."""
    language = refusal(folded(text))
    return language.name if language else None


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.name)
def test_every_list_names_its_source(language: Language) -> None:
    """A term without a law or requirement behind it would be a whim."""
    assert language.source
    assert len(language.terms) >= 20


def test_every_term_of_every_list_refuses_a_sentence() -> None:
    """None is shadowed, misspelled or unreachable."""
    assert [term for name, term in TERMS if refused(f"The file shows {term} here.") is None] == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("An applicant of another race.", "prohibited-basis"),
        ("The applicant is MARRIED.", "prohibited-basis"),
        ("Part of the income is Social Security.", "prohibited-basis"),
        ("The applicant is 34 years old.", "prohibited-basis"),
        ("Her income is steady.", "proxy"),
        ("The applicant has two dependents.", "proxy"),
        ("Payments to a church each month.", "proxy"),
        ("The loan will be approved.", "outcome"),
        ("We guarantee funding.", "outcome"),
        ("The applicant qualifies.", "outcome"),
        ("Decline this application.", "outcome"),
        ("A lower rate is possible.", "rate-or-offer"),
        ("Let us negotiate the terms.", "rate-or-offer"),
        ("Better to apply elsewhere.", "discouragement"),
        ("Don't bother to send documents.", "discouragement"),
        ("It does not meet our internal standards.", "policy-talk"),
        ("The score is too low.", "policy-talk"),
        ("The ratio is over the limit.", "policy-talk"),
        ("The algorithm said no.", "policy-talk"),
        ("The pay stub looks doctored.", "signal"),
        ("Income has been verified.", "work-not-done"),
        ("No further review is needed.", "relaxing"),
    ],
)
def test_refused_wording(text: str, name: str) -> None:
    """One sentence a list, at least."""
    assert refused(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "na-tional ori gin",
        "ra\nce",
        "r a c e",
        "r-a-c-e",
        "RELI-GION",
        "s.e.x",
        "the appli-cant is mar- ried",
        "ap\nproved",
        "inter\u2010est ra te",
        "pre-approved",
        "pre approved",
        "cut-off",
        "\uff52\uff41\uff43\uff45",
        "ra'ce",
    ],
)
def test_broken_up_words_are_read_together(text: str) -> None:
    """Spaces, hyphens, points, line breaks, apostrophes and compatibility letters hide nothing."""
    assert refused(text)


@pytest.mark.parametrize(
    "text",
    [
        "Trace the deposit to the mortgage account in Essex County.",
        "National Bank of Colorado sent the statement.",
        "Management of the household budget is in this history.",
        "Whether there is another account, the applicant can explain.",
        "Churchill Street, Sheffield, Whiteley, Blackstone, Manchester.",
        "The average balance engages the manager; a storage facility is leased.",
        "Embrace, grace, terrace and bracelet.",
        "The Social Security number matches the identity document.",
        "The age of the oldest tradeline is known.",
        "Please send a color copy.",
        "The credit limit is not known.",
        "The homeowner's policy is on file.",
        "Minimum payments are made.",
        "Income did decline before it rose.",
        "Corporate, moderate, accurate, separate accounts.",
        "Singular, singly, a single payment, a single-family home.",
        "The model year of the car.",
        "Personal loan, person, season, lesson, reason.",
        "Cherished, heritage, sheet, the hearing, history.",
        "Capital, capacity, recap, escape.",
        "An underwriter confirms the figures before any decline.",
    ],
)
def test_ordinary_words_pass(text: str) -> None:
    """A term matches whole words only, and lending's own phrases are released."""
    assert refused(text) is None


@pytest.mark.parametrize("phrase", sorted(INNOCENT))
def test_a_released_phrase_passes(phrase: str) -> None:
    """Each does what it is listed for."""
    assert refused(f"The file shows the {phrase} here.") is None


def test_a_release_frees_only_what_lies_inside_it() -> None:
    """The same word outside the phrase is still refused."""
    assert refused("Her age and the age of the account.") == "proxy"
    assert refused("The age of the account and the age.") == "prohibited-basis"


def test_nothing_is_read_across_a_quotation() -> None:
    """What the case itself says does not join with what the memo says."""
    assert refusal("the ra<annual_income>ce") is None


@given(st.sampled_from(TERMS), st.data())
def test_a_term_is_found_however_it_is_broken(one: tuple[str, str], data: st.DataObject) -> None:
    """Any cut, any separator, any case."""
    letters = [letter for letter in one[1] if letter.isalnum()]
    separators = data.draw(
        st.lists(st.sampled_from(["", " ", "-", "\n", ". "]), min_size=len(letters), max_size=len(letters))
    )
    broken = "".join(letter + separator for letter, separator in zip(letters, separators, strict=True))
    assert refused(f"x; {broken.upper()}")
