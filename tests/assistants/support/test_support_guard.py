"""The guard: what of a model's words may be said to a broker."""

from __future__ import annotations

import base64
import codecs
import time

import pytest

from lendgate.assistants.support.approved import approved
from lendgate.assistants.support.context import SupportContext
from lendgate.assistants.support.guard import Guard, subjects, vocabulary
from lendgate.assistants.support.private_text import PrivateText, policy_text
from lendgate.assistants.support.topics import OVERVIEW
from lendgate.claude.prompts import packaged_prompt
from lendgate.policy.library import load_packs
from lendgate.policy.reasons import catalogue
from lendgate.policy.registry import FACTS
from tests.assistants.support.contexts import CONTEXTS

PRIVATE = PrivateText.of(policy_text(load_packs().values()))
REFERRED = CONTEXTS["referred"]


def allows(sentence: str, context: SupportContext = REFERRED, private: PrivateText = PRIVATE) -> bool:
    texts = [one.text for one in approved(context, (*OVERVIEW, "help"))]
    return Guard(context, texts, private).allows(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Please send the two bank statements together with the identity document.",
        "Once you have the bank statements, you can upload them here.",
        "Your stated income is $95,000 a year.",
        "Your client may want to gather the documents.",
        "If a figure is wrong, you can open a correction request.",
        "The underwriter will look at the documents that you send.",
        'A recorded reason is "Unable to verify income", so recent pay stubs can help the underwriter.',
        "Documents that show the income and the debts help the underwriter.",
        "Thank you for your question.",
    ],
)
def test_helpful_words_are_let_through(sentence: str) -> None:
    """What a model is there for."""
    assert allows(sentence)


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("a limit", "The limit is 43%."),
        ("a limit in words", "The underwriter wants forty-three percent."),
        ("a limit in Roman numerals", "The underwriter wants XLIII percent."),
        ("a comparison", "Your ratio is above what the lender accepts."),
        ("nearness", "You are very close."),
        ("enough", "Your income is enough."),
        ("a promise", "The application will be approved once you send the documents."),
        ("a forecast", "It will likely be fine."),
        ("a rate", "You can have a rate of 6%."),
        ("discouragement", "You should not apply again."),
        ("a prohibited basis", "Your client is a married woman."),
        ("a proxy", "Her children may help."),
        ("a signal", "The documents look altered."),
        ("a reason that is not recorded", "The reason is the bankruptcy."),
        ("a hint at one", "Please explain the employment."),
        ("a reason in other words", "The debts are the reason why this was refused."),
        ("a denial of a reason", "The credit score is not a reason."),
        ("a score", "Your credit score of 702 helps."),
        ("another number", "Your stated income is $96,000 a year."),
        ("a document nobody asked for", "Please send a tax transcript."),
        ("an address", "See www.example.com for the details."),
        ("an order to the broker", "Please send $500 to the lender."),
        ("another language", "El limite es cuarenta y tres por ciento."),
        ("another language, words both have", "Die Person hat die Information."),
        ("leetspeak", "The l1m1t is f0rty."),
        ("spaced letters", "The l i m i t is f o r t y."),
        ("a zero-width space", "The document\u200bs can be sent."),
        ("a soft hyphen", "The docu\u00adments can be sent."),
        ("homoglyphs", "The d\u043ecuments can be sent."),
        ("a combining mark", "The documents\u0336 can be sent."),
        ("a right-to-left mark", "The documents \u202ecan be sent."),
        ("mark-up", "The **documents** can be sent."),
        ("a link", "See [the documents](https://example.com)."),
        ("code", "`documents`"),
        ("a signal made of marks", "- - . - . ."),
        ("a signal beside words", "You can send the documents -.-.. now."),
        ("a list", "You can send: - the documents - the papers."),
        ("a table", "You can send ... the documents."),
        ("an emoji", "The documents \U0001f4c4 can be sent."),
        ("a tally", "The documents a a a a a a can be sent."),
        ("a tally of hyphens", "The documents a-a-a-a can be sent."),
        ("making papers up", "You can write new bank statements."),
        ("a long sentence", "You can send the documents " + "and the documents " * 20 + "now."),
    ],
)
def test_what_must_not_be_said_is_not(what: str, sentence: str) -> None:
    """Each by at least one of the six steps."""
    assert not allows(sentence), what


