"""From differences to causes: reproduce, minimise, localise, form hypotheses, cluster, confirm.

Each group of differences is reproduced alone and minimised (`minimisation`), then blamed on a rule
by its spectrum (`localisation`). `hypotheses` looks for one mistake, made on top of the model, that
answers as the implementation does; what it reproduces to the last op is one deviation. The rest is
looked at as if that were mended (`hypotheses.untangling`). `clustering` puts together what one
fault explains.

To teach it a mistake, add an operator to `hypotheses`, and to `tests/faults` a fault that needs it.
"""
