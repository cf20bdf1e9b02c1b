"""The notes are restored exactly, and every step of it can be checked."""

from pathlib import Path

from scripts.restore.codec import NOTES_DROPPED, damage, units
from scripts.restore.detect import find_codepage, find_dropped
from scripts.restore.restoration import restore
from scripts.restore.reviewed import pinned, read_reviewed

SOURCE = Path(__file__).parents[2] / "docs" / "source"
RAW = (SOURCE / "notes-mojibake.txt").read_bytes().decode("utf-8")
RESTORED = (SOURCE / "notes-restored.txt").read_bytes().decode("utf-8")


def test_damage_is_recognised():
    assert find_codepage(RAW) == "cp1254"
    assert find_dropped(RAW, "cp1254") == NOTES_DROPPED


def test_restored_text_is_what_the_command_makes():
    assert restore(RAW) == RESTORED


def test_damaging_again_gives_the_raw_file_byte_for_byte():
    assert damage(RESTORED).encode("utf-8") == (SOURCE / "notes-mojibake.txt").read_bytes()


def test_number_of_ambiguous_places():
    assert sum(len(options) > 1 for _, options in units(RAW, "cp1254", NOTES_DROPPED)) == 1306


def test_every_reviewed_choice_is_used_and_agrees_with_the_restored_text():
    entries = read_reviewed()
    offset = 0
    truth = {}
    for (raw, _), character in zip(units(RAW, "cp1254", NOTES_DROPPED), RESTORED, strict=True):
        truth[offset] = character
        offset += len(raw)
    for entry in entries:
        decided = pinned(RAW, "cp1254", NOTES_DROPPED, [entry])
        assert decided, f"reviewed.tsv:{entry[0]} decides nothing"
        for place, (character, _) in decided.items():
            assert truth[place] == character
