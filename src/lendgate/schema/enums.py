"""The closed lists of the contract, spelled as MISMO v3.4 / ULAD spell them.

Law: a value here is a published word; it is never renamed, only added to. Source: ULAD mapping of the
URLA (Freddie Mac 65 / Fannie Mae 1003), MISMO v3.4.0 B324 enumerations.
"""

from __future__ import annotations

from typing import Literal

Product = Literal["personal_loan", "mortgage"]

LoanPurposeType = Literal["Purchase", "Refinance", "MortgageModification", "Other"]
RefinanceCashOutDeterminationType = Literal["CashOut", "LimitedCashOut", "NoCashOut", "Unknown"]
MortgageType = Literal[
    "Conventional",
    "FHA",
    "VA",
    "USDARuralDevelopment",
    "LocalAgency",
    "StateAgency",
    "PublicAndIndianHousing",
    "Other",
]
PropertyUsageType = Literal["PrimaryResidence", "SecondHome", "Investment", "Other"]
ConstructionMethodType = Literal[
    "SiteBuilt", "Manufactured", "MobileHome", "Modular", "OnFrameModular", "Other"
]
LienPriorityType = Literal["FirstLien", "SecondLien", "ThirdLien", "FourthLien", "Other"]
AmortizationType = Literal[
    "Fixed",
    "AdjustableRate",
    "GEM",
    "GPM",
    "GraduatedPaymentARM",
    "Step",
    "RateImprovementMortgage",
    "Other",
]
CitizenshipResidencyType = Literal[
    "USCitizen", "PermanentResidentAlien", "NonPermanentResidentAlien", "NonResidentAlien", "Unknown"
]
EmploymentStatusType = Literal["Current", "Previous"]
EmploymentClassificationType = Literal["Primary", "Secondary"]
IncomeType = Literal[
    "Base",
    "Overtime",
    "Bonus",
    "Commissions",
    "MilitaryBasePay",
    "NetRentalIncome",
    "SocialSecurity",
    "Pension",
    "Alimony",
    "ChildSupport",
    "SelfEmployment",
    "Other",
]
LiabilityType = Literal[
    "Revolving",
    "Installment",
    "Open30DayChargeAccount",
    "LeasePayment",
    "MortgageLoan",
    "HELOC",
    "Taxes",
    "Alimony",
    "ChildSupport",
    "SeparateMaintenance",
    "JobRelatedExpenses",
    "Other",
]
AssetType = Literal[
    "CheckingAccount",
    "SavingsAccount",
    "MoneyMarketFund",
    "CertificateOfDepositTimeDeposit",
    "Stock",
    "Bond",
    "MutualFund",
    "RetirementFund",
    "GiftOfCash",
    "Other",
]
BorrowerResidencyBasisType = Literal["Own", "Rent", "LivingRentFree", "Unknown"]
BankruptcyChapterType = Literal["ChapterSeven", "ChapterEleven", "ChapterTwelve", "ChapterThirteen"]
ApplicantRole = Literal["primary", "co_borrower", "guarantor"]
Verification = Literal["stated", "document", "third_party"]
PropertyValuationBasis = Literal["appraised", "estimated", "avm"]

DocumentType = Literal[
    "pay_stub",
    "w2",
    "1099_nec",
    "1099_misc",
    "1099_int",
    "1099_div",
    "1099_g",
    "1099_r",
    "1099_ssa",
    "1040",
    "1040_schedule_1",
    "1040_schedule_c",
    "1040_schedule_d",
    "1040_schedule_e",
    "bank_statement",
    "investment_statement",
    "credit_card_statement",
    "mortgage_statement",
    "identity_document",
    "urla_1003",
    "voe_1005",
    "transmittal_1008",
    "closing_disclosure",
    "tax_transcript",
    "purchase_contract",
    "credit_authorization",
    "other",
]
