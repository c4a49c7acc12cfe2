"""The wire form of an application: the application plus monitoring data, before intake splits them.

Law: this is the shape the Worker checks and the origin parses; nothing behind ``intake.parse`` uses it.
"""

from __future__ import annotations

from lendgate.schema.application import Application
from lendgate.schema.monitoring import Monitoring


class ApplicationSubmission(Application):
    """An application as it is sent, with monitoring information where the sender collected it."""

    monitoring: Monitoring | None = None
