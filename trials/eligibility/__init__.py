"""Judging gene therapy trials from a patient's answers. Plain Python and NumPy; knows neither Django nor HTTP.

An answer is the set of values that may be true of the patient (``questions``). A criterion's rule names a set too (``rules``), and
judging compares the two in three-valued logic (``verdicts``, ``judging``; ``index`` judges all trials at once). ``asking`` picks the
next question and ``explanations`` says why.
"""
