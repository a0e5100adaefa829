"""The steps from one version of the tables to the next.

A step is a module in `versions`, applied in one transaction. It states the tables as they were
then, not as `schema.py` has them now; a test holds the end of all steps against `schema.py`. Its
revision is the next number, and `snipersight.storage.migrating.HEAD` names the newest.
"""
