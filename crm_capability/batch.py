"""Many reports at once: one for each plan, or of one plan one for each unit, over all cores.

A failure is that report's own: the others go on, and the summary page names it. Each result folder is
written whole or not at all, as by `run`.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import re
import signal
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from .assess import assess
from .definition.loaded import LoadedPlan, load_plan
from .errors import CapabilityError, Place, Problem, ReportError, near_miss
from .evidence.readings import Evidence, collect
from .report.folder import write_report
from .report.summary import MACHINE, Entry, entry_of, machine, write_summary
from .report.template import plan_template

Progress = Callable[[str, int, int | None], None]
_REPORTS_A_PROCESS = 50  # the layout engine keeps some 0.2 MB of each: a fresh process has none of it
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")  # a core is a report's own


@dataclass(frozen=True)
class Wish:
    """How the reports are written; what is None is each plan's own."""

    allow: tuple[str | Path, ...] = ()
    languages: tuple[str, ...] | None = None
    template: str | None = None
    formats: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Job:
    """One report: whose, and where it goes. `unit` is None for the plan's own."""

    plan: Path
    unit: str | None
    folder: Path


def batch(
    plans: Sequence[str | Path],
    out: str | Path,
    units: Iterable[str] | None = None,
    wish: Wish | None = None,
    workers: int | None = None,
    progress: Progress = lambda step, done, of: None,
) -> list[Entry]:
    """Write a result folder for each of several plans, or for each unit (or those of `units`) of one
    plan, and `summary.<lang>.html`, `summary.csv` and `summary.json` beside them.

    `workers` is the number of processes, all cores unless given; `progress` is told what is being done,
    and of the reports how many are done. Gives an entry a report; one that failed holds its problems.
    Raises ReportError for a folder that holds other things, and for one plan what `load_plan` and
    `collect` raise.
    """
    out, wish = Path(out), wish or Wish()
    with _evidence_kept() as kept:
        if len(plans) == 1:
            progress("plan", 0, None)
            loaded = load_plan(plans[0], wish.allow)
            wish = replace(wish, template=wish.template or _plans_template(loaded))
            evidence = collect(loaded, lambda step: progress(step, 0, None))
            kept.write_bytes(pickle.dumps(evidence))
            jobs = _jobs_of_units(Path(plans[0]), _chosen(evidence, units), out)
            languages = wish.languages or loaded.plan.report.languages
        else:
            if units is not None:
                what = "units can be chosen from one plan alone"
                raise ReportError(Problem(Place(), what, "name one plan, or no units"))
            jobs = _jobs_of_plans([Path(plan) for plan in plans], out)
            languages = wish.languages or _languages(jobs, wish)
        _begin_folder(out)
        entries = list(_done(jobs, wish, kept, workers or _cores(), progress))
        write_summary(entries, out, languages)
    return entries


def _jobs_of_units(plan: Path, units: Sequence[str], out: Path) -> list[Job]:
    return [Job(plan, unit, out / name) for unit, name in zip(units, folder_names(units), strict=True)]


def _jobs_of_plans(plans: Sequence[Path], out: Path) -> list[Job]:
    """A folder a plan, named as the plan's own folder, or its file where many lie in one."""
    homes = [plan.resolve().parent for plan in plans]
    names = [
        plan.stem if homes.count(home) > 1 else home.name for plan, home in zip(plans, homes, strict=True)
    ]
    return [Job(plan, None, out / name) for plan, name in zip(plans, folder_names(names), strict=True)]


def folder_names(names: Sequence[str]) -> list[str]:
    """A folder's name for each of some names: safe on every system, each another.

    >>> folder_names(["Köln", "a/b", "A:B", "..", "summary.csv"])
    ['Köln', 'a-b', 'A-B-2', 'unit', 'summary-csv']
    """
    found: list[str] = []
    for name in names:
        plain = re.sub(r"[^\w-]+", "-", unicodedata.normalize("NFC", name)).strip("-_")[:60] or "unit"
        other, number = plain, 1
        while other.casefold() in map(str.casefold, found):  # some systems do not tell A from a
            number += 1
            other = f"{plain}-{number}"
        found.append(other)
    return found


def _chosen(evidence: Evidence, units: Iterable[str] | None) -> list[str]:
    known = list(evidence.units)
    if units is None:
        return known
    wanted = list(dict.fromkeys(units))
    wrong = [
        Problem(Place(), f'no unit "{unit}"', near_miss(unit, known)) for unit in wanted if unit not in known
    ]
    if wrong:
        raise ReportError(wrong)
    return wanted  # fmt: skip


def _plans_template(loaded: LoadedPlan) -> str:
    return plan_template(loaded.plan.report.template, loaded.definition.path.parent)


