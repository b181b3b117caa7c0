"""From differences to causes: reproduce, minimise, localise, form hypotheses, cluster, confirm.

Diagnosis reproduces each group of differences alone and minimises it (`minimisation`), then blames
a rule by its spectrum (`localisation`). `hypotheses` looks for one mistake, made on top of the
model, that answers as the implementation does; what it reproduces to the last op is one deviation.
Diagnosis looks at the rest as if that mistake were mended (`hypotheses.composition`). `clustering`
puts together what one fault explains.

To teach it a mistake, add an operator to `hypotheses`, and to `tests/faults` a fault that needs it.
"""
