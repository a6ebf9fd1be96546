"""What students call the steps of an assessment, apart from the names a scenario gives its findings.

One line is one observation: the vital signs it measures, the category that stands in when a scenario
has no finding of that name, beginnings of words by which a scenario's finding is recognised, and what
a student may say. ``*`` before a category means that the words always stand for the whole category.
"""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.programs.simulation.interpreter.entries import entries, listed
from holdfast.programs.simulation.scenario.care import FindingCategory
from holdfast.programs.simulation.scenario.vocabulary import VitalSign


@dataclass(frozen=True, slots=True)
class Observation:
    """A generic assessment.

    Attributes:
        signs: what it measures.
        categories: whose findings it means when no single finding fits.
        whole: the words stand for these categories as a whole, whatever else fits.
        stems: beginnings of words in the id or name of a matching finding.
        phrases: what a student may say.
    """

    signs: tuple[VitalSign, ...]
    categories: tuple[FindingCategory, ...]
    whole: bool
    stems: tuple[str, ...]
    phrases: tuple[str, ...]


_OBSERVATIONS = """
heart_rate |  | heart rate, pulse rate, radial pulse, central pulse | heart rate, pulse, pulses, pulse rate,
  hr, radial pulse, carotid pulse, radial pulses, peripheral pulses, central pulse
respiratory_rate |  | respiratory rate, respiration | respiratory rate, respiration rate, breathing rate,
  respirations, resp rate, rr, resps, count breaths, count his breathing, count her breathing, count the
  breathing
spo2 |  | spo2, oximet, saturation | spo2, sp o2, oxygen saturation, oxygen saturations, o2 saturation, o2
  saturations, o2 sat, o2 sats, oxygen sat, oxygen sats, oxygen level, oxygen levels, sats, saturation,
  saturations, pulse ox, pulse oximeter, pulse oximetry, oximeter, oximetry, oxymeter, sat probe, sats
  probe, saturation probe, pulsox
systolic, diastolic |  | blood pressure, bp, nibp | blood pressure, bp, nibp, bloodpressure, blood
  pressures, bp cuff, blood pressure cuff, pressure cuff, measure the pressure, take the pressure
temperature |  | temperature, temp | temperature, temp, body temperature, thermometer, fever
gcs | disability | gcs, glasgow, avpu, consciousness, mental status | gcs, glasgow, glasgow coma scale,
  glasgow coma score, coma scale, avpu, level of consciousness, loc, consciousness, mental status, mental
  state, responsiveness, level of response, conscious level, orientation, oriented, is he conscious, is she
  conscious, alertness
glucose |  | glucose, glycaem, glycem, sugar, bgl | glucose, blood glucose, blood sugar, sugar, bm, bgl, bg,
  glucose level, blood glucose level, glycaemia, glycemia, glucometer, finger stick, finger prick,
  fingerstick, fingerprick, blood sugar level, glucose check, sugar level, sugars, cbg, dextrostix
pain |  | pain score, pain scale, pain assess, pain level, pain history, pain | pain score, pain scale, pain
  level, pain severity, severity of pain, scale of 0 to 10, scale of 1 to 10, scale from 0 to 10, scale from
  1 to 10, out of 10, out of ten, how bad is the pain, how bad is your pain, vas, nrs, your pain, rate your
  pain, rate the pain, pain assessment, assess pain
- |  | ecg 12, 12 lead, twelve lead, ecg, ekg, electrocardio | 12 lead, twelve lead, 12 lead ecg, 12 lead
  ekg, ecg, ekg, electrocardiogram, electrocardiography, twelve lead ecg, twelve lead ekg, 12 leads, ecgs
- |  | monitor, rhythm | monitor, cardiac monitor, heart monitor, ecg monitor, cardiac monitoring, rhythm,
  heart rhythm, cardiac rhythm, 3 lead, three lead, 4 lead, rhythm strip, monitoring, ecg monitoring
- |  | capno, etco2, end tidal, carbon dioxide | capnography, capnometry, capnograph, etco2, end tidal, end
  tidal co2, co2 monitoring, capno, end tidal carbon dioxide
- |  | peak flow, peak expiratory, pef | peak flow, peak expiratory flow, pef, pefr, peak flow meter,
  peakflow
- | breathing | auscult, breath sound, lung sound, lung, listening to the chest | lung sounds, lungs, breath
  sounds, auscultate, auscultating, auscultation, listen to the lungs, listen to his lungs, listen to her
  lungs, listen to the chest, listen to his chest, listen to her chest, listen to your lungs, listen to your
  chest, listen to chest, listen to lungs, chest sounds, air entry, stethoscope, lung auscultation, chest
  auscultation, auscultate the chest, auscultate the lungs, wheeze, wheezes, wheezing, crackles
- | breathing | work of breathing, effort, accessory | work of breathing, respiratory effort, breathing
  effort, effort of breathing, accessory muscles, accessory muscle use, chest rise, chest movement,
  retractions, intercostal retractions, respiratory distress, respiratory pattern, breathing pattern
- | breathing | speech, speak, sentence | ability to speak, full sentences, complete sentences, speak in
  sentences, speak in full sentences, talk in full sentences, talk in sentences, can you speak, can he
  speak, can she speak, can you talk, able to speak
- | breathing | chest exam, chest palp, chest | chest examination, examine the chest, examine his chest,
  examine her chest, palpate the chest, percuss the chest, percussion, chest wall, expose the chest, inspect
  the chest
- |  | trachea | trachea, tracheal deviation, tracheal position
- |  | neck vein, jugular, jvd, jvp | jugular veins, neck veins, jvd, jvp, jugular venous distension,
  jugular venous distention, jugular
- | circulation | skin, capillary, perfusion | skin, skin colour, skin color, skin condition, skin signs,
  skin temperature, capillary refill, capillary refill time, cap refill, crt, perfusion, diaphoresis,
  pallor, colour and temperature, cyanosis
- | circulation | bleeding check, bleeding, haemorrhage, hemorrhage, wound | check for bleeding, bleeding,
  haemorrhage, hemorrhage, external bleeding, blood loss, blood sweep
- |  | heart sound | heart sounds, auscultate the heart, listen to the heart, listen to his heart, listen to
  her heart, murmur
- |  | oedema, edema, leg, ankle | oedema, edema, leg swelling, ankle swelling, ankle oedema, ankle edema,
  leg oedema, leg edema, calves
- | disability | pupil | pupils, pupil, pupil reaction, pupillary reaction, pupil response, pupil size, pen
  torch, penlight, pearl, perrla, perrl, pupillary reflex, pupils with a light
- | disability | motor, limb, movement, neurolog, power, focal | motor function, motor response, sensation,
  limb movement, limb power, limb strength, move your arms, move your legs, squeeze my hand, squeeze my
  hands, wiggle your toes, neurological deficit, focal neurology, neurological exam, neurological
  examination, neuro exam, neurological assessment, neuro assessment, focal deficits, grip strength, csm,
  pms
- | disability | stroke, fast, befast, cincinnati | fast test, stroke scale, befast, be fast, cincinnati,
  stroke assessment, facial droop
- | exposure | rash, urticaria, hives | rash, rashes, hives, urticaria, swelling of the face
- | exposure | head exam, head, skull, scalp | head examination, examine the head, examine his head, examine
  her head, skull, scalp, head wound, battle sign, raccoon eyes, ears and nose, palpate the head, palpate
  the skull
- | exposure | neck, spine, cervical | palpate the neck, examine the neck, cervical spine tenderness, neck
  tenderness, palpate the spine, spinal tenderness, midline tenderness, neck pain, examine the spine,
  palpate the cervical spine
- | exposure | abdomen, abdom | abdomen, palpate the abdomen, abdominal examination, belly
- | exposure | pelvis, secondary | pelvis, pelvic stability
- | exposure | injur, trauma, secondary, head to toe | injuries, trauma, signs of trauma, signs of injury,
  head to toe, head to toe exam, head to toe examination, secondary survey, secondary assessment, full body,
  full body exam, full body check, body check, rapid trauma assessment, top to toe, other injuries
- | exposure | tongue, mouth | tongue bite, bitten tongue, tongue biting, bite marks, bite mark, inside the
  mouth, his tongue, her tongue
- | exposure | incontinen | incontinence, incontinent, wet himself, wet herself
- |  | seizure, convuls | seizure activity, observe the seizure, time the seizure, type of seizure, seizure
  type, seizure duration, duration of the seizure, how long has he been seizing, how long has she been
  seizing, how long did the seizure last, how long has the seizure lasted
- |  | breath smell, breath odour, odour | smell of alcohol, breath odour, breath odor, smell his breath,
  smell her breath, alcohol on his breath, alcohol on her breath
- | *airway | airway | airway, airways, airway patency, upper airway
- | *breathing | breathing | breathing, ventilation status, is he breathing, is she breathing, how is your
  breathing, check respiration
- | *circulation | circulation | circulation, circulatory status, haemodynamics, hemodynamics
- | *disability | disability | disability, neuro, neuro status, neurological status, neurology
- | *exposure | exposure | exposure, expose, expose the patient, expose him, expose her, undress, undress
  the patient, remove clothing, remove the clothes, remove his clothes, remove her clothes, environment
- | *airway, *breathing, *circulation, *disability, *exposure | abcde | abcde, abcdes, abcde assessment, a
  to e, a e assessment, a b c d e, xabcde, cabcde, primary survey, primary assessment, initial assessment,
  abcde approach, abcde exam, abcde examination, a to e assessment
- | *airway, *breathing, *circulation | abc | abc, abcs, a b c, abc assessment
- | *scene | scene, safety | scene, scene safety, safety of the scene, scene survey, scene size up, scene
  assessment, is the scene safe, scene safe, hazards, danger, dangers, look around, bsi scene safe, any
  danger, is it safe
- | scene | general impression, impression, appearance | general impression, first impression, general
  appearance, look at the patient, look at him, look at her, appearance of the patient
- | scene | mechanism, kinematic | mechanism, mechanism of injury, moi, kinematics, nature of illness
- | *history | sample, history | sample, sample history, history, patient history, medical interview, take a
  history, opqrst, opqrst history, ample, oldcarts, obtain history, history taking, anamnesis, take the
  history, full history
- |  | allerg | allergies, allergy, allergic, allergic to, any allergies, drug allergies, allergic
  reactions, allergic reaction before
- |  | medication, medicine, regular | medications, medication, medicines, medicine, meds, current
  medications, regular medications, home medications, medication list, regular meds, prescription drugs,
  prescriptions, take any pills, take any tablets, take any drugs, take any medication, take anything
  regularly, blood thinners, anticoagulants, inhalers at home
- |  | past, medical history, previous | past medical history, medical history, past history, pmh, pmhx,
  previous illnesses, previous medical problems, medical problems, medical conditions, medical condition,
  health problems, other illnesses, chronic diseases, chronic illness, chronic conditions, known conditions,
  pre existing conditions, history of heart disease, history of heart problems, heart problems, history of
  asthma, happened before, had this before, had it before, any surgeries, surgical history, hospitalised
  before, hospitalized before, been in hospital, family history, risk factors, intensive care, been
  intubated, in icu
- |  | last intake, intake, last meal, last oral | last oral intake, last intake, last meal, last ate, last
  eat, last eaten, last drink, last food, eat or drink, eaten today, when did you eat, when did you last
  eat, when did you last drink, what did you eat, last ins and outs, food and drink
- |  | event, what happened, collateral | events, what happened, what happened to you, events leading,
  leading up, leading up to this, what led to this, what were you doing, circumstances, events before, how
  did this happen, how did it happen, how did it start, what were you doing when it started, did anyone see,
  did you see what happened, what did you see, what were the circumstances
- | - | collateral, bystander, witness | ask the bystander, ask bystanders, ask the bystanders, bystander,
  bystanders, witness, witnesses, ask the family, ask his wife, ask her husband, ask the witness, ask the
  witnesses
- |  | symptom, complaint, pain hist, present illness | symptoms, signs and symptoms, chief complaint, main
  complaint, presenting complaint, what is wrong, what's wrong, whats wrong, what is the matter, what's the
  matter, what is the problem, what's the problem, what is bothering you, what's bothering you, how do you
  feel, how are you feeling, how does it feel, where does it hurt, where is the pain, where does the pain
  go, radiate, does the pain radiate, does it radiate, describe the pain, describe your pain, when did it
  start, when did the pain start, when did this start, when did the symptoms start, since when, how long
  have you had, how long has this, onset, what makes it better, what makes it worse, character of the pain,
  quality of the pain, radiation, history of present illness, why did you call, what can i help you with,
  how can i help, how can we help, do you have any pain, any pain, are you in pain, chest pain, shortness of
  breath
"""

_VITAL_SIGNS = """
vital signs, vitals, vital, basic observations, observations, obs, vital parameters, vital functions, full
  set of vitals, set of vitals, set of observations, vital signs check, baseline vitals, parameters,
  reassess the patient, reassess patient, reassess him, reassess her, recheck everything, reassess
  everything
"""


def _observation(fields: list[str]) -> Observation:
    signs, categories, stems, phrases = fields
    named = listed(categories)
    return Observation(
        tuple(VitalSign(sign) for sign in listed(signs)),
        tuple(FindingCategory(category.lstrip("*")) for category in named),
        any(category.startswith("*") for category in named),
        listed(stems),
        listed(phrases),
    )


OBSERVATIONS: tuple[Observation, ...] = tuple(_observation(fields) for fields in entries(_OBSERVATIONS))
"""Every generic assessment but the vital signs as a whole."""

VITAL_SIGN_PHRASES: tuple[str, ...] = listed(_VITAL_SIGNS)
"""Words for all vital signs at once."""
