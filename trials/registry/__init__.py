"""ClinicalTrials.gov records: API v2 JSON -> ``StudyRecord``. Plain Python; knows no Django.

``sources`` streams records from files and folders, ``records`` reads one of them, ``criteria`` splits its eligibility text, and
``losses`` checks that the splitting lost nothing. Only ``client``, which asks the registry itself, knows HTTP.
"""
