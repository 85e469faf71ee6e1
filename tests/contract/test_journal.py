import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from field_api.contract.link import JournalError, MessageTooLargeError, NodeJournal
from field_api.contract.messages import CommandOutcome
from tests.contract.messages import START_MS, command, result, vehicle_event


def test_records_come_back_in_order_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    journal = NodeJournal(path)
    events = [vehicle_event(str(n)) for n in range(5)]
    seqs = [journal.put(event) for event in events]
    outbox_id = journal.outbox_id
    journal.remove(seqs[1:3])
    journal.close()

    journal = NodeJournal(path)
    assert journal.outbox_id == outbox_id
    assert [record.seq for record in journal.after(0, 10)] == [seqs[0], seqs[3], seqs[4]]
    assert journal.after(0, 1)[0].body == events[0].model_dump_json()
    journal.close()


def test_numbers_are_never_used_twice(tmp_path: Path) -> None:
    journal = NodeJournal(tmp_path / "outbox.db")
    first = journal.put(vehicle_event())
    journal.remove([first])
    assert journal.put(vehicle_event()) > first
    journal.close()


def test_the_same_record_twice_is_one_record_and_another_body_is_refused(tmp_path: Path) -> None:
    journal = NodeJournal(tmp_path / "outbox.db")
    event = vehicle_event()
    assert journal.put(event) == journal.put(event)
    assert journal.pending_count == 1
    with pytest.raises(ValueError, match="already used"):
        journal.put(event.model_copy(update={"code": "other"}))
    assert journal.pending_count == 1
    journal.close()


def test_a_record_no_frame_can_carry_is_refused_at_once(tmp_path: Path) -> None:
    journal = NodeJournal(tmp_path / "outbox.db")
    with pytest.raises(MessageTooLargeError, match="at most"):
        journal.put(vehicle_event("x" * 1_500_000))
    assert journal.pending_count == 0
    journal.close()


def test_rejected_records_are_kept_aside_with_the_reason(tmp_path: Path) -> None:
    journal = NodeJournal(tmp_path / "outbox.db")
    bad, good = journal.put(vehicle_event("bad")), journal.put(vehicle_event("good"))
    journal.reject(bad, "bad_message", "vehicle_id: unknown")
    journal.remove([bad])
    journal.remove_through(bad)
    assert [record.seq for record in journal.after(0, 10)] == [good]
    assert journal.pending_count == 1
    (aside,) = journal.rejected()
    assert (aside.seq, aside.code, aside.text) == (bad, "bad_message", "vehicle_id: unknown")
    journal.close()


def test_a_command_is_claimed_once_also_over_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    journal = NodeJournal(path)
    order = command(START_MS + 1_000)
    assert journal.claim_command(order.id, order.expires_ms, START_MS)
    assert not journal.claim_command(order.id, order.expires_ms, START_MS)
    journal.close()
    journal = NodeJournal(path)
    assert not journal.claim_command(order.id, order.expires_ms, START_MS)
    assert journal.unanswered_commands() == [order.id]
    journal.put(result(order.id, CommandOutcome.ACCEPTED))
    assert journal.unanswered_commands() == [order.id]
    journal.put(result(order.id, CommandOutcome.DONE))
    assert journal.unanswered_commands() == []
    journal.close()


def test_a_second_node_on_the_same_file_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    journal = NodeJournal(path)
    with pytest.raises(JournalError, match=r"outbox\.db.*one node only"):
        NodeJournal(path)
    journal.close()


def test_an_impossible_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(JournalError, match="writable folder"):
        NodeJournal(tmp_path / "file" / "outbox.db")


def test_a_file_that_is_no_journal_is_named(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    path.write_bytes(b"anything but SQLite " * 1000)
    with pytest.raises(JournalError, match=r"outbox\.db"):
        NodeJournal(path)


def test_what_was_put_is_there_after_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    program = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from field_api.contract.link import NodeJournal
        from tests.contract.messages import vehicle_event
        journal = NodeJournal(Path(sys.argv[1]))
        while True:
            event = vehicle_event()
            journal.put(event)
            print(event.id, flush=True)
        """
    )
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", program, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    ) as process:
        assert process.stdout is not None
        promised = [process.stdout.readline().strip() for _ in range(20)]
        process.send_signal(signal.SIGKILL)
        promised += [line.strip() for line in process.stdout if line.endswith("\n")]
    assert all(promised)
    journal = NodeJournal(path)
    bodies = [record.body for record in journal.after(0, 100_000)]
    journal.close()
    stored = [body.split('"id":"')[1][:36] for body in bodies]
    assert stored[: len(promised)] == promised
    # At most the one record that was put but not yet printed.
    assert len(stored) - len(promised) <= 1