def _ciphers(text: str) -> dict[str, str]:
    raw = text.encode()
    return {
        "plain": text,
        "base64": base64.b64encode(raw).decode(),
        "base32": base64.b32encode(raw).decode(),
        "hex": raw.hex(),
        "rot13": codecs.encode(text, "rot13"),
        "reversed": text[::-1],
        "spaced": " ".join(text),
        "upper": text.upper(),
        "dotted": ".".join(text.split()),
        "without vowels": "".join(letter for letter in text if letter.lower() not in "aeiou"),
        "pig latin": " ".join(f"{word[1:]}{word[0]}ay" for word in text.split()),
        "fullwidth": "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text),
        "bold letters": "".join(chr(0x1D41A + ord(one) - 97) if "a" <= one <= "z" else one for one in text),
        "morse": " ".join("." * (ord(one) % 5) + "-" for one in text),
        "quoted": f'"{text}"',
    }


@pytest.mark.parametrize("name", list(_ciphers("")))
def test_invariant_g_no_private_text_passes_in_any_cipher(name: str) -> None:
    """Every private text of every pack, on every context, in each of fifteen forms: nothing is allowed."""
    texts = sorted(set(policy_text(load_packs().values())))
    assert len(texts) > 100
    for made in (REFERRED, CONTEXTS["not-eligible"]):
        guard = Guard(made, (), PRIVATE)
        assert [text for text in texts if guard.allows(_ciphers(text)[name])] == []


@pytest.mark.parametrize("piece", ["a-", "1,", "1, ", "a' ", '"a" ', "a) ", "<", "(a ", "5.", "a.a"])
def test_no_sentence_takes_long_to_judge(piece: str) -> None:
    """A broker's question that a model repeats must not hold the service: linear, whatever is repeated."""
    begun = time.process_time()
    for end in ("&.", "!", ")", " -"):
        assert not allows(piece * (280 // len(piece)) + end)
    assert time.process_time() - begun < 1


def test_no_sentence_of_the_prompt_passes() -> None:
    """The model's instructions are not for brokers."""
    prompt = packaged_prompt("support-answer")
    lines = [line.lstrip("- ") for line in prompt.system_text.splitlines() if line.strip()]
    assert [line for line in lines if allows(line)] == []


def test_an_internal_note_does_not_pass_though_its_words_are_plain() -> None:
    """Eight words of a note, all of them in the vocabulary, are the note's own."""
    note = "You can take the documents and look at them with the other underwriter"
    sentence = "You can take the documents and look at them."
    assert allows(sentence)
    assert not allows(sentence, private=PrivateText.of([note]))


def test_a_private_text_of_four_words_is_found_whole_and_one_of_three_is_nobodys() -> None:
    """Boundary of what is too short to have come from anywhere."""
    assert PrivateText.of(["look at the file"]).shares("Please look at the file now.")
    assert not PrivateText.of(["at the file"]).shares("Please look at the file now.")


def test_a_subjects_words_are_spoken_where_its_reason_is_recorded_and_nowhere_else() -> None:
    """Bankruptcy with AA21, and not without."""
    sentence = "Papers of the bankruptcy help the underwriter."
    assert allows(sentence, CONTEXTS["not-eligible"])
    assert not allows(sentence)


def test_the_vocabulary_has_no_word_of_any_subject_and_none_that_compares_or_denies() -> None:
    """What is left out on purpose stays out."""
    left_out = (
        "more less than above below between over under enough too close near almost most least higher lower "
        "not no never only because since due likely should soon good bad strong weak high low must require "
        "limit percent money dollars fail failed pass passed man woman he she"
    )
    assert not vocabulary() & set(left_out.split())
    assert not vocabulary() & {word for one in subjects().values() for word in one.words.split()}


def test_subjects_name_codes_and_facts_that_there_are() -> None:
    """And every principal reason but the general ones has a subject."""
    codes = {code for one in subjects().values() for code in one.codes}
    general = {"AA01", "AA24", "HC09", "HC12", "HC13", "HC15"}
    assert codes <= catalogue().keys()
    assert catalogue().keys() - codes == general
    assert {fact for one in subjects().values() for fact in one.facts} <= FACTS.keys()
