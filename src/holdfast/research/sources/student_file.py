"""The form of a student's file: every key in every spelling that some version of the programs wrote.

A key that is null and a key that is absent both mean that nothing is known. Unknown keys are passed over.
"""

from __future__ import annotations

from typing import Any

from holdfast.research.sources.shapes import many, one, shape

Text = str | None
Number = float | None
Whole = int | None
Flag = bool | None
Moment = str | float | None
"""ISO 8601, or epoch milliseconds."""
Duration = str | float | None
Sign = str | float | None
"""A vital sign; the older scenarios have ranges in words."""

Pressure = shape("Pressure", systolic=(Number, "systolic sys"), diastolic=(Number, "diastolic dia"))

Signs = shape(
    "Signs",
    heart_rate=(Sign, "HR heartRate heart_rate hr"),
    respiratory_rate=(Sign, "RR respiratoryRate respRate respiratory_rate rr"),
    spo2=(Sign, "SpO2 spO2 spo2"),
    systolic=(Sign, "BP_systolic systolic"),
    diastolic=(Sign, "BP_diastolic diastolic"),
    temperature=(Sign, "Temp temperature temp"),
    gcs=(Sign, "GCS gcs"),
    glucose=(Sign, "Glycemia glucose glycemia"),
    pain=(Sign, "painScore pain_score pain Pain"),
    pressure=(one(Pressure, str), "BP bloodPressure blood_pressure bp"),
)

Decision = shape(
    "Decision",
    cdp_id=(Text, "cdp_id cdpId id"),
    title=(Text, "cdp_title cdpTitle decision title"),
    rating=(Text, "rating score"),
    explanation=(Text, "explanation"),
    elapsed_s=(Number, "elapsedSeconds elapsed_seconds elapsed_s"),
    elapsed_min=(Number, "elapsedTime elapsed_time"),
    timestamp=(Moment, "timestamp"),
)

MedicationEvent = shape(
    "MedicationEvent",
    name=(Text, "medication name drug"),
    treatment=(Text, "treatment medicationId medication_id"),
    kind=(Text, "kind type"),
    reason=(Text, "reason warning contraindication"),
    elapsed_s=(Number, "atS at_s elapsedSeconds"),
    timestamp=(Moment, "timestamp"),
)
MedicationEvents = one(many(MedicationEvent, str), int)
"""The events, or how many there were."""

StateChange = shape(
    "StateChange",
    state=(Text, "state newState new_state"),
    previous=(Text, "previousState previous_state from"),
    elapsed_s=(Number, "elapsedTime elapsed_time elapsedSeconds"),
    timestamp=(Moment, "timestamp"),
    reason=(Text, "reason"),
    vitals=(one(Signs), "vitals"),
)

Breakdown = shape(
    "Breakdown",
    optimal=(Whole, "optimal optimalCount optimal_count"),
    acceptable=(Whole, "acceptable acceptableCount acceptable_count"),
    suboptimal=(Whole, "suboptimal suboptimalCount suboptimal_count"),
    dangerous=(Whole, "dangerous dangerousCount dangerous_count"),
    not_performed=(Whole, "notPerformed not_performed"),
)

Checklist = shape(
    "Checklist",
    points=(Number, "points"),
    maximum=(Number, "maxPoints max_points"),
    completed=(list[Any] | int | None, "completed"),
    missed=(list[Any] | int | None, "missed"),
)

Performance = shape(
    "Performance",
    score=(Number, "overallScore overall_score performanceScore score"),
    level=(Text, "interpretation performance_level level"),
    breakdown=(one(Breakdown), "breakdown"),
    decisions=(Whole, "totalCDPs total_cdps totalCdps"),
    safety_score=(Number, "safetyScore safety_score"),
    errors=(Whole, "medicationErrorCount medication_errors"),
    warnings=(Whole, "medicationWarningCount medication_warnings"),
    challenges=(Whole, "challengePointsCount challenge_points_count"),
    challenge_score=(Number, "challengeScore challenge_score"),
    checklist=(one(Checklist), "checklistResults checklist_results"),
    done=(Whole, "criticalActionsCompleted critical_actions_completed"),
    missed=(Whole, "criticalActionsMissed critical_actions_missed"),
)

Scenario = shape(
    "Scenario",
    scenario_id=(Text, "scenarioId scenario_id id"),
    title=(Text, "scenarioTitle scenario_title title"),
    version=(Text, "scenarioVersion scenario_version"),
    engine=(Text, "engineVersion engine_version"),
    index=(Whole, "scenarioIndex scenario_index"),
    started=(Moment, "startedAt started_at"),
    completed=(Moment, "completedAt completed_at"),
    duration=(Duration, "durationSeconds duration_s totalTime duration"),
    final_state=(Text, "finalState final_state"),
    outcome=(Text, "outcome"),
    vitals=(one(Signs), "finalVitals final_vitals"),
    performance=(one(Performance, float), "performance score"),
    decisions=(many(Decision), "cdpEvaluations cdp_evaluations"),
    errors=(MedicationEvents, "medicationErrors medication_errors errors"),
    warnings=(MedicationEvents, "medicationWarnings medication_warnings"),
    states=(many(StateChange), "stateHistory state_history"),
)

Entry = shape(
    "Entry",
    action=(Text, "action action_type actionType type"),
    name=(Text, "name action_name actionName treatment medication"),
    category=(Text, "category"),
    scenario_id=(Text, "scenarioId scenario_id"),
    index=(Whole, "scenarioIndex scenario_index"),
    timestamp=(Moment, "timestamp"),
    elapsed=(Number, "elapsedTime elapsed_time timeSinceStart time_since_start"),
    clock=(Text, "scenarioTime scenario_time"),
    details=(Any, "details detail"),
    rating=(Text, "rating"),
    reason=(Text, "reason warning"),
)

