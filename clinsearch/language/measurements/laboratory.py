"""The names of what laboratories measure, in the format that `analytes` reads."""

from __future__ import annotations

LABORATORY = """
hemoglobin a1c | % | 3 20 | 2 | ngsp | hemoglobin a1c, hgb a1c, hb a1c, hgba1c, hba1c, a1c, glycohemoglobin,
    glycosylated hemoglobin, glycated hemoglobin, hemoglobin a 1c, a1c hemoglobin
sodium | mmol/L | 90 200 | 15 | | sodium, serum sodium, =Na
potassium | mmol/L | 1 12 | 2 | | potassium, serum potassium, =K
chloride | mmol/L | 50 160 | 15 | | chloride, =Cl
bicarbonate | mmol/L | 1 60 | 10 | | bicarbonate, bicarb, hco3, total co2, carbon dioxide, tco2, =CO2
blood urea nitrogen | mg/dL | 1 300 | | mmol=2.8 | blood urea nitrogen, urea nitrogen, urea, bun
creatinine | mg/dL | 0.1 30 | | mmol=11.312 | creatinine, serum creatinine, creat, scr, =Cr
glucose | mg/dL | 10 2000 | | mmol=18.016 | glucose, blood glucose, blood glucose level, blood sugar, blood sugars,
    sugar, sugars, fasting sugar, fasting glucose, fingerstick, fingersticks, finger stick, fingerstick glucose,
    fsbs, fsbg, accu chek, accuchek, accucheck, accu check, accu cheks, accuchecks, glucometer, glucola, glucose
    level, glucose tolerance test, =BS, =BG, =CBG, =FBS, =gluc
calcium | mg/dL | 3 20 | 3 | mmol=4.008 | calcium, serum calcium, corrected calcium, =Ca
ionized calcium | mmol/L | 0.3 3 | 0.4 | mmol=1 mg=0.2495 | ionized calcium, ica, ionized ca
magnesium | mg/dL | 0.3 12 | 1 | mmol=2.43 meq=1.215 | magnesium, mag, =Mg
phosphorus | mg/dL | 0.3 20 | 2 | mmol=3.097 | phosphorus, phosphate, phos, =PO4, =Phos
hemoglobin | g/dL | 1 25 | 4 | | hemoglobin, haemoglobin, hgb, hb, hemoglobins, hgbs
hematocrit | % | 5 75 | 10 | fraction | hematocrit, haematocrit, hct, crit, hematocrits
hemoglobin & hematocrit | | | | | h&h, h & h, h/h, h and h, hemoglobin and hematocrit, hgb/hct,
    hemoglobin/hematocrit, hgb and hct
white blood cell count | 10^3/uL | 0 600 | | count=500 | white blood cell count, white blood count, white blood
    cells, white cell count, white count, wbc count, wbcs, wbc, leukocyte count, leukocytosis, leukocytosis of,
    white blood cell, white cells, total leukocyte count
platelet count | 10^3/uL | 0 3000 | | count=3000 | platelet count, platelets, platelet, plts, plt, plat,
    thrombocytopenia
red blood cell count | 10^6/uL | 0.5 10 | 1 | | red blood cell count, red cell count, rbc count, =RBC
mean corpuscular volume | fL | 40 150 | 15 | | mean corpuscular volume, mcv
mean corpuscular hemoglobin | pg | 10 60 | 5 | | mean corpuscular hemoglobin, =MCH
mean corpuscular hemoglobin concentration | g/dL | 20 45 | 3 | | mchc
red cell distribution width | % | 8 40 | 4 | | red cell distribution width, rdw
neutrophils | % | 0 100 | 20 | | neutrophils, neutrophil, polys, segs, segmented neutrophils, pmns, granulocytes
bands | % | 0 100 | 10 | | bands, bandemia, band forms, band
lymphocytes | % | 0 100 | 20 | | lymphocytes, lymphs, lymphocyte
monocytes | % | 0 100 | 8 | | monocytes, monos
eosinophils | % | 0 100 | 8 | | eosinophils, eos, eosinophilia
basophils | % | 0 100 | 3 | | basophils, basos
blasts | % | 0 100 | 20 | | blasts, blast
absolute neutrophil count | 10^3/uL | 0 150 | | count=100 | absolute neutrophil count, absolute neutrophils, anc
reticulocyte count | % | 0 40 | 3 | | reticulocyte count, reticulocytes, retic count, retic
cd4 count | /uL | 0 5000 | | percents | cd4 count, cd4, cd4 cell count, t cell count, cd4 cells
viral load | copies/mL | 0 100000000 | | | viral load, hiv rna, hiv viral load, rna viral load
inr | | 0.5 20 | 1 | | inr, international normalized ratio, pt/inr of
prothrombin time | s | 7 150 | 8 | | prothrombin time, pro time, protime, =PT
partial thromboplastin time | s | 15 250 | 25 | | partial thromboplastin time, activated partial thromboplastin
    time, ptt, aptt
fibrinogen | mg/dL | 10 1500 | | | fibrinogen
d-dimer | mcg/mL | 0 100 | | ddimer | d dimer, d dimers, ddimer
troponin | ng/mL | 0 1000 | | troponin | troponin, troponins, troponin i, troponin t, trop, trops, tropi, hs
    troponin, high sensitivity troponin, cardiac troponin, tnt, tni
b-type natriuretic peptide | pg/mL | 1 50000 | | | b type natriuretic peptide, brain natriuretic peptide, bnp
nt-probnp | pg/mL | 1 100000 | | | nt probnp, nt pro bnp, probnp, pro bnp, ntprobnp
creatine kinase | U/L | 1 500000 | | | creatine kinase, creatine phosphokinase, cpk, total ck, =CK
ck-mb | ng/mL | 0 1000 | | percents | ck mb, ckmb, cpk mb, mb fraction, =MB
aspartate aminotransferase | U/L | 1 30000 | | | aspartate aminotransferase, aspartate transaminase, ast, sgot
alanine aminotransferase | U/L | 1 30000 | | | alanine aminotransferase, alanine transaminase, alt, sgpt
alkaline phosphatase | U/L | 5 6000 | | | alkaline phosphatase, alk phos, alkaline phos, alkphos, alkp, =ALP, =AP
gamma glutamyl transferase | U/L | 1 6000 | | | gamma glutamyl transferase, ggt, ggtp
bilirubin | mg/dL | 0.05 80 | | mmol=58.48 | bilirubin, bilirubin total, total bilirubin, bili, t bili, tbili, total
    bili, t bilirubin, bilirubin total, tsb, transcutaneous bilirubin
direct bilirubin | mg/dL | 0 60 | | mmol=58.48 | direct bilirubin, bilirubin direct, direct bili, conjugated
    bilirubin, d bili, dbili
indirect bilirubin | mg/dL | 0 60 | | mmol=58.48 | indirect bilirubin, unconjugated bilirubin, indirect bili
albumin | g/dL | 0.5 7 | 1.5 | | albumin, serum albumin, alb
total protein | g/dL | 1 15 | 2 | | total protein, protein total
urine protein | mg/dL | 0 50000 | | | urine protein, random urine protein
prealbumin | mg/dL | 1 60 | | | prealbumin
lipase | U/L | 1 50000 | | | lipase
amylase | U/L | 1 50000 | | | amylase
carboxyhemoglobin | % | 0 80 | 5 | | carboxyhemoglobin, carboxyhemoglobin level, cohb
prolactin | ng/mL | 0 20000 | | | prolactin, prolactin level
lactate dehydrogenase | U/L | 10 50000 | | | lactate dehydrogenase, lactic dehydrogenase, ldh
lactate | mmol/L | 0.1 35 | | mmol=1 mg=0.111 | lactate, lactic acid, serum lactate, lactates
ammonia | umol/L | 1 1000 | | | ammonia, ammonia level, nh3
uric acid | mg/dL | 0.5 40 | 4 | mmol=16.81 | uric acid, urate
thyroid stimulating hormone | mIU/L | 0 500 | | | thyroid stimulating hormone, tsh
free t4 | ng/dL | 0.05 15 | 1 | mmol=77.69e6 | free t4, ft4, free thyroxine
free t3 | pg/mL | 0.1 50 | 2 | | free t3, ft3
ldl cholesterol | mg/dL | 5 600 | | mmol=38.67 | ldl cholesterol, ldl, ldl c, low density lipoprotein, direct ldl,
    cholesterol ldl
hdl cholesterol | mg/dL | 3 150 | | mmol=38.67 | hdl cholesterol, hdl, hdl c, high density lipoprotein
triglycerides | mg/dL | 10 15000 | | mmol=88.57 | triglycerides, triglyceride, trigs, trig, =TG, =TGs
non-hdl cholesterol | mg/dL | 5 600 | | mmol=38.67 | non hdl cholesterol, non hdl
total cholesterol | mg/dL | 40 1000 | | mmol=38.67 | total cholesterol, cholesterol total, cholesterol, serum
    cholesterol, chol, =TC
erythrocyte sedimentation rate | mm/h | 0 200 | | | erythrocyte sedimentation rate, sedimentation rate, sed rate,
    esr
c-reactive protein | mg/L | 0 900 | | | c reactive protein, crp, hs crp, hscrp
procalcitonin | ng/mL | 0 1000 | | | procalcitonin, pct, procal
prostate specific antigen | ng/mL | 0 20000 | | | prostate specific antigen, psa, psas
carcinoembryonic antigen | ng/mL | 0 50000 | | | carcinoembryonic antigen, cea
ca-125 | U/mL | 0 100000 | | | ca 125, ca125
ca 19-9 | U/mL | 0 1000000 | | | ca 19 9, ca19 9
alpha-fetoprotein | ng/mL | 0 1000000 | | | alpha fetoprotein, alphafetoprotein, afp
hcg | mIU/mL | 0 5000000 | | | beta hcg, quantitative hcg, quantitative beta hcg, quant hcg, serum hcg, bhcg, hcg, b
    hcg, hcg level, beta hcg level, beta quant
iron | mcg/dL | 1 1000 | | | serum iron, iron, iron level
ferritin | ng/mL | 1 100000 | | | ferritin
total iron binding capacity | mcg/dL | 50 1000 | | | total iron binding capacity, iron binding capacity, tibc
transferrin saturation | % | 0 100 | 15 | | transferrin saturation, iron saturation, percent saturation, tsat
vitamin d | ng/mL | 1 300 | | | vitamin d, vitamin d level, 25 hydroxy vitamin d, 25 oh vitamin d, vit d, vitamin d
    25 hydroxy, vitamin d 25 oh
vitamin b12 | pg/mL | 20 10000 | | | vitamin b12, b12, vitamin b12 level, b12 level, vit b12
folate | ng/mL | 0.5 100 | | | folate, serum folate, folic acid level
cortisol | mcg/dL | 0 150 | | | cortisol, cortisol level, am cortisol
parathyroid hormone | pg/mL | 1 6000 | | | parathyroid hormone, intact pth, pth
testosterone | ng/dL | 1 5000 | | | testosterone, testosterone level, total testosterone
homocysteine | umol/L | 1 500 | | | homocysteine
glomerular filtration rate | mL/min | 1 250 | 25 | | glomerular filtration rate, estimated glomerular filtration
    rate, estimated gfr, gfr, egfr, egfr if nonafricn am, egfr if africn am, egfr non african american, egfr african
    american
creatinine clearance | mL/min | 1 300 | 25 | | creatinine clearance, crcl, cr cl
anion gap | mmol/L | 0 60 | 8 | | anion gap, =AG
osmolality | mOsm/kg | 100 600 | 30 | | serum osmolality, osmolality, serum osm, osm, serum osmolarity, osmolarity
osmolar gap | mOsm/kg | 0 300 | 15 | | osmolar gap, osm gap, osmolal gap
urine sodium | mmol/L | 0 300 | 30 | | urine sodium, urine na, una
urine osmolality | mOsm/kg | 20 1500 | 200 | | urine osmolality, urine osm
specific gravity | | 1 1.06 | 0.01 | gravity | specific gravity, spec grav, sp gr, urine specific gravity
ph | | 4 9 | 0.2 | | ph, arterial ph, venous ph, cord ph, pleural ph, urine ph
pco2 | mmHg | 5 200 | 15 | | pco2, paco2, pvco2, =CO2 tension
po2 | mmHg | 10 700 | 25 | | po2, pao2
base excess | mmol/L | -40 40 | 6 | | base excess, base deficit
blood alcohol | % | 0 1 | 0.1 | alcohol | blood alcohol, blood alcohol level, blood alcohol content, blood alcohol
    concentration, alcohol level, ethanol level, etoh level, bac, ethanol, !etoh
lead | mcg/dL | 0 200 | | strictunit | lead level, blood lead, blood lead level, !lead
digoxin level | ng/mL | 0 30 | | | digoxin level, dig level, digoxin level of
vancomycin level | mcg/mL | 0 150 | | | vancomycin trough, vancomycin level, vanc trough, vanco trough, vanc level,
    vancomycin random, random vancomycin, vanco level
phenytoin level | mcg/mL | 0 150 | | | phenytoin level, dilantin level, phenytoin trough
valproic acid level | mcg/mL | 0 500 | | | valproic acid level, depakote level, valproate level, vpa level
carbamazepine level | mcg/mL | 0 100 | | | carbamazepine level, tegretol level
phenobarbital level | mcg/mL | 0 200 | | | phenobarbital level
lithium level | mmol/L | 0 10 | | | lithium level
tacrolimus level | ng/mL | 0 100 | | | tacrolimus level, prograf level, fk506 level, tacrolimus trough, fk level
cyclosporine level | ng/mL | 0 3000 | | | cyclosporine level, cyclosporin level, csa level
theophylline level | mcg/mL | 0 150 | | | theophylline level
gentamicin level | mcg/mL | 0 60 | | | gentamicin level, gentamicin trough, gent trough, gentamicin peak
tobramycin level | mcg/mL | 0 60 | | | tobramycin level, tobramycin trough, tobramycin peak
acetaminophen level | mcg/mL | 0 1000 | | | acetaminophen level, tylenol level, apap level
salicylate level | mg/dL | 0 200 | | | salicylate level, aspirin level
"""
