"""What the server does now and then: backups, their retention, and checks."""

import asyncio
import os

import pytest

from holdfast.app.jobs import Chore, do_chore
from holdfast.kit.errors import InvalidInput
from holdfast.programs.skills.backup.writing import SCHEDULED


async def test_a_backup_is_written_when_due_by_one_of_all_processes(make_world, tmp_path):
    async with (
        make_world(exports=tmp_path, backup_hours=24) as world,
        make_world(exports=tmp_path, backup_hours=24) as other,
    ):
        old = tmp_path / f"{SCHEDULED}20200101_000000.json"
        old.write_text("{}")
        os.utime(old, (1_577_836_800, 1_577_836_800))
        both = (world.services, other.services)
        done = await asyncio.gather(*(do_chore(Chore.BACKUP, services) for services in both * 3))
        assert done.count(True) == 1
        files = [file.name for file in tmp_path.iterdir()]
        assert len(files) == 1 and files[0].startswith(SCHEDULED) and old.name not in files


async def test_what_failed_is_tried_again_and_what_is_off_is_not_done(make_world, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    async with make_world(exports=blocked, backup_hours=24, verify_hours=None) as world:
        for _ in range(2):
            with pytest.raises(InvalidInput, match="cannot be written"):
                await do_chore(Chore.BACKUP, world.services)
        assert not await do_chore(Chore.VERIFY, world.services)


async def test_a_check_tells_issues_in_the_log(make_world, caplog):
    async with make_world() as world:
        async with world.services.database.connection() as connection:
            await connection.execute(
                "INSERT INTO holdfast.students (student_id, student_code, name)"
                " VALUES (md5('s')::uuid, 's', 'S');"
                "INSERT INTO holdfast.skill_assessments (id, student_id, skill_type, score, confidence,"
                " reasoning, updated_at) VALUES (md5('a')::uuid, md5('s')::uuid, 'empathy', 0.5, 0.5, 'r',"
                " '2020-01-01Z')"
            )
        assert await do_chore(Chore.VERIFY, world.services)
        assert "1 issues" in caplog.text
        assert not await do_chore(Chore.VERIFY, world.services)
