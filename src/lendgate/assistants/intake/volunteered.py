"""What a lender may not ask and a person says all the same: taken out, kept nowhere, used for nothing.

Law: 12 CFR 1002.5(b) to (d) and 1002.2(z). The whole clause goes, with everything in it; a value that stood
there is asked about again. The lists of ``analysis.language`` hold for what comes in as for what goes out;
those here add what people say of themselves, and Spanish. A list only ever grows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from lendgate.analysis.language import INNOCENT, PROHIBITED_BASIS, PROXIES
from lendgate.assistants.intake.text import Language, Span, clauses, mention

REMOVED: Final = "[…]"


def _terms(*lines: str) -> frozenset[str]:
    return frozenset(term.strip() for line in lines for term in line.split(",") if term.strip())


MORE_ENGLISH: Final = _terms(
    "how old, am single, i'm single, engaged to be, partner, my family, family of, start a family, expecting",
    "planning children, adopt, adoption, grandchildren, grandmother, grandfather, grandparent, nephew, niece",
    "born, citizen of, green card, visa, asylum, refugee, undocumented, tribe, tribal, skin tone, pastor",
    "rabbi, imam, pray, worship, sexual orientation, nonbinary, my faith, blind, deaf, cancer, mental health",
    "illness",
)
SPANISH: Final = _terms(
    "raza, razas, racial, etnia, étnico, étnica, afroamericano, afroamericana, negro, negra, negros",
    "blanco, blanca, blancos, asiático, asiática, hispano, hispana, latino, latina, indígena, mestizo",
    "mestiza, religión, religiones, religioso, religiosa, cristiano, cristiana, católico, católica",
    "protestante, evangélico, evangélica, musulmán, musulmana, judío, judía, hindú, budista, mormón",
    "ateo, atea, origen nacional, nacionalidad, inmigrante, inmigrantes, extranjero, extranjera",
    "nací en, nacido en, nacida en, mexicano, mexicana, cubano, cubana, colombiano, colombiana",
    "venezolano, venezolana, salvadoreño, salvadoreña, guatemalteco, guatemalteca, hondureño, hondureña",
    "dominicano, dominicana, puertorriqueño, puertorriqueña, sexo, género, hombre, mujer, masculino",
    "femenina, femenino, transgénero, gay, lesbiana, homosexual, estado civil, casado, casada, casados",
    "soltero, soltera, divorciado, divorciada, viudo, viuda, separado, separada, matrimonio, esposo",
    "esposa, marido, cónyuge, mi pareja, novio, novia, edad, años de edad, viejo, vieja, joven, jóvenes",
    "tercera edad, anciano, anciana, cumpleaños, fecha de nacimiento, asistencia pública",
    "cupones de alimentos, bienestar social, desempleo, discapacidad, discapacitado, discapacitada",
    "inválido, silla de ruedas, hijo, hija, hijos, hijas, niño, niña, niños, bebé, bebés, embarazo",
    "embarazada, maternidad, mi familia, madre, padre, mamá, papá, abuela, abuelo, nietos, dependientes",
    "iglesia, mezquita, sinagoga, templo, diezmo, ramadán, cáncer, enfermedad, asilo, refugiado",
    "refugiada, indocumentado, indocumentada, cuántos años tiene, tiene hijos, está casado, está casada",
    "anticonceptivos, raza o etnia",
)
# In Spanish these are everyday words: "he pagado", "son 5000".
_NOT_IN_SPANISH: Final = frozenset(
    {"he", "son", "sons", "dad", "ms", "men", "her", "him", "latino", "latina"}
)
# Answers the question bank itself offers, and phrases around them.
_ALLOWED: Final = frozenset({"retired", "part time income"})
_RELEASED: Final = INNOCENT | _terms(
    "número de seguro social, seguro social, social security, white street, black car, single payment",
    "single family, single-family, family room, year old car, years old car, partner program",
)
_ENGLISH: Final = (PROHIBITED_BASIS.terms | PROXIES.terms | MORE_ENGLISH) - _ALLOWED
_TERMS: Final[dict[Language, frozenset[str]]] = {
    "en": _ENGLISH | (SPANISH - {"padre", "separada"}),
    "es": (_ENGLISH - _NOT_IN_SPANISH) | SPANISH,
}
ALIMONY: Final = _terms(
    "alimony, child support, separate maintenance, pensión alimenticia, manutención de menores, manutención",
    "manutención por separación, menores",
)
"""May be said where its notice was given (12 CFR 1002.5(d)(2)): in the one question that carries it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A text without what was volunteered, and whether anything was."""

    text: str
    removed: bool


def prohibited(text: str, language: Language, *, after_notice: bool = False) -> str | None:
    """The first term in a text that a lender may not ask about, or None.

    ``after_notice``: alimony, child support and separate maintenance may be spoken of.
    """
    released = _RELEASED | (ALIMONY if after_notice else frozenset())
    while match := mention(text, released):
        text = f"{text[: match.start()]} {text[match.end() :]}"
    found = mention(text, _TERMS[language])
    return found[0].lower() if found else None


def without_volunteered(
    text: str, language: Language, *, after_notice: bool = False, names: Iterable[Span] = ()
) -> Kept:
    """The text with every clause removed that speaks of something a lender may not ask about.

    ``names``: where names and addresses stand: White and Christian are names, too.
    """
    judged = list(text)
    for start, end in names:
        judged[start:end] = " " * (end - start)
    pieces: list[str] = []
    end = 0
    removed = False
    for clause in clauses(text):
        said = "".join(judged[clause.start : clause.end])
        if prohibited(said, language, after_notice=after_notice):
            pieces += [text[end : clause.start], f" {REMOVED} "]
            end, removed = clause.end, True
    kept = "".join((*pieces, text[end:])) if removed else text
    return Kept(" ".join(kept.split()), removed)
