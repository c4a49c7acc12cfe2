"""Intake: strict JSON to application, completeness, and the wall around monitoring data. Pure."""
