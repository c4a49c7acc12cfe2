"""With a model's help: the same state, the same guards, whatever the model is like."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lendgate.assistants.intake.bank import FieldName, packaged_bank
from lendgate.assistants.intake.guard import courtesies, may_be_asked
from lendgate.assistants.intake.model_turn import PointedAnswer, PointedAnswers, passed_on
from lendgate.assistants.intake.text import Language
from lendgate.assistants.intake.volunteered import prohibited
from lendgate.claude.errors import ModelError, ModelTimeoutError, ModelUnavailableError
from lendgate.claude.ledger import Ceilings
from lendgate.claude.port import ModelReply, ModelRequest
from lendgate.claude.standin.options import CHARACTERS, Character, Options
from tests.analysis.standins import standing_in
from tests.assistants.characters import (
    PROHIBITED_QUESTIONS,
    Cooperative,
    Malicious,
    Sloppy,
    assistant_with,
    helped_by,
)
from tests.assistants.scripts import NAMES, Talk, script

pytestmark = pytest.mark.anyio
PLAYERS: tuple[type[Cooperative], ...] = (Cooperative, Sloppy, Malicious)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("player", PLAYERS)
async def test_the_same_conversation_ends_in_the_same_state(player: type[Cooperative], name: str) -> None:
    """Cooperative, sloppy and malicious: what is known is what the person said, as without a model."""
    played = script(name)
    talk = Talk.begun(played.language, played.product)
    async with assistant_with(player()) as assistant:
        await talk.tell_to(assistant, *(line.said for line in played.lines))
    assert talk.state.values == played.known
    assert talk.state.phase == played.phase


@pytest.mark.parametrize("character", CHARACTERS)
async def test_the_stand_in_in_every_voice_changes_no_state(character: Character) -> None:
    """Over the wire form of the real client: garbage, echoes, orders and bias alike."""
    for name in ("terse", "chatty", "hostile", "espanol"):
        played = script(name)
        talk = Talk.begun(played.language, played.product)
        async with standing_in(Options(character=character)) as (model, _):
            await talk.tell_to(helped_by(model), *(line.said for line in played.lines))
        assert talk.state.values == played.known
        assert [said for said in talk.said if prohibited(said, played.language, after_notice=True)] == []


async def test_a_polite_wording_is_said() -> None:
    """The question as the model puts it."""
    async with assistant_with(Cooperative()) as assistant:
        talk = Talk.begun("en", "personal_loan")
        said = await talk.tell_to(assistant, "Maria Lopez")
    assert said.endswith("Thank you. How much would you like to borrow?")


async def test_the_notice_is_said_in_its_own_words() -> None:
    """12 CFR 1002.5(d)(2) is not a model's to word."""
    async with assistant_with(Malicious()) as assistant:
        talk = Talk.begun("en", "personal_loan")
        said = await talk.tell_to(assistant, "Maria Lopez", "15k", "5 years", "60k a year")
    assert "You need not tell us about alimony, child support or separate maintenance income" in said


@pytest.mark.parametrize("words", PROHIBITED_QUESTIONS)
def test_what_must_not_be_asked_is_not_asked(words: str) -> None:
    """In place of any question of the bank, in either language."""
    languages: tuple[Language, ...] = ("en", "es")
    for question in packaged_bank().questions.values():
        for language in languages:
            assert not may_be_asked(words, question, language)


@pytest.mark.parametrize("field", packaged_bank().questions)
def test_every_question_may_be_asked_as_it_is(field: FieldName) -> None:
    """And with a courtesy before it; but not with a word more."""
    question = packaged_bank()[field]
    if "?" in question.ask.en[:-1] or not question.ask.en.endswith("?"):
        pytest.skip("the identifier's question has a sentence behind it and is asked as it is")
    assert may_be_asked(question.ask.en, question, "en")
    assert may_be_asked(f"Thank you. {question.ask.en}", question, "en")
    assert may_be_asked(f"Gracias. {question.ask.es}", question, "es")
    assert not may_be_asked(question.ask.en.replace("?", ", darling?"), question, "en")
    assert not may_be_asked("Could you tell me?", question, "en")


def test_courtesies_hold_no_prohibited_word() -> None:
    """Nothing that is listed anywhere is a courtesy."""
    for language, words in courtesies().items():
        assert [word for word in words if prohibited(word, language)] == []


class Pointing(Cooperative):
    """Points at what it is told to."""

    def __init__(self, *answers: tuple[str, str]) -> None:
        super().__init__()
        self.answers = answers

    def point(self, request: ModelRequest) -> PointedAnswers:
        return PointedAnswers(
            answers=[PointedAnswer(field=name, quote=quote) for name, quote in self.answers]
        )


