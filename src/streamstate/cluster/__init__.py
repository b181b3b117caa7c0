"""Work for a cluster of `dask.distributed`: campaigns, and shares of recordings.

`work` is what a worker is asked to do, in a process that has streamstate and the adapter; nothing
of dask is in it. `hands` hands it out and gets back what comes of it: work whose worker is lost, or
takes too long, is done elsewhere, and in the end given up. `campaign` makes one verdict of it.

The scheduler needs nothing of streamstate: it sees bytes, and the name of a function.
"""
