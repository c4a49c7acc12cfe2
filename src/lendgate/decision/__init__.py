"""Decision: findings and memo to a recommendation with its principal reasons. Pure; the only maker of one."""
