"""Common drugs by their generic names, and the names that notes have for them."""

from __future__ import annotations

from functools import cache

# Each line: a generic name, and after a colon its brands and other names. Lines of bare names follow.
_NAMED = """
acetaminophen: tylenol, paracetamol, apap, ofirmev
albuterol: ventolin, proventil, salbutamol, proair
alendronate: fosamax
allopurinol: zyloprim
alprazolam: xanax
alteplase: tpa, activase
amiodarone: cordarone, pacerone
amitriptyline: elavil
amlodipine: norvasc
amoxicillin: amoxil
amoxicillin-clavulanate: augmentin
apixaban: eliquis
aripiprazole: abilify
aspirin: asa, ecotrin, acetylsalicylic acid
atenolol: tenormin
atorvastatin: lipitor
azithromycin: zithromax, z-pak, zpak
baclofen: lioresal
benazepril: lotensin
benztropine: cogentin
bisacodyl: dulcolax
bumetanide: bumex
bupivacaine: marcaine, sensorcaine, exparel
bupropion: wellbutrin
buspirone: buspar
captopril: capoten
carbamazepine: tegretol
carbidopa-levodopa: sinemet
carisoprodol: soma
carvedilol: coreg
cefazolin: ancef, kefzol
cefepime: maxipime
cefdinir: omnicef
ceftriaxone: rocephin
celecoxib: celebrex
cephalexin: keflex
cetirizine: zyrtec
ciprofloxacin: cipro
citalopram: celexa
clarithromycin: biaxin
clindamycin: cleocin
clonazepam: klonopin
clonidine: catapres
clopidogrel: plavix
clozapine: clozaril
cyclobenzaprine: flexeril
dabigatran: pradaxa
dexamethasone: decadron
diazepam: valium
diclofenac: voltaren
digoxin: lanoxin
diltiazem: cardizem, tiazac
diphenhydramine: benadryl
divalproex: depakote
docusate: colace
donepezil: aricept
doxazosin: cardura
duloxetine: cymbalta
empagliflozin: jardiance
enalapril: vasotec
enoxaparin: lovenox
epinephrine: adrenalin
epoetin: procrit, epogen
escitalopram: lexapro
esomeprazole: nexium
estradiol: estrace
eszopiclone: lunesta
ezetimibe: zetia
famotidine: pepcid
fenofibrate: tricor
fentanyl: sublimaze, duragesic
ferrous sulfate: iron sulfate
fexofenadine: allegra
filgrastim: neupogen
finasteride: proscar
fluconazole: diflucan
fluoxetine: prozac
fluticasone: flonase, flovent
fluticasone-salmeterol: advair
folic acid: folate
furosemide: lasix
gabapentin: neurontin
gemfibrozil: lopid
glimepiride: amaryl
glipizide: glucotrol
glyburide: diabeta, micronase
guaifenesin: mucinex
haloperidol: haldol
hydralazine: apresoline
hydrochlorothiazide: hctz, microzide
hydrocodone: vicodin, norco, lortab, lorcet
hydrocortisone: solu-cortef, solucortef
hydromorphone: dilaudid
hydroxychloroquine: plaquenil
hydroxyzine: vistaril, atarax
ibuprofen: motrin, advil
infliximab: remicade
insulin: regular insulin
insulin aspart: novolog, aspart
insulin detemir: levemir
insulin glargine: lantus, basaglar, toujeo, glargine
insulin lispro: humalog, lispro
insulin nph: nph, nph insulin, humulin n
ipratropium: atrovent
irbesartan: avapro
isosorbide: imdur, ismo, isordil
ketorolac: toradol
labetalol: trandate
lamotrigine: lamictal
lansoprazole: prevacid
levetiracetam: keppra
levofloxacin: levaquin
levothyroxine: synthroid, levoxyl
lidocaine: xylocaine, lignocaine
linezolid: zyvox
lisinopril: zestril, prinivil
lithium: lithobid
loperamide: imodium
loratadine: claritin
lorazepam: ativan
losartan: cozaar
lovastatin: mevacor
magnesium sulfate: mag sulfate, mgso4
magnesium oxide: mag oxide
meclizine: antivert
medroxyprogesterone: depo-provera, provera
meloxicam: mobic
memantine: namenda
meperidine: demerol
metformin: glucophage
methylphenidate: ritalin, concerta
methylprednisolone: solu-medrol, solumedrol, medrol
metoclopramide: reglan
metolazone: zaroxolyn
metoprolol: lopressor, toprol, toprol-xl, metoprolol succinate, metoprolol tartrate
metronidazole: flagyl
midazolam: versed
mirtazapine: remeron
mometasone: nasonex
montelukast: singulair
morphine: ms contin, morphine sulfate
moxifloxacin: avelox
naloxone: narcan
naproxen: naprosyn, aleve
niacin: niaspan
nifedipine: procardia, adalat
nitrofurantoin: macrobid
nitroglycerin: ntg, nitro
norepinephrine: levophed, noradrenaline
normal saline: saline, ns, isotonic saline
lactated ringer's: lactated ringers, ringer's lactate, lr
olanzapine: zyprexa
olmesartan: benicar
omeprazole: prilosec
ondansetron: zofran
oseltamivir: tamiflu
oxcarbazepine: trileptal
oxybutynin: ditropan
oxycodone: oxycontin, percocet, roxicodone
oxytocin: pitocin
pantoprazole: protonix
paroxetine: paxil
phenylephrine: neo-synephrine, neosynephrine
phenytoin: dilantin, fosphenytoin
pioglitazone: actos
piperacillin-tazobactam: zosyn
polyethylene glycol: miralax
potassium chloride: k-dur, kdur, kcl, klor-con, k-dur, potassium, kcl elixir
pravastatin: pravachol
pregabalin: lyrica
prochlorperazine: compazine
promethazine: phenergan
propofol: diprivan
propranolol: inderal
quetiapine: seroquel
rabeprazole: aciphex
ramipril: altace
ranitidine: zantac
risperidone: risperdal
rivaroxaban: xarelto
rosuvastatin: crestor
senna: senokot
sertraline: zoloft
sildenafil: viagra, revatio
simvastatin: zocor
sitagliptin: januvia
sodium bicarbonate: bicarb, bicarbonate
spironolactone: aldactone
sulfamethoxazole-trimethoprim: bactrim, septra, tmp-smx
sumatriptan: imitrex
tamsulosin: flomax
temazepam: restoril
terazosin: hytrin
ticagrelor: brilinta
tiotropium: spiriva
tizanidine: zanaflex
topiramate: topamax
torsemide: demadex
tramadol: ultram
trazodone: desyrel
triamcinolone: kenalog
valsartan: diovan
vancomycin: vanco, vancocin
venlafaxine: effexor
verapamil: calan
warfarin: coumadin
zolpidem: ambien
quinapril: accupril
raloxifene: evista
ticlopidine: ticlid
terbinafine: lamisil
pioglitazone-metformin: actoplus
repaglinide: prandin
rosiglitazone: avandia
modafinil: provigil
methimazole: tapazole
fludrocortisone: florinef
ziprasidone: geodon
conjugated estrogens: premarin
rofecoxib: vioxx
azathioprine: imuran
megestrol: megace
tolterodine: detrol
tadalafil: cialis
vardenafil: levitra
pentoxifylline: trental
fosinopril: monopril
candesartan: atacand
telmisartan: micardis
ezetimibe-simvastatin: vytorin
nortriptyline: pamelor
methocarbamol: robaxin
desloratadine: clarinex
temozolomide: temodar
pyridostigmine: mestinon
trihexyphenidyl: artane
amlodipine-benazepril: lotrel
fondaparinux: arixtra
methylergonovine: methergine
pramipexole: mirapex
ropinirole: requip
zonisamide: zonegran
piroxicam: feldene
prazosin: minipress
felodipine: plendil
metaxalone: skelaxin
losartan-hydrochlorothiazide: hyzaar
letrozole: femara
anastrozole: arimidex
triamterene-hydrochlorothiazide: dyazide, maxzide
calcitriol: rocaltrol
dicyclomine: bentyl
darbepoetin: aranesp
pegfilgrastim: neulasta
cyclophosphamide: cytoxan
doxorubicin: adriamycin
paclitaxel: taxol
docetaxel: taxotere
rituximab: rituxan
trastuzumab: herceptin
bevacizumab: avastin
gemcitabine: gemzar
dipyridamole: persantine
chlorpromazine: thorazine
budesonide: pulmicort, entocort
budesonide-formoterol: symbicort
tacrolimus: prograf
mycophenolate: cellcept
cyclosporine: neoral, sandimmune
solifenacin: vesicare
darifenacin: enablex
oxymorphone: opana
varenicline: chantix
lisdexamfetamine: vyvanse
amphetamine: adderall
atomoxetine: strattera
etanercept: enbrel
adalimumab: humira
dulaglutide: trulicity
semaglutide: ozempic
liraglutide: victoza
dapagliflozin: farxiga
sacubitril-valsartan: entresto
lacosamide: vimpat
denosumab: prolia
risedronate: actonel
ibandronate: boniva
nabumetone: relafen
indomethacin: indocin
etodolac: lodine
sevelamer: renagel, renvela
meropenem: merrem
imipenem: primaxin
ertapenem: invanz
cefuroxime: ceftin
acyclovir: zovirax
valacyclovir: valtrex
nitroprusside: nipride
esmolol: brevibloc
procainamide: pronestyl
flecainide: tambocor
propafenone: rythmol
dronedarone: multaq
sotalol: betapace
nadolol: corgard
eplerenone: inspra
ranolazine: ranexa
prasugrel: effient
eptifibatide: integrilin
dexmedetomidine: precedex
rocuronium: zemuron
glycopyrrolate: robinul
ephedrine: akovaz
"""
_BARE = """
abciximab acyclovir adenosine albumin aminophylline ampicillin anastrozole argatroban ascorbic atracurium atropine
azathioprine betamethasone bevacizumab bisoprolol bivalirudin budesonide buprenorphine calcitriol calcium candesartan
capecitabine carboplatin caspofungin cefotaxime cefoxitin ceftazidime cefuroxime chlorhexidine chlorthalidone
chlorpromazine cisplatin codeine colchicine cyclophosphamide cyclosporine dapagliflozin daptomycin desmopressin
dexmedetomidine dextrose dobutamine docetaxel dopamine doxepin doxorubicin doxycycline eptifibatide ertapenem
erythromycin esmolol estrogen etomidate etoposide ethambutol famciclovir flecainide fludrocortisone fluorouracil
gemcitabine gentamicin glucagon glucosamine glycopyrrolate heparin imipenem irinotecan isoniazid ketamine ketoconazole
lactulose letrozole leucovorin liraglutide magnesium mannitol melatonin meropenem mesalamine methadone methimazole
methocarbamol methotrexate methyldopa metaxalone milrinone minoxidil misoprostol morphine multivitamin mycophenolate
nadolol nafcillin neostigmine nicardipine nitroprusside norethindrone nortriptyline octreotide oxaliplatin paclitaxel
penicillin pembrolizumab phenobarbital piperacillin prasugrel prazosin prednisolone prednisone primidone probenecid
procainamide progesterone propafenone propylthiouracil pyridoxine quinapril ramelteon ranolazine remifentanil rifampin
rituximab rocuronium ropivacaine semaglutide sevelamer sotalol streptokinase succinylcholine sulfasalazine sufentanil
tacrolimus tamoxifen telmisartan terbutaline theophylline thiamine tigecycline tinzaparin tobramycin tolterodine
toradol tranexamic trastuzumab valacyclovir valproate vasopressin vecuronium vincristine zidovudine ziprasidone zinc acamprosate acarbose acetazolamide amantadine amiloride apremilast aprepitant asenapine aztreonam beclomethasone
betaxolol bethanechol bleomycin brimonidine bromocriptine busulfan cabergoline calcitonin carbimazole cefixime cefpodoxime
cefprozil chlorambucil chlordiazepoxide cholestyramine cilostazol cimetidine clobazam clomiphene cortisone cromolyn
dactinomycin dalteparin danazol dantrolene darbepoetin darunavir dasatinib daunorubicin denosumab desipramine desvenlafaxine
dexlansoprazole dicyclomine disulfiram dofetilide dolutegravir domperidone dronedarone droperidol dulaglutide dutasteride
efavirenz emtricitabine entacapone eplerenone ergocalciferol cholecalciferol etanercept etodolac exenatide febuxostat
felodipine fenoldopam flumazenil fluphenazine flurbiprofen fondaparinux foscarnet fosinopril galantamine ganciclovir
granisetron griseofulvin guanfacine hydroxyurea ibandronate imatinib imipramine indapamide indomethacin isotretinoin
isradipine itraconazole ivermectin lacosamide lamivudine leflunomide levocetirizine linagliptin lisdexamfetamine lurasidone
maraviroc medroxyprogesterone mebendazole megestrol melphalan mercaptopurine methyltestosterone micafungin midodrine
mirabegron modafinil moexipril nabumetone naltrexone nateglinide nebivolol nelfinavir nevirapine nizatidine nystatin
oxazepam oxaprozin oxymorphone paliperidone pancuronium pemetrexed pentoxifylline perindopril perphenazine phenazopyridine
phentermine pimozide pindolol piroxicam pramipexole praziquantel prochlorperazine protamine pseudoephedrine pyrazinamide
pyridostigmine quinidine raloxifene raltegravir repaglinide ribavirin rifaximin riluzole risedronate ritonavir rizatriptan
ropinirole sacubitril salsalate saxagliptin scopolamine selegiline solifenacin sorafenib sulindac tadalafil tapentadol
tenecteplase tenofovir thalidomide thioridazine ticlopidine timolol tolvaptan trandolapril triamterene triazolam
trihexyphenidyl trimethoprim ursodiol vardenafil varenicline vilazodone vinblastine voriconazole zafirlukast zolmitriptan
testosterone terbinafine thiothixene tirofiban temozolomide topotecan trospium
"""


@cache
def drug_names() -> dict[str, str]:
    """Return the generic name of each name of a drug, both in lower case."""
    names = {name: name for name in _BARE.split()}
    for line in _NAMED.strip().splitlines():
        generic, _, others = line.partition(": ")
        names |= {name: generic for name in (generic, *others.split(", "))}
    return names
