"""Short queries answered by the process that holds the connection, without a detour through another.

The switchboard takes every connection and gives it to a lane: a process with the whole store in shared memory, like a
query process. A lane answers a short query of a program on the spot. What is not one - a page, a write, an error - it
leaves where it is, in the connection, and the switchboard leads it to the server behind. A query that takes longer
than a moment is taken from its lane by ending the lane: the query begins anew behind, where it may take its time and
be ended at its limit; the other connections go to other lanes. So a lane needs no limits, words no error and sends no
answer in pieces.
"""
