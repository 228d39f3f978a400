"""What kind of machine draws."""

from __future__ import annotations

from importlib import metadata

from limner.engine.machine import INSTRUCTION_SETS, default_threads, instruction_set, machine_kind, num_cores


def test_a_machine_kind_names_instruction_set_runtime_version_and_threads() -> None:
    assert machine_kind(3) == f"{instruction_set()}/onnxruntime-{metadata.version('onnxruntime')}/threads-3"


def test_the_instruction_set_is_a_known_one_or_the_architecture() -> None:
    known = {name for _, name in INSTRUCTION_SETS}

    assert instruction_set() in known or instruction_set().isidentifier()


def test_threads_are_as_many_as_cores_up_to_four() -> None:
    assert default_threads() == min(num_cores(), 4)
    assert num_cores() >= 1
