"""Telling people and other systems what happened.

`outbox.announce` writes a notice in the transaction of the act it is about; the job worker makes one delivery of it for
each person and each webhook and sends those after the commit. `governance/docs/notifications.md` says how.
"""
