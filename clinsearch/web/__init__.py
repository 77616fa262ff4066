"""The collection as pages of a browser, and the same as JSON: parse, call, render; nothing here searches or explains.

operations/  what may be asked, each once: parameters, answer, record; api.py and the views use it
views/       the pages, one module each; templates/ and static/ are what they are made of
processes.py answers in processes of their own, where so many users ask that one has too little
guards/      what stands before every request: hosts, origins, signing in, headers, limits, log, audit trail
"""
