"""What the bench hands on to the platform it starts."""

from __future__ import annotations

from bench.stage import environment


def test_no_setting_of_a_real_installation_reaches_the_bench() -> None:
    """A bench must not fill somebody's database or spend somebody's money; only the workerd binary stays."""
    ours = {
        "PATH": "/usr/bin",
        "LENDGATE_DATABASE_URL": "postgresql://production",
        "LENDGATE_AUDIT_KEY_FILE": "/run/secrets/audit",
        "ANTHROPIC_API_KEY": "a key",
        "LENDGATE_WORKERD": "/opt/workerd",
    }
    assert environment(ours) == {"PATH": "/usr/bin", "LENDGATE_WORKERD": "/opt/workerd"}
