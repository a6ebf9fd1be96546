"""What a student says in a scenario: questions, assessments and orders, as free text.

Chosen from what the acute asthma scenario expects, in an order that makes sense, and ending nothing: a
session can be made as long as wanted by beginning again.
"""

from __future__ import annotations

SCENARIO = "asthma_acute_severe"

_SAID = (
    "Hello, my name is Sam and I am a paramedic. Can you tell me what happened today?",
    "Check the SpO2 and the respiratory rate, please.",
    "When did the breathing trouble begin, and what were you doing at that time?",
    "I would like to listen to the lungs on both sides.",
    "Sit the patient upright and give oxygen 10 litres per minute by mask.",
    "Do you have any allergies, or do you take any medicines every day?",
    "Measure the blood pressure and the heart rate.",
    "Give salbutamol 5 mg nebulised.",
    "How do you feel now? Is it any easier to breathe than before?",
    "Let us look at the skin: is he pale, sweating or blue around the lips?",
    "Have you ever been in hospital or on a ventilator because of your asthma?",
    "Take the temperature and check the blood glucose.",
    "We do not give morphine here. Please keep breathing slowly with me, in and out.",
    "Please repeat the SpO2 and tell me whether the wheeze has changed.",
    "When did you last eat or drink something, and did anything like this happen this week?",
    "I explain to the family what we are doing and that we will go to the hospital soon.",
)


def said(turn: int) -> str:
    """The student's message of a turn, counted from 0."""
    return _SAID[turn % len(_SAID)]
