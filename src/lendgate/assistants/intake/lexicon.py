"""Words that mean yes, no, none, a correction, or a wish; in English and Spanish, as data."""

from __future__ import annotations

import re
from typing import Final, Literal

Wish = Literal["person", "why", "skip", "summary", "forbidden"]

YES: Final = re.compile(
    r"\b(?:yes|yeah|yep|yup|sure|correct|right|true|indeed|of course|absolutely|that's right|looks good|ok|"
    r"okay|confirm(?:ed)?|sí|si|claro|correcto|cierto|exacto|vale|de acuerdo|está bien|confirmo|así es|i do|"
    r"i have|i am|i did)\b",
    re.IGNORECASE,
)
NO: Final = re.compile(
    r"\b(?:no|nope|nah|none|never|not|neither|nothing|zero|nada|ninguno|ninguna|ningún|nunca|jamás|tampoco|"
    r"cero|haven't|hasn't|don't|doesn't|didn't|isn't|aren't|wasn't|i'm not|wrong|incorrecto?|negativo|"
    r"negative)\b",
    re.IGNORECASE,
)
NEGATED: Final = re.compile(
    r"\b(?:no|not|never|don't|doesn't|didn't|haven't|isn't|without|nunca|jamás|sin|ningún|ninguna)\b",
    re.IGNORECASE,
)
NONE: Final = re.compile(
    r"\b(?:none|nothing|no|nope|nah|zero|don't have|do not have|not any|nada|ninguno|ninguna|ningún|cero|"
    r"no tengo|n/a)\b",
    re.IGNORECASE,
)
CORRECTION: Final = re.compile(
    r"\b(?:actually|sorry|correction|i meant|i mean|make that|make it|instead|change|wait|rather|should be|"
    r"my mistake|mistake|en realidad|perdón|perdona|perdone|quise decir|quiero decir|mejor dicho|corrijo|"
    r"me equivoqué|cambie|cambia|corrige|más bien|espere|espera)\b|^no,? it'?s\b|^no,? (?:es|son)\b",
    re.IGNORECASE,
)
NET: Final = re.compile(
    r"\b(?:after tax(?:es)?|take[- ]home|net|netos?|después de impuestos|bring home|brings home)\b",
    re.IGNORECASE,
)
ALSO: Final = re.compile(r"\b(?:also|another|too|as well|on top|además|también|otro|otra)\b", re.IGNORECASE)
FIRST: Final = re.compile(r"\b(?:first|former|earlier|old|primero|primera|anterior)\b", re.IGNORECASE)
LAST: Final = re.compile(
    r"\b(?:second|latter|last|new|now|latest|segundo|segunda|último|última|nuevo|nueva)\b", re.IGNORECASE
)
YEARLY: Final = re.compile(
    r"\b(?:years?|yrs?|yearly|annual(?:ly)?|annum|años?|anual(?:es|mente)?)\b", re.IGNORECASE
)
MONTHLY: Final = re.compile(r"\b(?:months?|monthly|mes(?:es)?|mensual(?:es|mente)?)\b", re.IGNORECASE)
_WISHES: Final[tuple[tuple[Wish, re.Pattern[str]], ...]] = (
    (
        "person",
        re.compile(
            r"\b(?:speak|talk|chat|connect me|transfer me|put me through|get me|want|need|give me)\b"
            r"[^.?!]{0,24}\b(?:person|human|agent|representative|someone|somebody|real person|loan officer)\b"
            r"|\b(?:hablar|comunicar(?:me)?|quiero|necesito|páseme|pásame)\b[^.?!]{0,28}"
            r"\b(?:persona|humano|agente|representante|alguien|asesor|asesora)\b"
            r"|^\W*(?:human|agent|representative|person|operator|persona|agente|operador)\W*$",
            re.IGNORECASE,
        ),
    ),
    (
        "forbidden",  # a rate, a promise, a decision: not the assistant's to give
        re.compile(
            r"\b(?:interest rates?|rates?|apr|approv\w*|qualify|chances?|odds|guarantee\w*|decline\w*|denied|"
            r"tasas?|tipos? de interés|aprob\w*|aprueb\w*|califico|garantiz\w*|rechaz\w*|probabilidad\w*)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "why",
        re.compile(
            r"\b(?:why (?:do|are|would|is|should|does|in)|why\b\s*\?|what for|por qué|para qué)(?!\w)",
            re.IGNORECASE,
        ),
    ),
    (
        "skip",
        re.compile(
            r"\b(?:don't know|do not know|dunno|not sure|no idea|skip|later|rather not|prefer not|pass|"
            r"no sé|no lo sé|no estoy segur[oa]|paso|luego|más tarde|prefiero no)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "summary",
        re.compile(
            r"\b(?:summary|what do you have|so far|recap|what is missing|what's left|resumen|qué tiene|"
            r"qué falta)\b",
            re.IGNORECASE,
        ),
    ),
)
_SPANISH_MARKS: Final = re.compile(
    r"[¿¡ñ]|\b(?:el|la|los|las|una|unos|es|son|de|del|al|por|para|con|mi|gano|tengo|quiero|necesito|hola|"
    r"gracias|años|año|mes|meses|pago|sí|soy|estoy|dólares|préstamo|llevo|trabajo|casa|mil)\b",
    re.IGNORECASE,
)
_ENGLISH_MARKS: Final = re.compile(
    r"\b(?:the|a|an|is|are|of|to|for|with|my|i|i'm|have|want|need|hello|hi|thanks|years?|months?|pay|yes|loan|"
    r"dollars|make|earn|job|house|and|it|it's)\b",
    re.IGNORECASE,
)
_CLEARLY: Final = 2


def wishes(text: str) -> frozenset[Wish]:
    """What the text wants, beside answering."""
    return frozenset(wish for wish, pattern in _WISHES if pattern.search(text))


def speaks_spanish(text: str) -> bool | None:
    """Whether the text is clearly Spanish (True) or clearly English (False); None: too little to tell."""
    spanish, english = len(_SPANISH_MARKS.findall(text)), len(_ENGLISH_MARKS.findall(text))
    if spanish >= english + _CLEARLY:
        return True
    return False if english >= spanish + _CLEARLY else None
