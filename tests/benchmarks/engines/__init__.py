"""JavaScript engines for Python, asked what a host of stream registries has to know of one."""
