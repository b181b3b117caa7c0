"""Runs a whole check: the campaign, the diagnosis, and the verdict on both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from functools import cache
from itertools import takewhile

from streamstate.model import REFERENCE, Dialect, Get, Limits
from streamstate.oracle.adapters.budget import Budget
from streamstate.oracle.adapters.implementation import ExchangeError, Hello, Opener
from streamstate.oracle.campaign.driving import Campaign, Progress
from streamstate.oracle.campaign.runner import Runner
from streamstate.oracle.diagnosis.by_memory import by_memory
from streamstate.oracle.diagnosis.crashes import culprit, smaller
from streamstate.oracle.diagnosis.diagnose import Diagnosis, diagnose
from streamstate.oracle.diagnosis.ignored_limits import ignoring_limits
from streamstate.oracle.diagnosis.localisation import Pool
from streamstate.oracle.diagnosis.nearest_dialect import nearest
from streamstate.oracle.diagnosis.policies import by_policy
from streamstate.oracle.diagnosis.views import MOST_OPS
from streamstate.oracle.programs.cached_model import CachedModels
from streamstate.oracle.programs.program import Program, program_of
from streamstate.oracle.suites.fitted import fitted
from streamstate.oracle.suites.plan import DEFAULT_SEED, Planner, Suite, default_plan, requests
from streamstate.oracle.verdict.certificate import Certificate
from streamstate.oracle.verdict.deviation import Deviation
from streamstate.oracle.verdict.tally import Mistake, Tally
from streamstate.oracle.verdict.verdict import WHOLE, Nearest, Ran, Shard, Verdict, is_certain


@dataclass(frozen=True)
class Question:
    """What is asked of an implementation: to do as `dialect` says in the programs of a plan."""

    dialect: Dialect
    seed: int = DEFAULT_SEED
    planner: Planner = default_plan

    def planned(
        self, hello: Hello, models: CachedModels, budget: Budget | None = None
    ) -> Iterator[Suite]:
        """The suites for one that introduced itself so. With a `budget`, what makes their programs
        raises `TimeoutError` once it is over."""
        model = models.of(self.dialect)
        suites: Iterable[Suite] = self.planner(model, hello.capabilities, self.seed)
        if budget is not None:
            suites = (_within(budget, suite) for suite in suites)
        return fitted(suites, hello, model)

    def unanswered(self, error: ExchangeError, shard: Shard = WHOLE) -> Verdict:
        """The verdict on one that could not be asked."""
        return Verdict(self.dialect, None, Tally(broken=error), (), (), self.seed, shard=shard)


def check(
    opener: Opener,
    dialect: Dialect,
    *,
    seed: int = DEFAULT_SEED,
    planner: Planner = default_plan,
    shard: Shard = WHOLE,
    budget: Budget | float | None = None,
    progress: Progress | None = None,
) -> Verdict:
    """Check an implementation against the model in `dialect`, with the default plan or another.

    After `budget` seconds it says what it knows by then (None: no bound). If something deviates, it
    begins no program of the plan in the second half of that time, so that there is time to find out
    why. `opener` starts the implementation, and starts it again to shrink what it did wrong.
    Whatever the implementation does is in the verdict, and raises nothing.
    """
    limit = budget if isinstance(budget, Budget) else Budget(budget)
    question, models = Question(dialect, seed, planner), CachedModels()
    try:
        implementation = opener()
    except ExchangeError as error:
        return question.unanswered(error, shard)
    with closing(implementation):
        hello = implementation.hello
        planned = tuple(question.planned(hello, models))
        campaign = Campaign(implementation, dialect, models, progress, limit)
        tally = campaign.drive(requests(planned, shard))
    return conclude(opener, question, planned, hello, tally, models, limit, shard)


def drive_part(
    opener: Opener,
    question: Question,
    shard: Shard,
    until: float,
    limit: Budget,
    progress: Progress | None = None,
) -> tuple[Hello | None, Tally]:
    """Drive the programs of a shard with numbers below `until`. What comes of all shards,
    `merging.merged`, is what driving the plan brings; `conclude` says what is behind it."""
    models = CachedModels()
    try:
        implementation = opener()
    except ExchangeError as error:
        return None, Tally(broken=error)
    with closing(implementation):
        planned = question.planned(implementation.hello, models)
        asked = takewhile(lambda request: request.seq < until, requests(planned, shard))
        campaign = Campaign(implementation, question.dialect, models, progress, limit)
        return implementation.hello, campaign.drive_part(asked)


def conclude(
    opener: Opener,
    question: Question,
    planned: Sequence[Suite],
    hello: Hello,
    tally: Tally,
    models: CachedModels,
    limit: Budget,
    shard: Shard = WHOLE,
) -> Verdict:
    """The verdict where driving has brought `tally`: what is behind the differences, if there are
    any, and what the suites show."""
    dialect = question.dialect
    with closing(Runner(opener, dialect, models, limit)) as runner:
        _cut_down(tally, opener, runner)
        pool = _pool(lambda: question.planned(hello, models, limit))
        diagnosis, closest = _diagnosed(runner, tally, pool)
    ran, certificates = _shown_of(planned, tally, diagnosis.deviations)
    tally.seconds_in_all = limit.spent()
    return Verdict(
        dialect,
        hello,
        tally,
        diagnosis.deviations,
        ran,
        question.seed,
        closest,
        certificates,
        shard,
        hurried=diagnosis.cut,
        stopped=limit.ended,
    )


def _diagnosed(runner: Runner, tally: Tally, pool: Pool) -> tuple[Diagnosis, Nearest | None]:
    """Diagnose the differences, and find the nearest dialect. Notes the adapter's mistakes."""
    diagnosis = diagnose(runner, tally, pool)
    diagnosis = diagnosis._replace(deviations=by_memory(diagnosis.deviations))
    closest = _closest(runner, diagnosis)
    may_ignore = diagnosis.deviations and runner.fixed_limits() is None
    ignored = ignoring_limits(runner, tally.past) if may_ignore else 0
    if closest is not None and diagnosis.follows is None:
        asked = runner.model(None).dialect
        diagnosis = diagnosis._replace(deviations=by_policy(diagnosis.deviations, asked, closest))
    _note_mistakes(tally, diagnosis.deviations, ignored, leaks=diagnosis.leaks)
    return diagnosis, closest


