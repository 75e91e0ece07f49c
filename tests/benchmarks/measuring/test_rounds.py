"""What is computed from a slice, and the order of the cases."""

from dataclasses import dataclass, field

import pytest

from benchmarks.measuring.load import BenchmarkError, Slice, get
from benchmarks.measuring.rounds import Scale, figures, measure


@dataclass
class FakeCase:
    """Records when it was run; `log` is shared by all cases."""

    name: str
    log: list[str] = field(default_factory=list)

    def check(self) -> None:
        self.log.append(f"check {self.name}")

    def run(self, seconds: int) -> Slice:
        self.log.append(self.name)
        return Slice(requests=1000, seconds=2.0, bytes=4_000_000, cpu=0.5, p99=0.003)


def test_figures_are_per_request_and_per_second() -> None:
    slice = Slice(requests=1000, seconds=2.0, bytes=4_000_000, cpu=0.5, p99=0.003)
    assert figures("page", slice) == {"page.cpu": 500, "page.rate": 500, "page.megabytes": 2, "page.p99": 3}


def test_each_case_gets_one_slice_in_each_round_in_rotating_order() -> None:
    log: list[str] = []
    cases = [FakeCase(name, log) for name in "abc"]
    samples = measure("suite", cases, Scale(rounds=4, seconds=1), lambda _: None)  # type: ignore[arg-type]
    assert log[:6] == ["check a", "a", "check b", "b", "check c", "c"]  # before anything is measured
    assert "".join(log[6:]) == "abc" + "bca" + "cab" + "abc"
    assert samples["b.cpu"] == [500] * 4


def test_a_request_is_that_of_a_browser() -> None:
    lines = get("/page", host="example.org", Cookie="a=b", X_Forwarded_For="192.0.2.1").split(b"\r\n")
    assert lines[0] == b"GET /page HTTP/1.1"
    assert {b"Host: example.org", b"Cookie: a=b", b"X-Forwarded-For: 192.0.2.1", b"Accept: text/html"} <= set(lines)
    assert lines[-2:] == [b"", b""]


def test_an_unexpected_response_stops_the_benchmark(monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmarks.measuring import load
    from benchmarks.measuring.servers import Server

    case = load.Case("page", Server(1, 1, load.SCRIPT.parent), [b""], expected=b"Hello")
    for response in (b"HTTP/1.1 401 Unauthorized\r\n\r\nHello", b"HTTP/1.1 200 OK\r\n\r\nAn error page"):
        monkeypatch.setattr(load, "exchange", lambda *_, response=response, **__: response)
        with pytest.raises(BenchmarkError, match="page got an unexpected response"):
            case.check()
    monkeypatch.setattr(load, "exchange", lambda *_, **__: b"HTTP/1.1 200 OK\r\n\r\nHello, alice.")
    case.check()
