"""The documentation as a site: `python -m tests.website` builds it into `_site`.

`pages` puts the sources together: what is in `docs`, prose from elsewhere in the repository
(`sources`), and what is made from the specification, the tests and the code (`rules`, `dialects`,
`vectors`, `python_api`). `links` turns links between files into links between pages. Sphinx builds
them, and takes every warning, such as a link that leads nowhere, for an error. Before that the
examples run (`examples`), and after it `built` looks at what came out.
"""
