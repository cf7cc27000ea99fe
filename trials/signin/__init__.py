"""Signing in at the desk: a password and a code, lockouts, and sessions that end. See docs/adr/0012."""
