"""A verdict as one HTML file that needs nothing else: no network, no script, no dependency."""

from streamstate.oracle.reports.html.page import as_html

__all__ = ["as_html"]