def _closest(runner: Runner, diagnosis: Diagnosis) -> Nearest | None:
    """The dialect some of whose policies the implementation follows; else the one that it comes
    nearest to."""
    if not diagnosis.deviations:
        return None
    shown = _shown_by(diagnosis.deviations, runner.fixed_limits())
    if diagnosis.follows is None:
        return nearest(runner, shown)
    found = nearest(runner, shown, [diagnosis.follows])
    return None if found is None else replace(found, followed=True)


def _note_mistakes(
    tally: Tally, deviations: Sequence[Deviation], ignored: int, *, leaks: bool
) -> None:
    """The mistakes of the adapter that the deviations show; `ignored` counts the programs whose
    limits it ignored."""
    if deviations and all(each.why for each in deviations):
        del tally.mistakes[Mistake.EARLY]  # what a mistake of the implementation itself explains
    if leaks and Mistake.REUSED not in tally.mistakes:
        tally.mistakes[Mistake.LEFTOVERS] = tally.deviating
    if ignored and not leaks:
        tally.mistakes[Mistake.LIMITS] = ignored


def _shown_of(
    planned: Iterable[Suite], tally: Tally, deviations: Iterable[Deviation]
) -> tuple[tuple[Ran, ...], tuple[Certificate, ...]]:
    """The results of the suites that began, and their certificates."""
    begun = [suite for suite in planned if tally.families[suite.name]]
    ran = tuple(
        Ran(name, suite.says, tally.families[name], tally.deviating_families[name])
        for suite in begun
        for name in [suite.name]
    )
    certain = is_certain(tally, deviations)
    return ran, tuple(_certificates(begun, ran)) if certain else ()


def _cut_down(tally: Tally, opener: Opener, runner: Runner) -> None:
    """Cut the program at which the process died or hung down to the ops that it takes, and name the
    rule."""
    if tally.broken is None or tally.running is None:
        return
    fault, asked = tally.broken.fault, (tally.running, *tally.following)
    suspect = culprit(opener, asked, fault, runner.is_over)
    found = suspect and smaller(opener, suspect, fault, runner.is_over)
    if found is not None:
        tally.running = found
        tally.breaks_at = runner.model(found.limits).expect(found.program).links[-1].rule


def _certificates(begun: Sequence[Suite], ran: Sequence[Ran]) -> Iterator[Certificate]:
    for suite, counted in zip(begun, ran, strict=True):
        complete = suite.complete
        if complete is None or counted.deviating or suite.limits != complete.abstraction.limits:
            continue  # a suite that is run with other limits than it was made for shows nothing
        yield complete.certificate(counted.programs)


def check_any(
    opener: Opener,
    *,
    seed: int = DEFAULT_SEED,
    planner: Planner = default_plan,
    shard: Shard = WHOLE,
    budget: Budget | float | None = None,
    progress: Progress | None = None,
) -> Verdict:
    """Find the dialect that the implementation comes nearest to, and check it against that one."""
    limit = budget if isinstance(budget, Budget) else Budget(budget)
    with closing(Runner(opener, REFERENCE, CachedModels(), limit)) as runner:
        found = nearest(runner)
    dialect = REFERENCE if found is None else found.dialect
    return check(
        opener, dialect, seed=seed, planner=planner, shard=shard, budget=limit, progress=progress
    )


def _shown_by(deviations: Iterable[Deviation], limits: Limits | None) -> tuple[Program, ...]:
    """The programs of deviations, without looks, that the adapter can run with those limits; very
    long ones left out."""
    return tuple(
        program_of(deviation.program)
        for deviation in deviations
        if deviation.limits == limits
        and len(deviation.program) <= MOST_OPS
        and not any(isinstance(op, Get) for op in deviation.program)
    )


def _within(budget: Budget, suite: Suite) -> Suite:
    def programs() -> Iterator[Program]:
        for program in suite.programs:
            if budget.is_over():
                raise TimeoutError
            yield program

    return suite._replace(programs=programs())


def _pool(plan: Callable[[], Iterable[Suite]]) -> Pool:
    """All programs of a plan, made when somebody first asks for them; those that were made in time,
    if it takes too long."""

    @cache
    def programs(limits: Limits | None) -> tuple[Program, ...]:
        suites_with_them = (suite for suite in plan() if suite.limits == limits)
        made: list[Program] = []
        with suppress(TimeoutError):
            made.extend(request.program for request in requests(suites_with_them))
        return tuple(made)

    return programs
