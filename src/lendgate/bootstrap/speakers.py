"""Who reads, writes and answers: Claude by the model that is given, or the rules without one.

Law: each is given the model, its name and its deadline; none opens one itself.
"""

from __future__ import annotations

from datetime import timedelta

from lendgate.analysis.claude_reviewer import ClaudeReviewer
from lendgate.analysis.reviewer import Reviewer
from lendgate.analysis.rules import RulesReviewer
from lendgate.analysis.speaking import Speaker
from lendgate.assistants.intake.assistant import Assistant
from lendgate.assistants.intake.bank import packaged_bank
from lendgate.assistants.intake.model_turn import ModelEar
from lendgate.assistants.support.answering import Supporter
from lendgate.assistants.support.private_text import PrivateText, policy_text
from lendgate.claude.port import ModelPort
from lendgate.documents.claude_reader import ClaudeReader
from lendgate.settings import ServiceSettings
from lendgate.workflow.desk import Desk
from lendgate.workflow.intake import IntakeRoom
from lendgate.workflow.underwrite import Rulebook


def reviewer_from(settings: ServiceSettings, model: ModelPort | None = None) -> Reviewer:
    """The reviewer that writes the memos: Claude by this model, or without one the rules."""
    if model is None:
        return RulesReviewer()
    return ClaudeReviewer(
        model, settings.model_review, settings.model_deadline_seconds, settings.model_effort
    )


def speaker_from(settings: ServiceSettings, model: ModelPort | None = None) -> Speaker:
    """Who explains reviews: Claude by this model, or without one the rules."""
    return Speaker(model, settings.model_explain, settings.model_deadline_seconds)


def document_reader_from(settings: ServiceSettings, model: ModelPort) -> ClaudeReader:
    """Who reads documents a second time: Claude by this model; without one nobody does."""
    return ClaudeReader(
        model, settings.model_documents, settings.model_deadline_seconds, settings.model_effort
    )


def supporter_from(
    settings: ServiceSettings, rulebook: Rulebook, model: ModelPort | None = None
) -> Supporter:
    """Who answers brokers: the approved wordings, and what this model may add to them."""
    private = PrivateText.of(policy_text(rulebook.packs.values()))
    return Supporter(model, settings.model_explain, settings.support_deadline_seconds, private)


def intake_room(settings: ServiceSettings, desk: Desk, model: ModelPort | None = None) -> IntakeRoom:
    """Where intake conversations are held; by rules, and with this model's help.

    Raises:
        PolicyError: the question bank must not be used.
    """
    keep = timedelta(hours=settings.intake_keep_hours)
    return IntakeRoom(desk, intake_assistant(settings, model), keep, settings.intake_messages)


def intake_assistant(settings: ServiceSettings, model: ModelPort | None = None) -> Assistant:
    """Who talks with borrowers.

    Raises:
        PolicyError: the question bank must not be used.
    """
    ear = ModelEar(model, settings.model_explain, settings.intake_deadline_seconds) if model else None
    return Assistant(packaged_bank(), ear)
