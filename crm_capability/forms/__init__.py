"""Questionnaires on their way out: one file a format.

`form` brings a questionnaire into the languages asked for and refuses blanks; each format writes
that form as the bytes of one file.
"""
