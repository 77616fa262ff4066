"""Common drugs by their generic names, and the names that notes have for them."""

from __future__ import annotations

from functools import cache

# Between semicolons a generic name, and after a colon its brands and other names. Bare generic names follow.
_NAMED = """
acetaminophen: tylenol, paracetamol, apap, ofirmev; acyclovir: zovirax; adalimumab: humira; albuterol: ventolin,
proventil, salbutamol, proair; alendronate: fosamax; allopurinol: zyloprim; alprazolam: xanax; alteplase: tpa,
activase; amiodarone: cordarone, pacerone; amitriptyline: elavil; amlodipine-benazepril: lotrel; amlodipine: norvasc;
amoxicillin-clavulanate: augmentin, amox-clav; amoxicillin: amoxil; amphetamine: adderall; anastrozole: arimidex;
apixaban: eliquis; aripiprazole: abilify; aspirin: asa, ecotrin, acetylsalicylic acid; atenolol: tenormin;
atomoxetine: strattera; atorvastatin: lipitor; azathioprine: imuran; azithromycin: zithromax, z-pak, zpak; baclofen:
lioresal; benazepril: lotensin; benztropine: cogentin; bevacizumab: avastin; bisacodyl: dulcolax;
budesonide-formoterol: symbicort; budesonide: pulmicort, entocort; bumetanide: bumex; bupivacaine: marcaine,
sensorcaine, exparel; bupropion: wellbutrin; buspirone: buspar; calcitriol: rocaltrol; candesartan: atacand;
captopril: capoten; carbamazepine: tegretol; carbidopa-levodopa: sinemet; carisoprodol: soma; carvedilol: coreg;
cefazolin: ancef, kefzol; cefdinir: omnicef; cefepime: maxipime; ceftriaxone: rocephin; cefuroxime: ceftin; celecoxib:
celebrex; cephalexin: keflex; cetirizine: zyrtec; chlorpromazine: thorazine; ciprofloxacin: cipro; citalopram: celexa;
clarithromycin: biaxin; clindamycin: cleocin; clonazepam: klonopin; clonidine: catapres; clopidogrel: plavix;
clozapine: clozaril; conjugated estrogens: premarin; cyclobenzaprine: flexeril; cyclophosphamide: cytoxan;
cyclosporine: neoral, sandimmune; dabigatran: pradaxa; dapagliflozin: farxiga; darbepoetin: aranesp; darifenacin:
enablex; denosumab: prolia; desloratadine: clarinex; dexamethasone: decadron; dexmedetomidine: precedex; diazepam:
valium; diclofenac: voltaren; dicyclomine: bentyl; digoxin: lanoxin; diltiazem: cardizem, tiazac; diphenhydramine:
benadryl; dipyridamole: persantine; divalproex: depakote; docetaxel: taxotere; docusate: colace; donepezil: aricept;
doxazosin: cardura; doxorubicin: adriamycin; dronedarone: multaq; dulaglutide: trulicity; duloxetine: cymbalta;
empagliflozin: jardiance; enalapril: vasotec; enoxaparin: lovenox; ephedrine: akovaz; epinephrine: adrenalin;
eplerenone: inspra; epoetin: procrit, epogen; eptifibatide: integrilin; ertapenem: invanz; escitalopram: lexapro;
esmolol: brevibloc; esomeprazole: nexium; estradiol: estrace; eszopiclone: lunesta; etanercept: enbrel; etodolac:
lodine; ezetimibe-simvastatin: vytorin; ezetimibe: zetia; famotidine: pepcid; felodipine: plendil; fenofibrate:
tricor; fentanyl: sublimaze, duragesic; ferrous sulfate: iron sulfate; fexofenadine: allegra; filgrastim: neupogen;
finasteride: proscar; fish oil: omega 3; flecainide: tambocor; fluconazole: diflucan; fludrocortisone: florinef;
fluoxetine: prozac; fluticasone-salmeterol: advair, wixela, wixela inhub; fluticasone: flonase, flovent; folic acid:
folate; fondaparinux: arixtra; fosinopril: monopril; furosemide: lasix; gabapentin: neurontin; gemcitabine: gemzar;
gemfibrozil: lopid; glimepiride: amaryl; glipizide: glucotrol; glyburide: diabeta, micronase; glycopyrrolate: robinul;
guaifenesin: mucinex; haloperidol: haldol; hydralazine: apresoline; hydrochlorothiazide: hctz, microzide; hydrocodone:
vicodin, norco, lortab, lorcet; hydrocortisone: solu-cortef, solucortef; hydromorphone: dilaudid; hydroxychloroquine:
plaquenil; hydroxyzine: vistaril, atarax; ibandronate: boniva; ibuprofen: motrin, advil; imipenem: primaxin;
indomethacin: indocin; infliximab: remicade; insulin aspart: novolog, aspart; insulin detemir: levemir; insulin
glargine: lantus, basaglar, toujeo, glargine; insulin lispro: humalog, lispro; insulin nph: nph, nph insulin, humulin
n; insulin: regular insulin; ipratropium: atrovent; irbesartan: avapro; isosorbide: imdur, ismo, isordil; ketorolac:
toradol; labetalol: trandate; lacosamide: vimpat; lactated ringer's: lactated ringers, ringer's lactate, lr;
lamotrigine: lamictal; lansoprazole: prevacid; letrozole: femara; levetiracetam: keppra; levofloxacin: levaquin;
levothyroxine: synthroid, levoxyl; lidocaine: xylocaine, lignocaine; linezolid: zyvox; liraglutide: victoza;
lisdexamfetamine: vyvanse; lisinopril: zestril, prinivil; lithium: lithobid; loperamide: imodium; loratadine:
claritin; lorazepam: ativan; losartan-hydrochlorothiazide: hyzaar; losartan: cozaar; lovastatin: mevacor; magnesium
oxide: mag oxide; magnesium sulfate: mag sulfate, mgso4; meclizine: antivert; medroxyprogesterone: depo-provera,
provera; megestrol: megace; meloxicam: mobic; memantine: namenda; meperidine: demerol; meropenem: merrem; metaxalone:
skelaxin; metformin: glucophage; methimazole: tapazole; methocarbamol: robaxin; methylergonovine: methergine;
methylphenidate: ritalin, concerta; methylprednisolone: solu-medrol, depo-medrol, depomedrol, solumedrol, medrol;
metoclopramide: reglan; metolazone: zaroxolyn; metoprolol: lopressor, toprol, toprol-xl, metoprolol succinate,
metoprolol tartrate; metronidazole: flagyl; midazolam: versed; mirtazapine: remeron; modafinil: provigil; mometasone:
nasonex; montelukast: singulair; morphine: ms contin, morphine sulfate; moxifloxacin: avelox; mycophenolate: cellcept;
nabumetone: relafen; nadolol: corgard; naloxone: narcan; naproxen: naprosyn, aleve; niacin: niaspan; nifedipine:
procardia, adalat; nitrofurantoin: macrobid; nitroglycerin: ntg, nitro; nitroprusside: nipride; norepinephrine:
levophed, norepi, noradrenaline; normal saline: saline, ns, isotonic saline; nortriptyline: pamelor; olanzapine:
zyprexa; olmesartan: benicar; omeprazole: prilosec; ondansetron: zofran; oseltamivir: tamiflu; oxcarbazepine:
trileptal; oxybutynin: ditropan; oxycodone: oxycontin, percocet, roxicodone; oxymorphone: opana; oxytocin: pitocin;
paclitaxel: taxol; pantoprazole: protonix; paroxetine: paxil; pegfilgrastim: neulasta; pentoxifylline: trental;
phenylephrine: neo-synephrine, neosynephrine; phenytoin: dilantin, fosphenytoin; pioglitazone-metformin: actoplus;
pioglitazone: actos; piperacillin-tazobactam: zosyn; piroxicam: feldene; polyethylene glycol: miralax; potassium
chloride: k-dur, kdur, kcl, klor-con, k-dur, potassium, kcl elixir; pramipexole: mirapex; prasugrel: effient;
pravastatin: pravachol; prazosin: minipress; pregabalin: lyrica; procainamide: pronestyl; prochlorperazine: compazine;
promethazine: phenergan; propafenone: rythmol; propofol: diprivan; propranolol: inderal; pyridostigmine: mestinon;
quetiapine: seroquel; quinapril: accupril; rabeprazole: aciphex; raloxifene: evista; ramipril: altace; ranitidine:
zantac; ranolazine: ranexa; repaglinide: prandin; risedronate: actonel; risperidone: risperdal; rituximab: rituxan;
rivaroxaban: xarelto; rocuronium: zemuron; rofecoxib: vioxx; ropinirole: requip; rosiglitazone: avandia; rosuvastatin:
crestor; sacubitril-valsartan: entresto; semaglutide: ozempic; senna: senokot; sertraline: zoloft; sevelamer: renagel,
renvela; sildenafil: viagra, revatio; simvastatin: zocor; sitagliptin: januvia; sodium bicarbonate: bicarb,
bicarbonate; solifenacin: vesicare; sotalol: betapace; spironolactone: aldactone; sulfamethoxazole-trimethoprim:
bactrim, septra, tmp-smx; sumatriptan: imitrex; tacrolimus: prograf; tadalafil: cialis; tamsulosin: flomax;
telmisartan: micardis; temazepam: restoril; temozolomide: temodar; terazosin: hytrin; terbinafine: lamisil;
ticagrelor: brilinta; ticlopidine: ticlid; tiotropium: spiriva; tizanidine: zanaflex; tolterodine: detrol; topiramate:
topamax; torsemide: demadex; tramadol: ultram; trastuzumab: herceptin; trazodone: desyrel; triamcinolone: kenalog;
triamterene-hydrochlorothiazide: dyazide, maxzide; trihexyphenidyl: artane; valacyclovir: valtrex; valsartan: diovan;
vancomycin: vanco, vancocin; vardenafil: levitra; varenicline: chantix; venlafaxine: effexor; verapamil: calan;
vitamin a: retinol; vitamin b12: vit b12, cyanocobalamin; vitamin b6: vit b6; vitamin c: vit c, ascorbic acid; vitamin
d: vit d, vitamin d3, vitamin d2; vitamin e: vit e; vitamin k: vit k, phytonadione; warfarin: coumadin; ziprasidone:
geodon; zolpidem: ambien; zonisamide: zonegran
"""
_BARE = """
abciximab acamprosate acarbose acetazolamide acyclovir adenosine albumin amantadine amiloride aminophylline ampicillin
anastrozole apremilast aprepitant argatroban ascorbic asenapine atracurium atropine azathioprine aztreonam
beclomethasone betamethasone betaxolol bethanechol bevacizumab bisoprolol bivalirudin bleomycin brimonidine
bromocriptine budesonide buprenorphine busulfan cabergoline calcitonin calcitriol calcium candesartan capecitabine
carbimazole carboplatin caspofungin cefixime cefotaxime cefoxitin cefpodoxime cefprozil ceftazidime cefuroxime
chlorambucil chlordiazepoxide chlorhexidine chlorpromazine chlorthalidone cholecalciferol cholestyramine cilostazol
cimetidine cisplatin clobazam clomiphene codeine colchicine cortisone cromolyn cyclophosphamide cyclosporine
dactinomycin dalteparin danazol dantrolene dapagliflozin daptomycin darbepoetin darunavir dasatinib daunorubicin
denosumab desipramine desmopressin desvenlafaxine dexlansoprazole dexmedetomidine dextrose dicyclomine disulfiram
dobutamine docetaxel dofetilide dolutegravir domperidone dopamine doxepin doxorubicin doxycycline dronedarone
droperidol dulaglutide dutasteride efavirenz emtricitabine entacapone eplerenone eptifibatide ergocalciferol ertapenem
erythromycin esmolol estrogen etanercept ethambutol etodolac etomidate etoposide exenatide famciclovir febuxostat
felodipine fenoldopam flecainide fludrocortisone flumazenil fluorouracil fluphenazine flurbiprofen fondaparinux
foscarnet fosinopril galantamine ganciclovir gemcitabine gentamicin glucagon glucosamine glycopyrrolate granisetron
griseofulvin guanfacine heparin hydroxyurea ibandronate imatinib imipenem imipramine indapamide indomethacin
irinotecan isoniazid isotretinoin isradipine itraconazole ivermectin ketamine ketoconazole lacosamide lactulose
lamivudine leflunomide letrozole leucovorin levocetirizine linagliptin liraglutide lisdexamfetamine lurasidone
magnesium mannitol maraviroc mebendazole medroxyprogesterone megestrol melatonin melphalan mercaptopurine meropenem
mesalamine metaxalone methadone methimazole methocarbamol methotrexate methyldopa methyltestosterone micafungin
midodrine milrinone minoxidil mirabegron misoprostol modafinil moexipril morphine multivitamin mycophenolate
nabumetone nadolol nafcillin naltrexone nateglinide nebivolol nelfinavir nicotine neostigmine nevirapine nicardipine
nitroprusside nizatidine norethindrone nortriptyline nystatin octreotide oxaliplatin oxaprozin oxazepam oxymorphone
paclitaxel paliperidone pancuronium pembrolizumab pemetrexed penicillin pentoxifylline perindopril perphenazine
phenazopyridine phenobarbital phentermine pimozide pindolol piperacillin piroxicam pramipexole prasugrel praziquantel
prazosin prednisolone prednisone primidone probenecid procainamide prochlorperazine progesterone propafenone
propylthiouracil protamine pseudoephedrine pyrazinamide pyridostigmine pyridoxine quinapril quinidine raloxifene
raltegravir ramelteon ranolazine remifentanil repaglinide ribavirin rifampin rifaximin riluzole risedronate ritonavir
rituximab rizatriptan rocuronium ropinirole ropivacaine sacubitril salsalate saxagliptin scopolamine selegiline
semaglutide sevelamer solifenacin sorafenib sotalol streptokinase succinylcholine sufentanil sulfasalazine sulindac
tacrolimus tadalafil tamoxifen tapentadol telmisartan temozolomide tenecteplase tenofovir terbinafine terbutaline
testosterone thalidomide theophylline thiamine thioridazine thiothixene ticlopidine tigecycline timolol tinzaparin
tirofiban tobramycin tolterodine tolvaptan topotecan toradol trandolapril tranexamic trastuzumab triamterene triazolam
trihexyphenidyl trimethoprim trospium ursodiol valacyclovir valproate vardenafil varenicline vasopressin vecuronium
vilazodone vinblastine vincristine voriconazole zafirlukast zidovudine zinc ziprasidone zolmitriptan
"""


@cache
def drug_names() -> dict[str, str]:
    """Return the generic name of each name of a drug, both in lower case."""
    names = {name: name for name in _BARE.split()}
    for entry in " ".join(_NAMED.split()).split("; "):
        generic, _, others = entry.partition(": ")
        names |= dict.fromkeys((generic, *others.split(", ")), generic)
    return names
