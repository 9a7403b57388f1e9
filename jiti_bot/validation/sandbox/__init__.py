"""The sandbox that model-written code runs in. Standard library only; nothing is imported here.

Two processes: the *supervisor* (our code, outside, see `supervisor`) starts and watches the *worker* (the project's
interpreter, inside, see `enter`). Modules used inside must run on any Python that a project may have (3.11 and newer).

What is claimed, and tried by the probes in `tests/sandbox`: no network and no sockets that lead anywhere; nothing read
outside the system's programs, the interpreter and the project without its secrets; nothing written or changed outside
the job's folder; other processes neither seen nor signalled, slowed or traced; bounded time, memory, tasks, disk and
output; nobody left over.

What is not: names and sizes of files elsewhere can be asked for (`stat`), names below the project be listed; memory
and disk are sampled and may be overrun for a twentieth of a second; a flaw of the kernel is out of scope; and code that
shares a process with the check of it can forge the check in the end. Where the supervisor itself is killed from
outside, processes that had detached themselves live on, still inside.
"""
