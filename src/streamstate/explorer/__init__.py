"""The explorer: one page, without a network, on which to press ops and watch what they mean.

The page carries the model's own table as data (`data`) and a small interpreter of the table's
actions (`machine.js`). No line of the page decides which rule an op takes, or where that leads.
"""

from streamstate.explorer.address import of_deviation, of_program
from streamstate.explorer.data import explorer_data
from streamstate.explorer.page import explorer_beside, explorer_page

__all__ = ["explorer_beside", "explorer_data", "explorer_page", "of_deviation", "of_program"]
