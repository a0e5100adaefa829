"""The steps from one version of the telemetry's tables to the next.

As for the tables of decisions: numbered, each in one transaction, stating the tables as they were
then; `snipersight.storage.telemetry.tables.TELEMETRY` names the newest.
"""
