"""Complete test suites: programs that miss no fault, up to a stated number of states.

Theory
======

A deterministic implementation that can be reset is, seen through finitely many inputs and outputs,
a machine. Its states cannot be looked at. But if the reference is a machine with `n` states, known
and minimal, then finitely many programs can tell whether an implementation with at most `n + K`
states is equivalent to it, whatever it does inside:

1. Go to each state of the reference (`mealy.cover`).
2. From there do every word of up to `K + 1` inputs. In at most `n + K` states, every transition is
   taken by one of these.
3. Each time, ask which state was reached, with words that any other state answers differently
   (`identify.identifiers`).

This is the method of harmonised state identifiers (HSI), which holds for partial machines too: an
implementation that passes answers every sequence of inputs that is defined in the reference as the
reference does. `words.Words` is the suite, a word that another begins with left out.

The machines are made from the model (`abstraction.explore`) and not written down: `catalogue` says
through which inputs and within which bounds to look. Each dialect so has its own suites. What is
claimed of an implementation that passes, on which assumptions, and what no such suite can see, is
its `verdict.certificate.Certificate`.
"""

from streamstate.oracle.suites.complete.abstraction import Abstraction
from streamstate.oracle.suites.complete.catalogue import SMALL_LIMITS, abstractions
from streamstate.oracle.suites.complete.suite import CompleteSuite, Spelt

__all__ = [
    "SMALL_LIMITS",
    "Abstraction",
    "CompleteSuite",
    "Spelt",
    "abstractions",
]
