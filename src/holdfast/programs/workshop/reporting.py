"""What happens in a session: reports about steps, bugs, deployments. Each is one transaction."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from holdfast.core.journal import Event, record
from holdfast.kit.clock import iso
from holdfast.kit.errors import InvalidInput, WrongStep
from holdfast.kit.ids import uuid7
from holdfast.programs.workshop import looking, opening, progress
from holdfast.programs.workshop.access import Access
from holdfast.programs.workshop.definition import unmet
from holdfast.programs.workshop.opening import OpenSession
from holdfast.programs.workshop.progress import Base, Report, StepState
from holdfast.programs.workshop.stored import statements
from holdfast.store.secrets import Vault
from holdfast.store.statements import Connection

MOST_BUG_REPORTS = 100


@dataclass(frozen=True, slots=True)
class Told:
    """What a client reports about a step, in its own way of counting."""

    step_number: int
    step_name: str | None = None
    completed: bool = False
    time_spent: int = 0
    code_submitted: str | None = None
    deployment_url: str | None = None
    student_email: str | None = None
    base: Base = 1


@dataclass(frozen=True, slots=True)
class Deployment:
    """How a deployment ended.

    Attributes:
        step: the step it belongs to, as number and base; none for the project.
        target: where to, such as ``railway``.
        error: what went wrong, for a failure.
    """

    success: bool
    step: tuple[int, Base] | None = None
    target: str | None = None
    url: str | None = None
    error: str | None = None


class Reporting:
    """What clients report. Commands take a connection inside a transaction."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def report(self, connection: Connection, access: Access, told: Told) -> dict[str, Any]:
        """Add a client's report about one step; the session as it is now.

        Raises:
            InvalidInput: a step outside the workshop, another student's e-mail.
            WrongStep: the session is not open, or a workshop that checks misses something.
        """
        session = await opening.lock(connection, access.session_id, self._vault)
        _check_email(session, told.student_email)
        report = _report_of(session, told)
        steps = await _steps(connection, access.session_id)
        before = steps.get(report.step.number)
        now = progress.after(before, report, now=session.row["now"])
        _check_needs(session, report, now)
        state = {field.name: getattr(now, field.name) for field in fields(now)}
        await statements.store_step.run(
            connection, session_id=access.session_id, student_id=access.student_id, **state
        )
        steps[now.step_number] = now
        sums = progress.totals(steps.values(), total_steps=session.definition.total_steps)
        await statements.store_totals.run(
            connection,
            session_id=access.session_id,
            current_step=sums.current_step,
            total_time_spent=sums.total_time_spent,
            completion_rate=sums.completion_rate,
        )
        await _journal_step(connection, access, before, now, report)
        return await looking.shown(connection, access.session_id, base=told.base)

    async def bug(
        self,
        connection: Connection,
        access: Access,
        text: str,
        details: dict[str, Any],
        *,
        step: tuple[int, Base] | None = None,
    ) -> dict[str, Any]:
        """Keep a bug report with its session; the report.

        Raises:
            InvalidInput: a step outside the workshop.
            WrongStep: the session is not open, or has 100 reports already.
        """
        session = await opening.lock(connection, access.session_id, self._vault)
        if session.row["bug_reports_count"] >= MOST_BUG_REPORTS:
            raise WrongStep(
                f"a session takes {MOST_BUG_REPORTS} bug reports", expected="tell your instructor"
            )
        number = session.step(*step).number if step else None
        report = {
            "id": str(uuid7()),
            "description": session.clean(text),
            "details": session.clean(details),
            "step_number": number,
            "reported_at": iso(session.row["now"]),
        }
        await statements.append_bug_report.run(connection, session_id=access.session_id, report=report)
        await statements.touch_session.run(connection, session_id=access.session_id)
        data = {"reportId": report["id"], "stepNumber": number}
        await record(connection, event_of("bug_reported", access, data))
        return report

    async def deployed(self, connection: Connection, access: Access, ended: Deployment) -> str:
        """Journal how a deployment ended; the event's type.

        Raises:
            InvalidInput: a step outside the workshop.
            WrongStep: the session is not open.
        """
        session = await opening.lock(connection, access.session_id, self._vault)
        step = session.step(*ended.step) if ended.step else None
        told = {
            "stepNumber": step.number if step else None,
            "stepName": step.name if step else None,
            "target": ended.target,
            "deploymentUrl": ended.url,
            "error": ended.error,
        }
        data = session.clean({name: value for name, value in told.items() if value is not None})
        type_ = "deployment_success" if ended.success else "deployment_failure"
        await statements.touch_session.run(connection, session_id=access.session_id)
        await record(connection, event_of(type_, access, data))
        return type_


def event_of(type_: str, access: Access, data: dict[str, Any]) -> Event:
    """Something that the caller did in a session, for the journal."""
    return Event(type_, access.caller.actor, access.student_id, access.session_id, data=data)


def _report_of(session: OpenSession, told: Told) -> Report:
    return Report(
        session.step(told.step_number, told.base, told.step_name),
        session.clean(told.step_name.strip()) if told.step_name else None,
        told.completed,
        told.time_spent,
        session.clean(told.code_submitted),
        session.clean(told.deployment_url),
    )


async def _steps(connection: Connection, session_id: str) -> dict[int, StepState]:
    names = [field.name for field in fields(StepState)]
    rows = await statements.steps_of_session.rows(connection, session_id=session_id)
    return {row["step_number"]: StepState(**{name: row[name] for name in names}) for row in rows}


def _check_email(session: OpenSession, email: str | None) -> None:
    if email is None or not email.strip():
        return
    if (session.row["student_email"] or "") != email.strip().lower():
        raise InvalidInput("is not the e-mail of this session's student", field="studentEmail")


def _check_needs(session: OpenSession, report: Report, now: StepState) -> None:
    if not report.completed:
        return
    handed_in = {"code_submitted": now.code_submitted, "deployment_url": now.deployment_url}
    missing = unmet(session.definition, report.step, dict(session.row) | handed_in)
    if missing:
        raise WrongStep(f"the step still needs {', '.join(missing)}", expected=list(missing))


async def _journal_step(
    connection: Connection, access: Access, before: StepState | None, now: StepState, report: Report
) -> None:
    """A first report begins a step; the report with which it passes completes it; others are progress."""
    place = {"stepNumber": now.step_number, "stepName": report.step.name}
    if before is None:
        await record(connection, event_of("step_started", access, place))
    first_passed = now.validation_passed and not (before and before.validation_passed)
    type_ = "step_completed" if first_passed else "step_progress"
    data = place | {"timeSpent": report.time_spent, "attempts": now.attempts}
    await record(connection, replace(event_of(type_, access, data), object=report.step.name))
