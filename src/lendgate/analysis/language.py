"""Words a memo may not use, as data: each list says which law or requirement it comes from.

Law: a list only ever grows. A term matches whole words, in any case, however it is spaced, hyphenated or
broken over lines ("na-tional ori gin"), and never inside another word ("trace", "mortgage", "Essex").
What a list catches too much of is released by ``INNOCENT``, phrase by phrase.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Language:
    """One list of terms that refuse a sentence, and where the refusal comes from."""

    name: str
    source: str
    terms: frozenset[str]


def _terms(*lines: str) -> frozenset[str]:
    return frozenset(term.strip() for line in lines for term in line.split(",") if term.strip())


PROHIBITED_BASIS: Final = Language(
    "prohibited-basis",
    # Public assistance as the commentary to 2(z) lists it: TANF, food stamps, rent and mortgage assistance,
    # social security, supplemental security income, unemployment compensation.
    "12 CFR 1002.2(z) and commentary; Fair Housing Act, 42 U.S.C. 3605(a), 3602(h), 3602(k)",
    _terms(
        "race, races, racial, racially, racist, color, colour, colored, coloured, skin, ethnic, ethnicity",
        "african american, african americans, black, blacks, white, whites, caucasian, caucasians, asian",
        "asians, hispanic, hispanics, latino, latina, latinos, latinas, latinx, native american",
        "native americans, american indian, alaska native, native hawaiian, pacific islander, minority",
        "minorities, nonwhite, biracial, multiracial, religion, religions, religious, christian, christians",
        "christianity, catholic, catholics, protestant, muslim, muslims, islam, islamic, jewish, jew, jews",
        "judaism, hindu, hindus, hinduism, buddhist, buddhists, sikh, sikhs, mormon, mormons, atheist",
        "atheists, evangelical, national origin, national origins, nationality, nationalities, immigrant",
        "immigrants, foreigner, foreigners, foreign born, ancestry, mexican, mexicans, chinese, indian",
        "indians, arab, arabs, african, africans, filipino, filipinos, vietnamese, korean, koreans",
        "puerto rican, puerto ricans, cuban, cubans, russian, russians, nigerian, nigerians",
        "middle eastern, sex, sexes, sexual, sexuality, gender, genders, male, males, female, females",
        "woman, women, man, men, lady, ladies, gentleman, transgender, gay, lesbian, bisexual, homosexual",
        "heterosexual, lgbt, lgbtq, pronouns, marital, marriage, married, unmarried, divorce, divorced",
        "divorcee, divorcing, widow, widowed, widower, spouse, spouses, spousal, husband, husbands, wife",
        "wives, fiance, fiancee, is single, single mother, single father, single parent, single parents",
        "single mom, single woman, single man, age, aged, ages, ageing, aging, elderly, elder, elders",
        "senior citizen, senior citizens, seniors, young, younger, youth, youthful, old age, older applicant",
        "older applicants, older borrower, older borrowers, years old, year old, retired, retiree, retirees",
        "middle aged, millennial, millennials, boomer, boomers, teenager, teenagers, birthday, birth date",
        "date of birth, public assistance, welfare, food stamps, food stamp, tanf, snap benefits, medicaid",
        "social security, supplemental security income, ssi, ssdi, unemployment compensation",
        "unemployment benefits, unemployment insurance, government assistance, government benefits",
        "housing voucher, housing vouchers, housing choice voucher, section 8, section eight",
        "rent assistance, rental assistance, mortgage assistance, wic, consumer credit protection act",
        "exercised rights, exercised a right, exercised their rights, filed a complaint, filed complaints",
        "disability, disabilities, disabled, handicap, handicapped, wheelchair, familial, family status",
    ),
)
PROXIES: Final = Language(
    "proxy",
    "12 CFR 1002.5(b) to (d), 1002.6(b)(2) to (b)(5), (b)(9): what stands in for a prohibited basis",
    _terms(
        "he, she, him, his, her, hers, himself, herself, mr, mrs, ms, sir, madam, mother, mothers, father",
        "fathers, mom, dad, parent, parents, parental, child, children, childcare, child care",
        "childbearing, child bearing, childrearing, child rearing, childless, kids, baby, babies, pregnant",
        "pregnancy, maternity, paternity, birth control, daughter, daughters, son, sons, family size",
        "household size, size of the family, dependent, dependents, dependant, dependants, alimony",
        "child support, separate maintenance, separated, boyfriend, girlfriend, domestic partner",
        "first name, last name, surname, surnames, maiden name, family name, birthplace, place of birth",
        "born in, born abroad, accent, accents, native language, first language, mother tongue, dialect",
        "spanish speaking, english speaking, english proficiency, language barrier, limited english",
        "church, churches, mosque, mosques, temple, temples, synagogue, synagogues, parish, tithe, tithes",
        "tithing, ramadan, christmas, neighborhood, neighborhoods, neighbourhood, zip code, zip codes",
        "postal code, census tract, census tracts, inner city, ghetto, barrio, part time income",
        "telephone listing, declined to provide demographic, demographic, demographics, photograph, hijab",
    ),
)
OUTCOMES: Final = Language(
    "outcome",
    "Invariant a: decision/ makes outcomes, underwriters make decisions, a memo neither. R23: no promise",
    _terms(
        "approve, approves, approved, approving, approval, approvals, approvable, preapproved, preapproval",
        "pre approved, pre approval, deny, denies, denied, denying, denial, denials, reject, rejects",
        "rejected, rejecting, rejection, rejections, declined, declining, recommend decline",
        "decline the application, decline this application, decline the applicant, decline this applicant",
        "decline the loan, decline this loan, decline the request, turn down, turned down, eligible",
        "eligibility, ineligible, ineligibility, qualify, qualifies, qualified, unqualified, disqualified",
        "disqualify, disqualifies, prequalified, prequalify, guarantee, guarantees, guaranteed, guaranteeing",
        "promise, promises, promised, promising, assure, assured, assures, will be funded, will fund",
        "sure to, certain to, bound to, definitely, no doubt, without doubt, pass underwriting",
        "accepted for, you will get, will receive the loan, will get the loan, creditworthy, uncreditworthy",
    ),
)
RATES: Final = Language(
    "rate-or-offer",
    "R23: no rate quote and no negotiation (SAFE Act, 12 CFR 1008; 12 U.S.C. 5531)",
    _terms(
        "rate, rates, apr, aprs, annual percentage, interest rate, rate lock, offer, offers, offered",
        "offering, counteroffer, counter offer, counteroffers, negotiate, negotiates, negotiated",
        "negotiating, negotiation, negotiable, pricing, priced, discount points, origination points",
        "better terms, best terms, favorable terms, lower payment, waive the fee, waived fee, cashback",
        "match any, beat any, special deal, discount, discounts, discounted",
    ),
)
DISCOURAGEMENT: Final = Language(
    "discouragement",
    "12 CFR 1002.4(b): nothing said may discourage a person from applying or going on with an application",
    _terms(
        "do not apply, dont apply, should not apply, shouldnt apply, not worth applying",
        "no point in applying, no point applying, need not apply, should not have applied, apply elsewhere",
        "try elsewhere, another lender, other lenders, different lender, look elsewhere, go elsewhere",
        "do not bother, dont bother, waste of time, hopeless, withdraw the application",
        "withdraw this application, should withdraw, withdraw your application, give up, no chance",
        "little chance, not a chance, poor chance, unlikely to be, very unlikely, discourage",
        "discourages, discouraged, discouraging, people like, applicants like this, not the kind of",
        "not the type of, undesirable, better off",
    ),
)
POLICY: Final = Language(
    "policy-talk",
    "12 CFR 1002.9(b)(2) and R06: standards, policies and scores are no reasons. R20, invariant g: no limits",
    _terms(
        "policy, policies, internal standard, internal standards, our standards, lending standards",
        "underwriting standards, credit standards, standard of the lender, guideline, guidelines, criteria",
        "criterion, threshold, thresholds, cutoff, cutoffs, cut off, cut offs, limit, limits, limited to",
        "ceiling, ceilings, floor, maximum, maximums, minimum, minimums, cap, caps, capped, max, min",
        "requirement, requirements, required ratio, required score, qualifying score, score too low",
        "scored too low, score is too low, low score, insufficient score, failing score, passing score",
        "score below, scored below, did not score, points short, benchmark, benchmarks, acceptable range",
        "allowable, permitted maximum, permissible, tolerance, tolerances, weight, weights, weighted",
        "weighting, weightings, scorecard, risk score, rule engine, decision engine, algorithm, algorithms",
        "algorithmic, the ai declined, ai declined, the system declined, system denied, the model declined",
        "automated decision, credit box, overlay, overlays, knockout, knock out, knockouts, risk appetite",
        "fannie mae, freddie mac, within range, out of range, too high, too low, too short, too long",
        "typical, typically, industry standard, conventional wisdom, generally accepted, normally allowed",
    ),
)
SIGNALS: Final = Language(
    "signal",
    "R20: fraud and tamper signals are never told outside",
    _terms(
        "fraud, frauds, fraudulent, fraudulently, fraudster, forged, forgery, forgeries, fake, faked, fakes",
        "tamper, tampered, tampering, altered, doctored, falsified, falsify, fabricated, counterfeit",
        "suspicious, suspiciously, suspect, suspected, suspicion, identity theft, synthetic identity",
        "money laundering, launder, laundering, watchlist, blacklist, blacklisted, red flag, red flags",
        "lying, liar, lied, dishonest, metadata, scam, scammer, criminal, criminals, crime, arrest, arrested",
    ),
)
UNDONE: Final = Language(
    "work-not-done",
    "R22: a memo says 'not provided' or 'not run'; it claims no verification, report or system run",
    _terms(
        "has been verified, have been verified, was verified, were verified, is verified, are verified",
        "fully verified, independently verified, verified income, verified employment, verified assets",
        "documents confirm, documents show, pay stubs confirm, pay stub confirms, statements confirm",
        "employer confirmed, employer confirms, the employer said, called the employer, bureau confirms",
        "pulled credit, credit was pulled, ran credit, desktop underwriter, loan product advisor",
        "automated underwriting, aus, background check, google, linkedin, facebook, social media",
        "online search, searched online",
    ),
)
RELAXING: Final = Language(
    "relaxing",
    "Invariant c: a memo may escalate and never relax, so it waives no step and calls none needless",
    _terms(
        "no further review, no review, no manual review, no human review, no need for review, without review",
        "without further review, review is unnecessary, review is not needed, review is not necessary",
        "no underwriter, skip, skips, skipped, skipping, waive, waives, waived, waiver, bypass, bypasses",
        "bypassed, override, overrides, overridden, overrule, fund the loan, proceed to funding",
        "proceed to closing, clear to close, clear to fund, ready to close, ready to fund, disburse",
        "fast track, fast tracked, no documents needed, no documents are needed, no documentation needed",
        "ignore, ignored, ignoring, disregard, disregarded, disregarding, rubber stamp, no concerns, no risk",
        "risk free, zero risk, without risk, nothing to worry, despite the failed, although it failed",
        "immaterial",
    ),
)
LANGUAGES: Final = (
    PROHIBITED_BASIS,
    PROXIES,
    OUTCOMES,
    RATES,
    DISCOURAGEMENT,
    POLICY,
    SIGNALS,
    UNDONE,
    RELAXING,
)
# Phrases of everyday lending that hold a listed term and mean none of it.
INNOCENT: Final = _terms(
    "social security number, age of the account, age of the accounts, age of the oldest, age of the credit",
    "age of the file, age of the home, age of the property, account age, credit age, average age of accounts",
    "color copy, color copies, color scan, color scans, color photo, in the black, black ink, white paper",
    "credit limit, credit limits, time limit, not limited to, minimum payment, minimum payments",
    "insurance policy, insurance policies, homeowners policy, hazard policy, title policy",
    "not eligible as submitted",
)
"""Releases only the listed term that lies inside the phrase."""