Evaluation = shape(
    "Evaluation",
    rating=(Text, "rating quality"),
    found=(Whole, "elementsFound elements_found"),
    total=(Whole, "totalElements total_elements"),
)

Challenge = shape(
    "Challenge",
    challenge_id=(Text, "challenge_id challengeId id"),
    text=(Text, "text question challenge_text challengeText"),
    context=(Text, "context"),
    scenario_id=(Text, "scenarioId scenario_id"),
    timestamp=(Moment, "timestamp activatedAt activated_at"),
    elapsed=(Number, "elapsedTime elapsed_time"),
    response=(Text, "studentResponse student_response response"),
    skipped=(Flag, "skipped"),
    response_s=(Number, "responseTime response_time"),
    evaluation=(one(Evaluation), "evaluation"),
)

Line = shape(
    "Line",
    role=(Text, "role"),
    content=(Text, "content message text"),
    timestamp=(Moment, "timestamp"),
    agent=(Text, "agent"),
    index=(Whole, "scenarioIndex scenario_index"),
)

Record = shape(
    "Record",
    index=(Whole, "scenarioIndex scenario_index"),
    elapsed=(Number, "elapsedTime elapsed_time"),
    state=(Text, "state patientState patient_state"),
    timestamp=(Moment, "timestamp"),
    heart_rate=(Sign, "HR heartRate heart_rate"),
    respiratory_rate=(Sign, "RR respRate respiratoryRate respiratory_rate"),
    spo2=(Sign, "SpO2 spO2 spo2"),
    systolic=(Sign, "BP_systolic systolic"),
    diastolic=(Sign, "BP_diastolic diastolic"),
    temperature=(Sign, "Temp temperature"),
    gcs=(Sign, "GCS gcs"),
    glucose=(Sign, "Glycemia glucose"),
    pain=(Sign, "painScore pain_score pain"),
    pressure=(one(Pressure, str), "BP bloodPressure blood_pressure"),
)

CoachAnswer = shape(
    "CoachAnswer",
    question_id=(Text, "questionID questionId question_id question"),
    reasoning=(Text, "reasoning"),
    response=(Text, "studentMessage student_message response answer"),
    reply=(Text, "coachResponse coach_response reply"),
    timestamp=(Moment, "timestamp"),
)
Coach = shape("Coach", responses=(many(CoachAnswer), "responses answers"))

Timestamps = shape(
    "Timestamps",
    registered=(Moment, "registered registeredAt registered_at"),
    started=(Moment, "sessionStarted session_started startedAt"),
    completed=(Moment, "sessionCompleted session_completed completedAt"),
    elapsed=(Duration, "totalElapsedSeconds total_elapsed_seconds totalElapsed total_elapsed"),
)

Totals = shape(
    "Totals",
    done=(Whole, "criticalActionsCompleted critical_actions_completed"),
    missed=(Whole, "criticalActionsMissed critical_actions_missed"),
    safety_score=(Number, "safetyScore safety_score"),
)

Metadata = shape(
    "Metadata",
    scenarios_completed=(Whole, "scenariosCompleted scenarios_completed"),
    total_messages=(Whole, "totalMessages total_messages"),
    challenges_enabled=(Flag, "challengePointsEnabled challenge_points_enabled"),
    complete=(Flag, "sessionComplete session_complete"),
    errors=(MedicationEvents, "medicationErrors medication_errors"),
    warnings=(MedicationEvents, "medicationWarnings medication_warnings"),
    violations=(Whole, "safetyViolations safety_violations"),
    queue=(list[str] | None, "scenarioQueue scenario_queue"),
    time_scale=(Number, "timeScale time_scale"),
    totals=(one(Totals), "totals"),
)

Student = shape(
    "Student",
    student_id=(Text, "studentId student_id"),
    name=(Text, "studentName student_name name"),
    email=(Text, "studentEmail student_email email"),
    group=(Text, "group ab_group abGroup arm"),
    cohort=(Text, "cohort"),
    cluster=(Text, "cluster class classroom site"),
    session_id=(Text, "sessionId session_id"),
    status=(Text, "status"),
    registered=(Moment, "registeredAt registered_at"),
    order=(Whole, "enrolmentOrder enrolment_order allocationNumber allocation_number"),
    block=(Whole, "allocationBlock allocation_block"),
    consent=(Flag, "consent"),
    timestamps=(one(Timestamps), "timestamps"),
    performance=(one(Performance), "performance"),
    scenarios=(many(Scenario, str), "scenarios completedScenarios"),
    actions=(many(Entry), "criticalActions critical_actions criticalActionsLog"),
    challenges=(many(Challenge), "challengePoints challenge_points challengePointsUsed"),
    review=(many(Line), "aarTranscript aar_transcript"),
    messages=(many(Line), "messages"),
    vital_signs=(many(Record), "vitalSigns vital_signs vitalSignsLog"),
    decisions=(many(Decision), "cdpEvaluations cdp_evaluations"),
    states=(many(StateChange), "stateHistory state_history"),
    coach=(one(Coach), "cognitiveCoach cognitive_coach cognitiveCoachState"),
    patterns=(Any, "patternAnalysis pattern_analysis patternAnalysisResults"),
    metadata=(one(Metadata), "metadata"),
)
