"""The words of the sample forms of Regulation B, Appendix C, that the notices are made of.

Law: the regulation's text, letter by letter, but for what stands in braces; ``BROKERED`` alone is ours.

Source: Regulation B as of 1 January 2022 (regulations-xml 2017-20417_20220101): Forms C-1, C-2, C-4, C-6,
and 12 CFR 1002.9(b)(1) for ``ECOA``; 1002.9(g) for ``BROKERED``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lendgate.schema.decision import NoticeForm

ECOA: Final = (
    "The Federal Equal Credit Opportunity Act prohibits creditors from discriminating against credit "
    "applicants on the basis of race, color, religion, national origin, sex, marital status, age (provided "
    "the applicant has the capacity to enter into a binding contract); because all or part of the "
    "applicant's income derives from any public assistance program; or because the applicant has in good "
    "faith exercised any right under the Consumer Credit Protection Act. The Federal agency that "
    "administers compliance with this law concerning this creditor is {agency}."
)
REPORT: Final = (
    "Our credit decision was based in whole or in part on information obtained in a report from the "
    "consumer reporting agency listed below. You have a right under the Fair Credit Reporting Act to know"
    " the information contained in your credit file at the consumer reporting agency. The reporting "
    "agency played no part in our decision and is unable to supply specific reasons why we have denied "
    "credit to you. You also have a right to a free copy of your report from the reporting agency, if you"
    " request it no later than 60 days after you receive this notice. In addition, if you find that any "
    "information contained in the report you receive is inaccurate or incomplete, you have the right to "
    "dispute the matter with the reporting agency."
)
SCORE: Final = (
    "We also obtained your credit score from the consumer reporting agency and used it in making our credit "
    "decision. Your credit score is a number that reflects the information in your consumer report. Your "
    "credit score can change, depending on how the information in your consumer report changes."
)
TITLES: Final[Mapping[NoticeForm, str]] = {
    "C-1": "Statement of Credit Denial, Termination or Change",
    "C-2": "Notice of Action Taken and Statement of Reasons",
    "C-4": "Notice of Action Taken, Statement of Reasons and Counteroffer",
    "C-6": "Notice of Incomplete Application and Request for Additional Information",
}
REASONS_HEADING: Final = (
    "Part I: Principal Reason(s) for Credit Denial, Termination, or Other Action Taken Concerning Credit"
)
REPORT_HEADING: Final = "Part II: Disclosure of Use of Information Obtained From an Outside Source"
KEY_FACTORS: Final = "Key factors that adversely affected your credit score:"
DENIED: Final = (
    "Thank you for your recent application. Your request for {credit} was carefully considered, and we "
    "regret that we are unable to approve your application at this time, for the following reason(s):"
)
NOT_AS_REQUESTED: Final = (
    "Thank you for your application for {credit}. We are unable to offer you credit on the terms that you "
    "requested for the following reason(s):"
)
OFFERED: Final = "We can, however, offer you credit on the following terms:"
ACCEPT_BY: Final = (
    "If this offer is acceptable to you, please notify us by {day} at the following address: {address}."
)
NEEDED: Final = (
    "Thank you for your application for credit. The following information is needed to make a decision on "
    "your application:"
)
SEND_BY: Final = (
    "We need to receive this information by {day}. If we do not receive it by that date, we will "
    "regrettably be unable to give further consideration to your credit request."
)
QUESTIONS: Final = "If you have any questions regarding this {what}, you should contact:"
BROKERED: Final = (
    "Your application was submitted through {broker}. This notice is given on behalf of the creditor that "
    "acted on it: {creditor}."
)
