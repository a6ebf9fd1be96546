"""Acts of care that are no drugs, by the words students use for them.

A procedure matters only when the scenario has it: these words then lead to that treatment. One line is
one procedure: the words by which a scenario's own name is recognised (a beginning of its words is
enough), then what a student may say.
"""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.programs.simulation.interpreter.entries import entries, listed


@dataclass(frozen=True, slots=True)
class Procedure:
    """An act of care: how a scenario names it, and what a student may call it."""

    stems: tuple[str, ...]
    phrases: tuple[str, ...]

    @property
    def reports(self) -> bool:
        """Whether it is the handover: what follows it tells what was done."""
        return "handover" in self.stems


_PROCEDURES = """
iv access, intravenous access, cannulat, iv line, vascular access, venous access | iv access, intravenous
  access, iv line, iv lines, an iv, iv cannula, cannulate, cannulating, cannulation, a cannula, cannula,
  venous access, vascular access, large bore iv, peripheral line, iv in, iv catheter, establish iv, two ivs,
  a drip
io access, intraosseous access | io access, intraosseous access, ez io, io needle
recovery position, lateral position, left lateral | recovery position, lateral position, on his side, on her
  side, on their side, on the side, left lateral, turn him on his side, roll him on his side, roll her on
  her side
sit, upright, fowler, seated, sitting | sit him up, sit her up, sit them up, sit the patient up, sit patient
  up, sit up, sitting up, sitting him up, upright, upright position, sitting position, fowler, fowler's
  position, semi fowler, semi fowlers, high fowler, tripod position, sit him upright, sit her upright
supine, flat, lie, legs rais, leg rais, shock position, trendelenburg | lie him down, lie her down, lay him
  down, lay her down, lay him flat, lay her flat, lie him flat, lie flat, lay flat, supine, supine position,
  raise the legs, raise his legs, raise her legs, elevate the legs, elevate legs, leg raise, passive leg
  raise
head up, head elevat, head of bed, 30 degree, elevate head, elevate the head, rais head | head up, head up
  tilt, elevate the head, elevate head, head elevation, raise the head, raise head, 30 degrees, 30 degree,
  thirty degrees, head of the bed, head of bed
c spine, cervical, spinal, spine, collar, immobili | c spine, cspine, cervical collar, collar, spinal
  immobilisation, spinal immobilization, spinal motion restriction, spine immobilisation, spine
  immobilization, manual inline stabilisation, manual inline stabilization, manual in line stabilisation,
  manual in line stabilization, inline stabilisation, inline stabilization, immobilise, immobilize,
  immobilise the spine, immobilize the spine, c spine control, c spine protection, stabilise the neck,
  stabilize the neck, vacuum mattress, stabilise the head, stabilize the head, spinal precautions, c spine
  precautions
suction | suction, suctioning, suction the airway, suction unit, clear secretions
jaw thrust, airway maneuv, airway manoeuv, open airway, open the airway, head tilt, airway open | jaw
  thrust, head tilt, head tilt chin lift, chin lift, open the airway, open airway, open his airway, open her
  airway, opening the airway, airway manoeuvre, airway maneuver, manual airway
oropharyngeal, opa, guedel, airway adjunct, nasopharyngeal, npa | opa, oropharyngeal airway, guedel, airway
  adjunct, npa, nasopharyngeal airway, nasal airway, oral airway
bvm, bag valve, bag mask, assisted ventilat, assist ventilat, ventilat, ambu | bvm, bag valve mask, bag
  mask, bag him, bag her, bag the patient, ambu bag, ambu, assist ventilation, assist ventilations, assist
  breathing, assisted ventilation, ventilate, ventilating, ventilation, rescue breaths, ppv, positive
  pressure ventilation
intubat, endotracheal, rsi | intubate, intubating, intubation, endotracheal tube, rsi, rapid sequence
  induction, rapid sequence intubation, secure the airway, et tube, ett
supraglottic, laryngeal mask, igel, lma | supraglottic airway, laryngeal mask, i gel, igel, lma
cpap, niv, bipap | cpap, niv, bipap, non invasive ventilation, noninvasive ventilation
cpr, chest compression, resuscitat | cpr, chest compressions, compressions, cardiopulmonary resuscitation
defibrillat, shock deliver | defibrillate, defibrillating, defibrillation, shock him, shock her, shock the
  patient, deliver a shock, deliver shock
defib pad, pads | defib pads, defibrillator pads, defibrillation pads, pads, multifunction electrodes
cardioversion, cardiovert | cardiovert, cardioversion, synchronised cardioversion, synchronized
  cardioversion
needle decompress, thoracostomy, decompress | needle decompression, decompress the chest, needle
  thoracostomy, chest decompression, needle thoracocentesis
bleeding control, control bleed, control haem, control hem, stop bleed, pressure dress, direct pressure,
  bandag, wound | stop the bleeding, stop bleeding, control the bleeding, control bleeding, bleeding
  control, haemorrhage control, hemorrhage control, direct pressure, pressure dressing, pressure bandage,
  bandage, bandage the wound, dress the wound, dressing, pressure on the wound, dress wound, cover the wound
tourniquet | tourniquet, cat tourniquet
pelvic binder | pelvic binder, pelvic belt, bind the pelvis
splint | splint, splinting, splint the leg, splint the arm
warm, blanket, hypothermia prevent, temperature control | keep warm, keep him warm, keep her warm, keep the
  patient warm, blanket, cover with a blanket, warm blanket, warming, warm the patient, foil blanket,
  prevent hypothermia
cool | cool him, cool her, cool the patient, active cooling, cooling, cold packs
protect from injury, protect, safe environment, clear area, move object | protect his head, protect her
  head, protect the head, protect from injury, protect him, protect her, protect the patient, move
  furniture, move the furniture, move objects away, move objects, clear the area, clear the space, cushion
  his head, cushion her head, pad the head
reassur, calm | reassure, reassuring, reassurance, keep him calm, keep her calm, keep the patient calm, calm
  him, calm her, calm him down, calm her down, calm the patient, calm down, calming, you are safe, we are
  here to help, i'm here to help, keep calm, stay calm
breathing coach, coach breath, pursed lip, breathing technique | coach his breathing, coach her breathing,
  coach breathing, breathe slowly, slow breaths, pursed lip breathing, pursed lips
stemi network, stemi activat, pci cent, cath lab, pre alert, prealert, pre notif, prenotif, hospital notif,
  notify hospital, alert | activate stemi network, activate the stemi network, stemi activation, activate
  stemi, stemi alert, stemi network, activate cath lab, activate the cath lab, cath lab activation, call the
  cath lab, notify the cath lab, alert the cath lab, alert cath lab, cath lab, call pci, call the pci
  centre, call the pci center, contact pci, contact the pci centre, contact the pci center, notify the pci
  centre, notify the pci center, notify pci, alert the pci centre, alert the pci center, pci activation, pre
  alert, prealert, pre notification, prenotification, prenotify, pre notify, notify the hospital, notify
  hospital, alert the hospital, alert hospital, call the hospital, inform the hospital, call ahead, trauma
  alert, activate trauma team, notify the trauma centre, notify the trauma center, notify the receiving
  hospital, alert the receiving hospital, transmit the ecg, send the ecg, transmit ecg, send ecg
backup, als, additional resource, call doctor, physician, helicopter, hems, request help, additional help |
  call for backup, call backup, request backup, backup, back up, call for help, call for als, request als,
  call als, call a doctor, call the doctor, call for a doctor, call for a physician, request a physician,
  request physician, call hems, request hems, request helicopter, request a helicopter, call a helicopter,
  call helicopter, call for assistance, request assistance, medical director, call for advanced life
  support, request advanced life support, additional resources, request additional resources
transport, evacuat, hospital, load and go | transport, transporting, transport him, transport her, transport
  the patient, load and go, scoop and run, go to hospital, go to the hospital, take him to hospital, take
  her to hospital, take him to the hospital, take her to the hospital, take you to hospital, take you to the
  hospital, take the patient to hospital, take the patient to the hospital, drive to hospital, drive to the
  hospital, evacuate, move to the ambulance, move him to the ambulance, move her to the ambulance, load him
  into the ambulance, load her into the ambulance, load the patient, start transport, begin transport, rapid
  transport, immediate transport, priority transport
handover, hand over | handover, hand over, handing over, sbar handover, sbar, atmist, mist handover, give
  handover, give a handover, hand the patient over
ppe, gloves, body substance, bsi, personal protective | ppe, gloves, bsi, body substance isolation, put on
  gloves, wear gloves, wear ppe, don ppe, put on ppe
remove trigger, remove allergen, remove sting, stinger | remove the stinger, remove stinger, remove the
  sting, scrape off the stinger, remove the trigger, remove trigger, remove the allergen
"""


def _procedure(fields: list[str]) -> Procedure:
    stems, phrases = fields
    return Procedure(listed(stems), listed(phrases))


PROCEDURES: tuple[Procedure, ...] = tuple(_procedure(fields) for fields in entries(_PROCEDURES))
"""Every procedure of the lexicon."""
