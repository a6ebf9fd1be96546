"""Emergency drugs by their names in common use: international, American, brand and Slovak.

One line is one drug: its canonical name, what sort of treatment it is, the classes it belongs to, and
its other names. A student's word for a drug that the scenario does not list is recognised here, so
that it counts as a medication error instead of being overlooked. ``tensiomin`` stands for a
beta-blocker, as in the scenarios this format descends from.
"""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.programs.simulation.interpreter.entries import entries, listed
from holdfast.programs.simulation.scenario.care import TreatmentKind


@dataclass(frozen=True, slots=True)
class Drug:
    """A drug, or a class of drugs, and what people call it (the canonical name comes first)."""

    name: str
    kind: TreatmentKind
    classes: tuple[str, ...]
    names: tuple[str, ...]


_KINDS = {"m": TreatmentKind.MEDICATION, "o": TreatmentKind.OXYGEN, "f": TreatmentKind.FLUID}

_DRUGS = """
oxygen | o |  | o2, oxygen therapy, supplemental oxygen, high flow oxygen, high flow o2, hi flow oxygen, hi
  flow o2, high concentration oxygen, high flow, o2 therapy, oxygenate, oxygenating, kyslik, oxygen mask,
  oxygen via mask
salbutamol | m | bronchodilator, beta agonist | albuterol, ventolin, proventil, ventodisk, salamol, ecosal,
  blue inhaler, reliever inhaler, rescue inhaler, salbutamol inhaler, ventolin inhaler
ipratropium | m | bronchodilator, anticholinergic | ipratropium bromide, atrovent
ipratropium with fenoterol | m | bronchodilator | berodual, fenoterol, duoneb, combivent
terbutaline | m | bronchodilator, beta agonist | bricanyl
formoterol | m | bronchodilator | symbicort
budesonide | m | steroid | pulmicort
aminophylline | m | bronchodilator | syntophyllin, syntophylline, syntofylin, theophylline, euphyllin
hydrocortisone | m | steroid | hydrocortizon, hydrocortison, hydrocort, hydrokortizon, solu cortef,
  solucortef, cortisone
methylprednisolone | m | steroid | solu medrol, solumedrol, medrol
prednisolone | m | steroid | prednisolon
prednisone | m | steroid | prednison, rectodelt
dexamethasone | m | steroid | dexamethazone, dexamed, dexa, decadron
adrenaline | m | vasopressor | adrenalin, epinephrine, epinephrin, epi, epipen, epi pen, emerade, jext,
  adrenaline autoinjector, auto injector, autoinjector
noradrenaline | m | vasopressor | noradrenalin, norepinephrine, levophed
dopamine | m | vasopressor | tensamin
dobutamine | m | inotrope | dobutrex
ephedrine | m | vasopressor |
phenylephrine | m | vasopressor |
vasopressin | m | vasopressor |
amiodarone | m | antiarrhythmic | cordarone, sedacoron
adenosine | m | antiarrhythmic | adenocor, adenosin
lidocaine | m | antiarrhythmic, local anaesthetic | lignocaine, xylocaine, mesocain, trimecaine
procainamide | m | antiarrhythmic |
verapamil | m | calcium channel blocker | isoptin
diltiazem | m | calcium channel blocker | cardizem
digoxin | m |  |
metoprolol | m | beta blocker | tensiomin, betaloc, lopressor, vasocardin, egilok
propranolol | m | beta blocker | inderal
esmolol | m | beta blocker | brevibloc
labetalol | m | beta blocker | trandate
atenolol | m | beta blocker |
bisoprolol | m | beta blocker | concor
atropine | m | anticholinergic | atropin, atropine sulphate, atropine sulfate
aspirin | m | antiplatelet | anopyrin, asa, acetylsalicylic acid, acetyl salicylic acid, acylpyrin, aspegic,
  kardegic, acylcoffin
clopidogrel | m | antiplatelet | trombex, plavix
prasugrel | m | antiplatelet | efient
ticagrelor | m | antiplatelet | brilique, brilinta
heparin | m | anticoagulant | unfractionated heparin, ufh
enoxaparin | m | anticoagulant | clexane, lovenox, low molecular weight heparin, lmwh
fondaparinux | m | anticoagulant | arixtra
warfarin | m | anticoagulant | coumadin
rivaroxaban | m | anticoagulant | xarelto
apixaban | m | anticoagulant | eliquis
alteplase | m | thrombolytic | actilyse, tpa, activase
tenecteplase | m | thrombolytic | metalyse, tnk
streptokinase | m | thrombolytic |
glyceryl trinitrate | m | nitrate | nitroglycerin, nitroglycerine, nitroglycerol, gtn, nitro, nitrolingual,
  nitromint, nitromin, nitrospray, nitro spray, gtn spray, trinitrate, perlinganit
isosorbide dinitrate | m | nitrate | isoket, isosorbide, isordil
furosemide | m | diuretic | furosemid, frusemide, lasix, furon
mannitol | m | osmotic agent | manitol
hypertonic saline | f | osmotic agent | 3 % saline, 7.5 % saline, hypertonic sodium chloride, hts
captopril | m | ace inhibitor | capoten
enalapril | m | ace inhibitor |
urapidil | m | antihypertensive | ebrantil
hydralazine | m | antihypertensive |
nifedipine | m | calcium channel blocker |
clonidine | m | antihypertensive |
morphine | m | opioid, analgesic | morphin, morphium, morphine sulphate, morphine sulfate, morphia
fentanyl | m | opioid, analgesic | sublimaze
sufentanil | m | opioid, analgesic | sufenta
tramadol | m | opioid, analgesic | tramal, ultram
pethidine | m | opioid, analgesic | meperidine, demerol, dolsin
codeine | m | opioid, analgesic |
oxycodone | m | opioid, analgesic |
hydromorphone | m | opioid, analgesic | dilaudid
nalbuphine | m | opioid, analgesic |
ketamine | m | analgesic, anaesthetic | ketalar, calypsol
paracetamol | m | analgesic, antipyretic | acetaminophen, tylenol, paralen, panadol, perfalgan
ibuprofen | m | nsaid, analgesic | brufen, nurofen, ibalgin
diclofenac | m | nsaid, analgesic | voltaren
ketorolac | m | nsaid, analgesic | toradol
metamizole | m | analgesic | novalgin, analgin, dipyrone, metamizol
methoxyflurane | m | analgesic | penthrox
nitrous oxide | m | analgesic | entonox, laughing gas
diazepam | m | benzodiazepine, sedative | apaurin, valium, seduxen, stesolid
midazolam | m | benzodiazepine, sedative | dormicum, versed, buccolam
lorazepam | m | benzodiazepine, sedative | ativan
clonazepam | m | benzodiazepine, sedative | rivotril
phenytoin | m | anticonvulsant | epanutin, dilantin, fosphenytoin, epilan
levetiracetam | m | anticonvulsant | keppra
valproate | m | anticonvulsant | valproic acid, sodium valproate, depakine, orfiril, epilim
phenobarbital | m | anticonvulsant, sedative | phenobarbitone, luminal
propofol | m | anaesthetic, sedative | diprivan
thiopental | m | anaesthetic, sedative | thiopentone
etomidate | m | anaesthetic | hypnomidate
suxamethonium | m | muscle relaxant | succinylcholine, sux, anectine
rocuronium | m | muscle relaxant | esmeron
haloperidol | m | antipsychotic, sedative | haldol
chlorpromazine | m | antipsychotic, sedative |
olanzapine | m | antipsychotic | zyprexa
tiapride | m | antipsychotic | tiapridal
naloxone | m | antidote | narcan, intrenon, naloxon
flumazenil | m | antidote | anexate
glucagon | m |  | glucagen
insulin | m |  | actrapid, humulin
glucose | m |  | dextrose, glukoza, d50, d50w, d10, d10w, glucose gel, oral glucose, glucose 40 %, glucose
  10 %, dextrose 50 %, dextrose 10 %, glucogel
thiamine | m |  | vitamin b1
magnesium sulphate | m | bronchodilator | magnesium, magnesium sulfate, mgso4, mag sulfate, mag sulphate,
  magnesium sulfuricum
calcium | m |  | calcium gluconate, calcium chloride, ca gluconicum, calcium gluconicum, cacl
sodium bicarbonate | m |  | bicarbonate, bicarb, nahco3
potassium chloride | m |  | potassium, kcl
tranexamic acid | m |  | txa, tranexamic, exacyl, cyklokapron
oxytocin | m |  | syntocinon, pitocin
chlorphenamine | m | antihistamine | chlorpheniramine, piriton
diphenhydramine | m | antihistamine | benadryl
promethazine | m | antihistamine | phenergan, prothazin
bisulepin | m | antihistamine | dithiaden, bisulepine
clemastine | m | antihistamine | tavegyl
cetirizine | m | antihistamine | zyrtec
loratadine | m | antihistamine | claritin
ranitidine | m | h2 blocker | ranisan, zantac
famotidine | m | h2 blocker |
ondansetron | m | antiemetic | zofran
metoclopramide | m | antiemetic | degan, cerucal, maxolon
thiethylperazine | m | antiemetic | torecan
drotaverine | m | antispasmodic | nospa, no spa
hyoscine butylbromide | m | antispasmodic | buscopan, hyoscine, butylscopolamine
activated charcoal | m |  | charcoal, carbosorb
ceftriaxone | m | antibiotic | rocephin
cefotaxime | m | antibiotic |
benzylpenicillin | m | antibiotic | penicillin, penicillin g
amoxicillin | m | antibiotic | augmentin
sildenafil | m |  | viagra
normal saline | f | crystalloid, fluid | saline, 0.9 % saline, 0,9 % saline, ns, sodium chloride,
  physiological saline, isotonic saline, nacl, saline bolus, saline infusion
hartmann's solution | f | crystalloid, fluid | hartmanns, hartmann, ringer, ringers, ringer's, ringer's
  lactate, ringers lactate, ringer lactate, lactated ringer's, lactated ringers, plasmalyte, isolyte,
  balanced crystalloid
gelatine | f | colloid, fluid | gelofusine, gelofusin, hydroxyethyl starch, voluven
packed red cells | f | blood product | red blood cells, blood transfusion, transfusion, packed cells, prbc,
  o negative blood
"""

