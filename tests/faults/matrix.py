"""Every fault of source, Hydra, network, disk, clock, memory and process, while a real `run` is in sync.

Each row has a controller of its own and makes one fault. While it lasts the controller lives and answers, nothing is
imported twice, lost, changed or deleted, and what is told of it in log, metric and status is what docs/faults.md says:
that page is made of the same rows. A client is declared meanwhile; when the fault has ended all is in sync within one
interval, by itself.
"""

import concurrent.futures
import os
import time

import harness
import matrix_control
import matrix_disk
import matrix_git
import matrix_hydra
import matrix_machine
import matrix_network
import matrix_page
import matrix_process
import matrix_source
from doubt import RealHydras, missing_hydras
from matrix_needs import missing
from matrix_trial import Result, Trial

ABOUT = "every fault of what is around it, while it runs"
SIDE_BY_SIDE = 6  # a row waits, mostly
COLUMNS = "{:<8} {:<62} {:>6} {:>10} {:>5} {:>8} {}"
PAGE = os.path.join(harness.ROOT, "docs", "faults.md")


def all_rows():
    for module in (matrix_source, matrix_git, matrix_hydra, matrix_network, matrix_disk, matrix_machine, matrix_process):
        yield from module.rows()


def play(row, hydras):
    try:
        return Trial(row, hydras.get).play()
    except Exception as error:  # pylint: disable=broad-exception-caught  # one row's mistake stops no other
        return Result(faults=[f"the row broke: {type(error).__name__}: {error}"])


def tell(row, result):
    held = "no" if result.faults else "yes"
    healed = f"{result.healed:.1f} s" if result.healed is not None else "-"
    verdict = "FAILED: " + "; ".join(result.faults) if result.faults else "ok"
    print(COLUMNS.format(row.kind, row.name, held, healed, result.lost, result.doubled, verdict), flush=True)


def page():
    return matrix_page.page(all_rows())


def page_is_current():
    try:
        with open(PAGE, encoding="utf-8") as file:
            return file.read() == page()
    except FileNotFoundError:
        return False


def play_control(row, words, hydras):
    """A row in which something is wrong passes where that, in these words, is found."""
    result = play(row, hydras)
    if not any(words in fault for fault in result.faults):
        return Result(faults=[f"the check does not find {words!r}: {result.faults}"])
    return Result(looks=result.looks, healed=result.healed)


def wanted_rows(options):
    """(row, what plays it) of each that is wanted."""
    rows = [(row, lambda hydras, row=row: play(row, hydras)) for row in all_rows() if options.long or options.only or row.everyday]
    rows += [(row, lambda hydras, row=row, words=words: play_control(row, words, hydras)) for row, words in matrix_control.rows()]
    return [(row, player) for row, player in rows if all(word in f"{row.kind} {row.name}" for word in options.only)]


def run(options):
    """Runs the rows whose line holds the words; (passed, failed, skipped)."""
    rows = wanted_rows(options)
    no_hydra = missing_hydras({"v2.3.0", *(row.stage.hydra for row, _ in rows if row.stage.hydra.startswith("v"))})
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    began = time.monotonic()
    print(COLUMNS.format("kind", "fault", "held", "healed in", "lost", "doubled", "verdict"), flush=True)
    hydras = RealHydras()
    try:
        with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            running = {}
            for row, player in rows:
                why = missing(row.needs) or no_hydra.get("v2.3.0") or no_hydra.get(row.stage.hydra)
                if why:
                    counts["skipped"] += 1
                    print(f"skipped: {row.kind}: {row.name}: {why}", flush=True)
                else:
                    running[pool.submit(player, hydras)] = row
            for future in concurrent.futures.as_completed(running):
                result = future.result()
                counts["failed" if result.faults else "passed"] += 1
                tell(running[future], result)
    finally:
        hydras.end()
    if not options.only:
        current = page_is_current()
        counts["passed" if current else "failed"] += 1
        print(f"docs/faults.md: {'as the rows are' if current else 'STALE: tests/faults/run matrix --page > docs/faults.md'}")
    print(f"matrix: {len(rows)} rows in {time.monotonic() - began:.0f} s")
    return counts