async def told(model: Cooperative, *lines: str) -> Talk:
    """A personal loan's conversation up to these lines."""
    talk = Talk.begun("en", "personal_loan")
    async with assistant_with(model) as assistant:
        await talk.tell_to(assistant, *lines)
    return talk


async def test_what_only_a_model_saw_is_asked_about_first() -> None:
    """A yes makes it known, with the person's own words; the figure is read by our code."""
    model = Pointing(("monthly_debts", "put 350 aside"))
    talk = await told(model, "Maria Lopez", "every month I put 350 aside for an old thing, you see")
    assert "I understood other monthly debt payments: $350. Is that right?" in talk.said[-1]
    assert "monthly_debts" not in talk.state.known
    async with assistant_with(model) as assistant:
        await talk.tell_to(assistant, "yes")
    assert talk.state.known["monthly_debts"].value == "350.00"
    assert talk.state.known["monthly_debts"].quote == "put 350 aside"


async def test_a_model_is_not_believed_against_a_no() -> None:
    """The reading is dropped and the question asked again."""
    model = Pointing(("monthly_debts", "put 350 aside"))
    talk = await told(model, "Maria Lopez", "every month I put 350 aside for an old thing, you see", "no")
    assert "monthly_debts" not in talk.state.known
    assert talk.state.proposal is None


@pytest.mark.parametrize(
    ("field", "quote"),
    [
        ("amount_requested", "16000"),  # not what was said
        ("amount_requested", "about"),  # no figure
        ("monthly_debts", "between 10 and 20k"),  # a range stays a doubt
        ("taxpayer_identifier", "10"),  # private
        ("name", "between"),  # private
        ("race", "10"),  # no such question
        ("foreclosure", "10"),  # not of this product
        ("income", ""),
    ],
)
async def test_what_a_model_may_not_point_at_is_dropped(field: str, quote: str) -> None:
    """Words that were not said, values of no kind, private and unknown questions."""
    talk = await told(
        Pointing((field, quote)), "Maria Lopez", "well about between 10 and 20k I should think, maybe"
    )
    assert talk.state.proposal is None
    assert set(talk.state.known) == {"product", "name"}


class Failing(Cooperative):
    """Fails every time."""

    def __init__(self, error: ModelError) -> None:
        super().__init__()
        self.error = error

    async def complete(self, request: ModelRequest) -> ModelReply:
        self.asked.append(request)
        raise self.error


@pytest.mark.parametrize("error", [ModelTimeoutError("late"), ModelUnavailableError("away"), ModelError("?")])
async def test_a_model_that_fails_costs_only_its_help(error: ModelError) -> None:
    """The rules parser and the bank's words stand."""
    played, talk = script("chatty"), Talk.begun()
    assistant = helped_by(Failing(error))
    await talk.tell_to(assistant, *(line.said for line in played.lines))
    assert talk.state.values == played.known


async def test_a_conversation_has_a_ceiling() -> None:
    """When its money is spent nothing more is sent, and it goes on by the rules."""
    played, talk, model = script("chatty"), Talk.begun(), Cooperative()
    ceiling = Ceilings(tenant_day=Decimal(100), application=Decimal("0.05"))
    async with assistant_with(model, ceiling) as assistant:
        await talk.tell_to(assistant, *(line.said for line in played.lines))
    assert talk.state.values == played.known
    assert 0 < len(model.asked) < len(played.lines)


@pytest.mark.parametrize("name", NAMES)
async def test_no_identifier_name_or_volunteered_word_reaches_a_model(name: str) -> None:
    """In no request of any script; private questions are not put to one at all."""
    played, talk, model = script(name), Talk.begun(script(name).language), Cooperative()
    async with assistant_with(model) as assistant:
        await talk.tell_to(assistant, *(line.said for line in played.lines))
    sent = " ".join(text for request in model.asked for text in request.texts)
    for word in (
        "6789",
        "4111",
        "0012345678",
        "Maria",
        "Lopez",
        "Cruz",
        "White Oak",
        "Acme",
        "Hispanic",
        "church",
    ):
        assert word not in sent


def test_names_are_taken_out_of_what_is_passed_on() -> None:
    """Where they are called names."""
    assert passed_on("my name is Maria Lopez and I work at Acme Foods, 12 Oak St, Austin, TX 78701") == (
        "my name is [name]",
        "I work at [name]",
        "[name]",
    )