_CLASSES = """
steroid | m | steroids, corticosteroid, corticosteroids, glucocorticoid, glucocorticoids, corticoids
bronchodilator | m | bronchodilators
beta blocker | m | beta blockers, betablocker, betablockers
benzodiazepine | m | benzodiazepines, benzo, benzos
sedative | m | sedatives, sedation, tranquilliser, tranquilizer
opioid | m | opioids, opiate, opiates
analgesic | m | analgesics, analgesia, painkiller, painkillers, pain killer, pain killers, pain relief, pain
  medication, pain meds
nitrate | m | nitrates
antihistamine | m | antihistamines
antiemetic | m | antiemetics, anti emetic
antibiotic | m | antibiotics
anticonvulsant | m | anticonvulsants, antiepileptic, antiepileptics
antiplatelet | m | antiplatelets
anticoagulant | m | anticoagulants
thrombolytic | m | thrombolytics, thrombolysis, fibrinolysis, fibrinolytic
vasopressor | m | vasopressors, pressors
diuretic | m | diuretics
nsaid | m | nsaids
fluid | f | fluids, iv fluid, iv fluids, intravenous fluids, fluid bolus, iv fluid bolus, fluid
  resuscitation, fluid challenge, crystalloid, crystalloids, crystalloid bolus, crystalloid fluid
"""


def _drug(fields: list[str]) -> Drug:
    name, kind, classes, names = fields
    return Drug(name, _KINDS[kind], listed(classes), (name, *listed(names)))


def _drug_class(fields: list[str]) -> Drug:
    name, kind, names = fields
    return Drug(name, _KINDS[kind], (), (name, *listed(names)))


DRUGS: tuple[Drug, ...] = tuple(_drug(fields) for fields in entries(_DRUGS))
"""Every drug of the lexicon."""

DRUG_CLASSES: tuple[Drug, ...] = tuple(_drug_class(fields) for fields in entries(_CLASSES))
"""Words for a whole class ("steroids"): they mean the scenario's treatments of that class."""
