"""Answers as survey tools export them: one file a tool, one way to the plain layout.

`encodings` and `grid` read cells, each tool's file says what its rows and columns mean,
`recognise` chooses the tool, `matching` and `labels` tie columns and answers to a questionnaire,
`importing` is the whole way from an export to a file of answers.
"""
