"""ClinicalTrials.gov records: API v2 JSON -> ``StudyRecord``. Plain Python; knows neither Django nor HTTP.

``sources`` streams records from files and folders, ``records`` reads one of them, ``criteria`` splits its eligibility text, and
``losses`` checks that the splitting lost nothing.
"""