def _languages(jobs: Sequence[Job], wish: Wish) -> tuple[str, ...]:
    """The languages of all plans that can be read; English where none can."""
    found: list[str] = []
    for job in jobs:
        try:
            found += load_plan(job.plan, wish.allow).plan.report.languages
        except CapabilityError:
            continue  # its own report will say so
    return tuple(dict.fromkeys(found)) or ("en",)


def _begin_folder(out: Path) -> None:
    """Take the folder, unless it holds anything but an earlier batch. Raises ReportError."""
    try:
        if out.is_dir() and any(out.iterdir()) and not (out / MACHINE).is_file():
            what = "the folder holds other things and no earlier batch"
            raise ReportError(Problem(Place(str(out)), what, "name an empty or a new folder"))
        out.mkdir(parents=True, exist_ok=True)
        (out / MACHINE).write_text(machine((), finished=False), encoding="utf-8")
    except OSError as error:
        what = f"the folder cannot be written: {error.strerror}"
        raise ReportError(Problem(Place(str(out)), what, "choose another")) from None


# ---------------------------------------------------------------------- over the cores


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _done(jobs: Sequence[Job], wish: Wish, kept: Path, workers: int, progress: Progress) -> Iterator[Entry]:
    """An entry a job, as they come. A process that the system ends takes down what ran beside it: those
    jobs are done again, each in a process of its own, so that only the one to blame fails."""
    progress("reports", 0, len(jobs))
    count, again = 0, []
    for job, entry in _run(jobs, wish, kept, min(workers, len(jobs))):
        if entry is None:
            again.append(job)
            continue
        count += 1
        progress(_name(job), count, len(jobs))
        yield entry
    for job in again:
        (result,) = _run([job], wish, kept, 1)
        count += 1
        progress(_name(job), count, len(jobs))
        yield result[1] or _failed(job, ["the system ended the process: was there too little memory?"])


def _run(jobs: Sequence[Job], wish: Wish, kept: Path, workers: int) -> Iterator[tuple[Job, Entry | None]]:
    """Each job with its entry; None where its process came to an end before it was done."""
    many = workers * _REPORTS_A_PROCESS
    for start in range(0, len(jobs), many):  # executors that renew their own processes can stand still
        yield from _pooled(jobs[start : start + many], wish, kept, workers)


def _pooled(jobs: Sequence[Job], wish: Wish, kept: Path, workers: int) -> Iterator[tuple[Job, Entry | None]]:
    context = multiprocessing.get_context("spawn")  # a copy of this process would copy its locks too
    evidence = kept if kept.stat().st_size else None
    with _one_thread_each(), ProcessPoolExecutor(workers, context, _begin, (wish, evidence)) as pool:
        futures: dict[Future[Entry], Job] = {pool.submit(_report, job): job for job in jobs}
        try:
            for future in as_completed(futures):
                try:
                    yield futures[future], future.result()
                except BrokenProcessPool:
                    yield futures[future], None
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)  # what runs is finished, what waits is not begun
            raise


@contextmanager
def _one_thread_each() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


@contextmanager
def _evidence_kept() -> Iterator[Path]:
    """A file for evidence that is collected once and read by every process; empty where there is none."""
    handle, name = tempfile.mkstemp(prefix="evidence-")
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


# ---------------------------------------------------------------------- in a process of its own

_wish = Wish()
_kept: Path | None = None
_read: dict[Path, tuple[LoadedPlan, Evidence]] = {}  # the one plan of many units


def _begin(wish: Wish, kept: Path | None) -> None:
    global _wish, _kept
    _wish, _kept = wish, kept
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started this one decides


def _report(job: Job) -> Entry:
    """One report. Whatever goes wrong is this report's own."""
    try:
        loaded, evidence = _material(job)
        if job.unit is not None:
            plan = loaded.plan.model_copy(update={"unit": job.unit})
            loaded = replace(loaded, definition=replace(loaded.definition, value=plan))
        result = assess(loaded, evidence=evidence)
        template = _wish.template or _plans_template(loaded)
        files = write_report(result, job.folder, _wish.languages, template, formats=_wish.formats)
        return entry_of(
            result, job.folder.name, (file.name for file in files if file.parent == job.folder.absolute())
        )
    except CapabilityError as error:
        return _failed(job, [str(problem) for problem in error.problems])
    except Exception as error:
        return _failed(job, [f"unexpected: {type(error).__name__}: {error}"])  # fmt: skip


def _material(job: Job) -> tuple[LoadedPlan, Evidence | None]:
    if _kept is None:
        return load_plan(job.plan, _wish.allow), None
    if job.plan not in _read:
        _read[job.plan] = load_plan(job.plan, _wish.allow), pickle.loads(_kept.read_bytes())
    return _read[job.plan]


def _failed(job: Job, problems: Sequence[str]) -> Entry:
    return Entry(job.folder.name, job.unit or "", _name(job), problems=tuple(problems))


def _name(job: Job) -> str:
    return job.unit or job.folder.name
