"""Inputs in bulk over HTTP."""

import json

LINES = {"Content-Type": "application/x-ndjson"}


def _line(student, text="We try again.", **more):
    body = {"kind": "transcript", "student": student, "speaker": "A"}
    return json.dumps(body | {"turns": [{"speaker": "A", "text": text}]} | more)


async def test_lines_are_kept_all_or_none_or_the_good_ones(world):
    _, registered = await world.student()
    staff, student = world.staff(), registered["studentId"]
    content = "\n".join([_line(student, "One."), _line("nobody"), _line(student, "Two.")])
    refused = await staff.request("POST", "/api/v1/skills/inputs", content=content, headers=LINES)
    assert refused.status_code == 400 and refused.json()["refused"] == [
        "line 2: student: there is no such student"
    ]
    path = f"/api/v1/transcripts/{student}"
    assert (await staff.get(path)).json()["total"] == 0
    taken = await staff.request("POST", "/api/v1/skills/inputs?partial=true", content=content, headers=LINES)
    assert (taken.json()["transcripts"], taken.json()["success"]) == (2, False)
    assert (await staff.get(path)).json()["total"] == 2
    again = await staff.request(
        "POST", "/api/v1/skills/inputs", content=_line(student, "One."), headers=LINES
    )
    assert (again.json()["transcripts"], again.json()["known"]) == (0, 1)
