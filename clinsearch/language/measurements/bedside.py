"""The names of what is measured at the bedside, in studies and in operations, in the format that `analytes` reads."""

from __future__ import annotations

BEDSIDE = """
blood pressure | | | | | blood pressure, blood pressures, blood pressure reading, blood pressure readings, bp, bps,
    b/p, pressures, =BP, hypotensive, hypertensive, normotensive
systolic blood pressure | mmHg | 30 320 | 30 | | systolic blood pressure, systolic pressure, systolic pressures,
    systolic bp, systolics, systolic, systolically, sbp, sbps
diastolic blood pressure | mmHg | 10 200 | 20 | | diastolic blood pressure, diastolic pressure, diastolic bp,
    diastolics, diastolic, dbp
mean arterial pressure | mmHg | 20 200 | 20 | | mean arterial pressure, mean arterial pressures, =MAP, =MAPs
heart rate | /min | 15 350 | 30 | | heart rate, heart rates, pulse rate, pulse, pulses, hr, ventricular rate,
    tachycardic, bradycardic, tachycardia, bradycardia, apical pulse, =P, !rate
respiratory rate | /min | 4 120 | 10 | | respiratory rate, respirations, respiration rate, respiration, resp rate,
    resps, resp, breathing rate, tachypneic, rr, =R
temperature | °C | 27 45 | 2 | temperature | temperature, temperatures, temp, temps, tmax, tcurrent, tcur, t max, t
    current, body temperature, fever, fevers, febrile, afebrile, low grade fever, =T, =Tm, =Tc
oxygen saturation | % | 30 100 | 8 | fraction | oxygen saturation, oxygen saturations, o2 saturation, o2
    saturations, o2 sat, o2 sats, oxygen sat, oxygen sats, saturation, saturations, saturating, saturated, satting,
    sats, sat, spo2, sao2, pulse oximetry, pulse oxygenation, oxygenation, oximeter, pulse oximeter, pulse ox, pox,
    oximetry, o2sat, o2sats, desaturated, desaturation, desaturations, desaturates, desaturating, desatted, desat,
    =O2
weight | kg | 0.2 400 | 30 | weight | weight, weights, body weight, weighing, weighed, weighs, weigh, wt, current
    weight, dry weight, admission weight
birth weight | kg | 0.2 8 | 0.7 | | birth weight, birthweight, bw
estimated fetal weight | kg | 0.05 8 | 0.7 | | estimated fetal weight, fetal weight, efw
weight loss | kg | 0 250 | | weight | weight loss
weight gain | kg | 0 250 | | weight | weight gain
height | cm | 25 250 | 20 | height | height, ht, stature, tall
head circumference | cm | 15 70 | 4 | | head circumference, fronto occipital circumference, =HC, =OFC, =FOC
abdominal girth | cm | 15 250 | 20 | | abdominal girth, waist circumference, waist, girth
body mass index | kg/m2 | 8 120 | 6 | | body mass index, bmi
body surface area | m2 | 0.1 4 | 0.3 | | body surface area, bsa
age | year | 0 120 | 15 | age | !aged, !age, !ages
gestational age | week | 4 44 | 4 | gestation | gestational age, estimated gestational age, ega, =GA
apgar score | | 0 10 | 3 | several | apgar score, apgar scores, apgars, apgar
glasgow coma scale | | 3 15 | 4 | several | glasgow coma scale, glasgow coma score, gcs, glasgow
pain score | | 0 10 | 3 | pain | pain score, pain scale, pain level, pain, pain rating, discomfort, =NRS, headache,
    soreness
pack-years | pack-year | 0 300 | 15 | | pack years, pack year, pack year history, packyears
estimated blood loss | mL | 0 30000 | | | estimated blood loss, blood loss, ebl, qbl, quantitative blood loss
tourniquet time | min | 0 400 | 30 | | tourniquet time, total tourniquet time
tourniquet pressure | mmHg | 80 500 | 60 | strictunit | tourniquet pressure, tourniquet
cross-clamp time | min | 1 500 | 30 | | aortic cross clamp time, cross clamp time, crossclamp time, ischemic time
bypass time | min | 1 700 | 40 | | cardiopulmonary bypass time, bypass time, pump time
operative time | min | 1 2000 | 60 | strictunit | operative time, operating time, surgical time, console time
fluoroscopy time | min | 0 300 | 10 | strictunit | fluoroscopy time, fluoro time
urine output | mL | 0 30000 | | mL/h mL/kg/h mL/d | urine output, uop, output of urine, =UO
oxygen flow | L/min | 0 100 | 4 | |
fraction of inspired oxygen | % | 20 100 | 20 | fraction | fraction of inspired oxygen, inspired oxygen, fio2
peep | cmH2O | 0 40 | 5 | | positive end expiratory pressure, peep
tidal volume | mL | 2 1500 | 150 | mL/kg | tidal volume, tidal volumes, vt, =TV
mean gradient | mmHg | 0 150 | 15 | | mean gradient, mean valve gradient, mean transvalvular gradient, mean aortic
    gradient
peak gradient | mmHg | 0 250 | 20 | | peak gradient, peak valve gradient, maximum gradient
ejection fraction | % | 3 95 | 15 | fraction | ejection fraction, left ventricular ejection fraction, lv ejection
    fraction, lvef, lv ef, ejection fractions, =EF
aortic valve area | cm2 | 0.1 6 | 0.4 | | aortic valve area, =AVA
mitral valve area | cm2 | 0.1 8 | 0.4 | | mitral valve area, =MVA
valve area | cm2 | 0.1 8 | 0.4 | | valve area
pulmonary artery systolic pressure | mmHg | 5 250 | 15 | | pulmonary artery systolic pressure, pulmonary systolic
    pressure, right ventricular systolic pressure, rv systolic pressure, rvsp, pasp, pa systolic pressure, pa
    systolic
pulmonary artery pressure | | | | | pulmonary artery pressure, pulmonary artery pressures, pa pressure, pa
    pressures
mean pulmonary artery pressure | mmHg | 3 120 | 10 | | mean pulmonary artery pressure, mean pulmonary pressure, mean
    pa pressure, mean pa, mpap, mean pap
pulmonary artery diastolic pressure | mmHg | 1 100 | 10 | | pulmonary artery diastolic pressure, pa diastolic
    pressure
pulmonary capillary wedge pressure | mmHg | 0 70 | 8 | | pulmonary capillary wedge pressure, wedge pressure,
    capillary wedge pressure, pcwp, wedge, pcw, pulmonary wedge pressure
left ventricular end-diastolic pressure | mmHg | 0 70 | 8 | | left ventricular end diastolic pressure, lv end
    diastolic pressure, end diastolic pressure, lvedp
left ventricular end-diastolic dimension | cm | 1 12 | 1 | strictunit | left ventricular end diastolic dimension,
    lvedd, lvidd
right atrial pressure | mmHg | 0 50 | 5 | | right atrial pressure, ra pressure
central venous pressure | mmHg | 0 50 | 5 | | central venous pressure, cvp
cardiac output | L/min | 0.5 20 | 1.5 | | cardiac output, =CO
cardiac index | L/min/m2 | 0.3 12 | 0.8 | | cardiac index, =CI
qtc interval | ms | 250 800 | 40 | | qtc interval, corrected qt interval, corrected qt, qtc
qt interval | ms | 200 800 | 40 | | qt interval, =QT
pr interval | ms | 60 600 | 40 | seconds | pr interval, =PR
qrs duration | ms | 40 300 | 25 | seconds | qrs duration, qrs interval, qrs width, qrs
ankle brachial index | | 0 2.5 | 0.2 | | ankle brachial index, abi, abis
stenosis | % | 1 100 | 20 | | stenosis
intraocular pressure | mmHg | 0 90 | 6 | several | intraocular pressure, intraocular pressures, eye pressure, iop,
    iops
intracranial pressure | mmHg | 0 100 | 8 | | intracranial pressure, icp, icps
cerebral perfusion pressure | mmHg | 0 150 | 15 | | cerebral perfusion pressure, =CPP
opening pressure | cmH2O | 0 100 | 8 | | opening pressure
compartment pressure | mmHg | 0 150 | 12 | | compartment pressure, compartment pressures
insufflation | mmHg | 5 30 | 4 | strictunit | insufflation, insufflated, insufflation pressure, pneumoperitoneum,
    intra abdominal pressure
fev1 | % | 5 160 | 20 | L | fev1, forced expiratory volume, forced expiratory volume in 1 second
forced vital capacity | % | 5 160 | 20 | L | forced vital capacity, fvc
fev1/fvc ratio | % | 10 110 | 12 | fraction | fev1/fvc, fev1/fvc ratio, fev1 to fvc ratio
diffusing capacity | % | 5 160 | 20 | | diffusing capacity, dlco, diffusion capacity
total lung capacity | % | 5 200 | 20 | L | total lung capacity, tlc
peak flow | L/min | 30 1000 | 100 | | peak flow, peak flows, peak expiratory flow, pef, pefr
six-minute walk | m | 5 1000 | 100 | | 6 minute walk, 6 minute walk test, 6 minute walk distance, six minute walk,
    six minute walk test, 6mwt
fetal heart rate | /min | 50 240 | 20 | | fetal heart rate, fetal heart rate baseline, fetal heart tones, fetal
    heart tone, fetal heart tracing, fht, fhts, fhr
fundal height | cm | 5 60 | 3 | | fundal height, fundus
cervical dilation | cm | 0 10 | 3 | strictunit | cervical dilation, cervical dilatation, dilation, dilated, cervix
effacement | % | 0 100 | 25 | strictunit | effacement, effaced
bishop score | | 0 13 | 3 | | bishop score, bishop
amniotic fluid index | cm | 0 60 | 4 | | amniotic fluid index, afi
crown-rump length | cm | 0.1 12 | 1 | strictunit | crown rump length, crl
endometrial thickness | mm | 0.5 80 | 5 | | endometrial thickness, endometrial stripe, endometrium, endometrial
    lining
breslow depth | mm | 0 60 | 1 | | breslow depth, breslow thickness, breslow, tumor thickness
burned body surface area | % | 0 100 | 15 | strictunit | total body surface area, tbsa, body surface area burn
capillary refill | s | 0 20 | 2 | | capillary refill, capillary refill time, cap refill, capillary refilling
range of motion | degree | -30 360 | 25 | angle | range of motion
radial deviation | degree | -30 90 | 10 | angle | radial deviation
ulnar deviation | degree | -30 90 | 10 | angle | ulnar deviation
pronation | degree | -30 120 | 20 | angle | pronation
supination | degree | -30 120 | 20 | angle | supination
inversion | degree | -30 90 | 10 | angle | inversion
eversion | degree | -30 90 | 10 | angle | eversion
lateral bending | degree | -30 90 | 10 | angle | lateral bending, side bending, lateral bend, lateral flexion
forward elevation | degree | -30 200 | 25 | angle | forward elevation
straight leg raise | degree | 0 120 | 20 | angle | straight leg raise, straight leg raising, slr
cup-to-disc ratio | | 0 1 | 0.2 | | cup to disc ratio, cup disc ratio, cup/disc ratio, c/d ratio, c/d
jugular venous pressure | cmH2O | 0 40 | 4 | strictunit | jugular venous pressure, jvp
flexion | degree | -20 180 | 25 | angle | flexion, forward flexion, dorsiflexion, plantarflexion, plantar flexion
extension | degree | -60 90 | 15 | angle | extension
abduction | degree | -20 200 | 25 | angle | abduction
adduction | degree | -20 90 | 20 | angle | adduction
external rotation | degree | -60 120 | 20 | angle | external rotation
internal rotation | degree | -60 120 | 20 | angle | internal rotation
cobb angle | degree | 0 150 | 10 | | cobb angle, cobb
gleason score | | 2 10 | 2 | gleason | gleason score, gleason's score, gleason's, gleason, gleason grade, gleason
    sum
nih stroke scale | | 0 42 | 6 | several | nih stroke scale, nihss, nih stroke score, nih stroke scale score, nihss
    score
mini-mental state examination | | 0 30 | 6 | several | mini mental state examination, mini mental status
    examination, mini mental status exam, mini mental state exam, mini mental, folstein, mmse
montreal cognitive assessment | | 0 30 | 6 | | montreal cognitive assessment, moca
phq-9 | | 0 27 | 6 | | phq 9, phq9, phq 9 score, patient health questionnaire 9
gad-7 | | 0 21 | 6 | | gad 7, gad7, gad 7 score
beck depression inventory | | 0 63 | 10 | | beck depression inventory, bdi, bdi ii
global assessment of functioning | | 1 100 | 15 | | global assessment of functioning, gaf, current gaf, gaf score,
    axis v
meld score | | 6 60 | 8 | | meld score, meld, meld na, meld na score
child-pugh score | | 5 15 | 3 | | child pugh score
apache ii score | | 0 71 | 8 | | apache ii score, apache ii, apache score
sofa score | | 0 24 | 5 | | sofa score, =SOFA
ki-67 | % | 0 100 | 15 | | ki 67, ki67
wells score | | -2 13 | 3 | | wells score, wells pe, wells
cha2ds2-vasc score | | 0 9 | 2 | | cha2ds2 vasc score, cha2ds2 vasc, cha2ds2vasc, chads vasc score, chads vasc,
    chads2 vasc, chads2 score, chads2, chads score
curb-65 score | | 0 5 | 2 | | curb 65, curb 65 score, curb65
aspects | | 0 10 | 3 | | aspects
ciwa score | | 0 67 | 8 | | ciwa, ciwa score, ciwa ar
has-bled score | | 0 9 | 2 | | has bled, has bled score
modified rankin scale | | 0 6 | 2 | | modified rankin scale, modified rankin score, modified rankin, mrs score
abcd2 score | | 0 7 | 2 | | abcd2, abcd2 score
qsofa score | | 0 3 | 1 | | qsofa
edinburgh postnatal depression scale | | 0 30 | 6 | | edinburgh postnatal depression scale, epds, edinburgh score
audit-c | | 0 12 | 3 | | audit c
braden score | | 6 23 | 4 | | braden score, braden scale, braden
ecog performance status | | 0 5 | 1 | | ecog performance status, ecog, ecog ps
karnofsky performance status | | 0 100 | 20 | percents | karnofsky performance status, karnofsky, karnofsky score,
    kps
injury severity score | | 1 75 | 10 | | injury severity score, =ISS
oswestry disability index | % | 0 100 | 20 | optional | oswestry disability index, oswestry, =ODI
epworth sleepiness scale | | 0 24 | 5 | | epworth sleepiness scale, epworth score, epworth, =ESS
apnea-hypopnea index | /h | 0 200 | 15 | | apnea hypopnea index, apnea/hypopnea index, ahi, respiratory disturbance
    index, =RDI
rass score | | -5 4 | 2 | | rass score, rass
t-score | | -8 6 | 1 | | t score
z-score | | -8 8 | 1 | | z score
suv | | 0 100 | | | suv max, suvmax, maximum suv, max suv, standardized uptake value, maximum standardized uptake
    value, suv, peak suv
coronary calcium score | | 0 10000 | | | coronary calcium score, calcium score, cac score, agatston score
"""
