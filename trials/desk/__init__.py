"""Help for the coordinator's desk: what looks wrong in a trial or in the questions, and patients to try a trial's rules on.

Knows the engine and the words of messages; asks no database.
"""
