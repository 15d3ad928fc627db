"""An independent auditor of published results: it knows arithmetic, and nothing of the service.

Its input is what is public: the cells of every release, headcounts, and the tree. It reports what
somebody could work out from that. Run it on a file: see README.md.
"""
