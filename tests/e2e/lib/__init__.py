"""The end-to-end harness: namespaces, processes, peers, the daemon under test, and clients.

A scenario is a script beside this folder; `scenario.run(main)` gives its `main` a World, which owns everything that the
scenario makes and takes it down again, however the scenario ends.
"""
