"""Units of work: marked in shared memory, begun never again once they failed."""

import json
import resource
import signal

import pytest

from generator.bounds import Overrun, Unit, begin, current, resume, rules, running
from generator.bounds.unit import Watch, failure_of, install, shared_memory, unit_in
from generator.location import Span


def unit(name="a", line=3):
    return Unit(f"template {name}", Span(f"templates/{name}", line, 1), "1=5&2=9")


def seen(memory):
    found = unit_in(memory)
    assert found is not None
    return found


@pytest.fixture
def watch():
    memory = shared_memory()
    made = Watch(memory, [])
    install(made)
    yield made
    install(None)
    del made._cell
    memory.close()


def test_without_a_watch_nothing_happens():
    with running(unit()):
        assert current() is None


def test_what_runs_is_told_to_whoever_shares_the_memory(watch):
    memory = watch._memory
    assert unit_in(memory) is None
    with running(unit("outer")):
        assert seen(memory).record() == unit("outer").record()
        before = current()
        begin(unit("inner"))
        assert seen(memory).key == unit("inner").key
        resume(before)
        assert seen(memory).key == unit("outer").key
    assert unit_in(memory) is None


def test_more_units_than_the_memory_holds(watch):
    outer = unit("outer")
    with running(outer):
        for number in range(5_000):
            with running(unit(f"{number}" * 20)):
                assert seen(watch._memory).what == f"template {f'{number}' * 20}"
        assert seen(watch._memory).key == outer.key


def test_a_long_name_is_cut(watch):
    with running(Unit("x" * 100_000, Span("y" * 100_000))):
        found = seen(watch._memory)
        assert (len(found.what), len(found.at.file)) == (1000, 1000)


def test_a_unit_that_failed_is_not_begun_again():
    memory = shared_memory()
    watch = Watch(memory, [failure_of(unit(), rules.TOO_LONG, "needs more than 10 s of processor time")])
    install(watch)
    try:
        with pytest.raises(Overrun) as caught, running(unit()):
            pytest.fail("it was begun")
        [finding] = caught.value.findings
        assert (finding.rule.code, str(finding.at)) == ("RUN001", "templates/a:3:1")
        assert finding.message == "template a needs more than 10 s of processor time"
        with running(unit("b")):
            assert seen(memory).key == unit("b").key
        kept = unit("c")
        with running(kept):
            pass
        watch.learn([failure_of(kept, rules.DIED, "ended its process by SIGSEGV")])
        with pytest.raises(Overrun), running(kept):
            pytest.fail("it was begun")
    finally:
        install(None)


@pytest.mark.parametrize(
    ("error", "code"),
    [(MemoryError, "RUN002"), (RecursionError, "RUN004"), (ValueError, None), (KeyboardInterrupt, None)],
)
def test_the_innermost_unit_is_blamed(watch, error, code):
    with pytest.raises(error), running(unit("outer")), running(unit("inner")):
        raise error
    if code is None:
        assert watch.short is None
    else:
        blamed, rule = watch.short
        assert (blamed.key, rule.code) == (unit("inner").key, code)


def test_damaged_memory_names_nothing():
    memory = shared_memory()
    for raw in (b"\xff" * 64, (1 << 40).to_bytes(8, "little"), (16).to_bytes(8, "little") + b"\0" * 8 + b"\x05" * 16):
        memory[: len(raw)] = raw
        assert unit_in(memory) is None
    memory.close()


def test_records_are_json():
    assert json.loads(unit().record()) == ["template a", "templates/a", 3, 1, "1=5&2=9", 10]


def test_the_limit_moves_with_time_used(watch):

    before, handler = resource.getrlimit(resource.RLIMIT_CPU), signal.getsignal(signal.SIGPROF)
    try:
        watch.start()
        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = resource.getrlimit(resource.RLIMIT_CPU)[0]
        assert 10 <= soft - (used.ru_utime + used.ru_stime) <= 12
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, handler)
        resource.setrlimit(resource.RLIMIT_CPU, before)


def test_what_a_lasting_unit_needs_between_others_adds_up(watch, monkeypatch):
    limits: list[int] = []
    used = [100.0]
    monkeypatch.setattr("generator.bounds.unit._processor_time", lambda: used[0])
    monkeypatch.setattr("generator.bounds.unit._limit", limits.append)
    monkeypatch.setattr(signal, "setitimer", lambda *_: None)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    watch.start()
    with running(Unit("building it", Span("k.yaml"), lasting=True)):
        assert limits[-1] == 110
        for done in (1, 2, 3):
            used[0] += 3
            with running(unit("inner")):
                assert limits[-1] == used[0] + 11  # its own time, rounded up
                used[0] += 9
            assert limits[-1] == used[0] + 10 - 3 * done
    assert limits[-1] == used[0] + 11
