import type { Words } from './words.js';

export const sk: Words = {
  // Without marks, as is usual in Slovak SMS: most of its letters are not in the GSM 7-bit alphabet.
  sms: {
    code: [
      '{code} je vas kod pre {brand}. Mozno ho pouzit raz a plati {minutes} min. Nikdy ho nikomu neprezradte.',
      '{code} je vas kod pre {brand}, plati {minutes} min. Nikomu ho neprezradte.',
      '{code}: kod {brand}, {minutes} min. Neprezradte ho.',
    ],
    transaction: [
      '{code} je vas kod pre {brand} na potvrdenie: {detail}. Plati {minutes} min. Nikomu ho neprezradte.',
      '{code} potvrdzuje: {detail}. {brand}, {minutes} min. Neprezradte ho.',
      '{code} potvrdzuje: {detail}. {brand}, {minutes} min.',
    ],
    actions: {
      add_device: [
        '{code} je vas kod pre {brand} na pridanie zariadenia. Plati {minutes} min. Nikomu ho neprezradte: kto ho ma, moze sa prihlasit za vas.',
        '{code} je vas kod pre {brand} na pridanie zariadenia na prihlasenie. Plati {minutes} min. Nikomu ho neprezradte.',
        '{code} prida zariadenie v {brand}, {minutes} min.',
      ],
      remove_device: [
        '{code} je vas kod pre {brand} na odobratie zariadenia. Plati {minutes} min. Nikomu ho neprezradte. Neboli ste to vy? Zmente si heslo.',
        '{code} je vas kod pre {brand} na odobratie zariadenia. Plati {minutes} min. Nikomu ho neprezradte.',
        '{code} odoberie zariadenie v {brand}, {minutes} min.',
      ],
      change_phone: [
        '{code} je vas kod pre {brand} na zmenu telefonneho cisla. Plati {minutes} min. Nikomu ho neprezradte: kto ho ma, dostane vase kody.',
        '{code} je vas kod pre {brand} na zmenu telefonneho cisla. Plati {minutes} min. Nikomu ho neprezradte.',
        '{code} zmeni vase cislo v {brand}, {minutes} min.',
      ],
      disable: [
        '{code} je kod pre {brand} na vypnutie dvojstupnoveho overenia. Plati {minutes} min. Nikomu ho neprezradte. Neboli ste to vy? Zmente si heslo.',
        '{code} je kod pre {brand} na vypnutie dvojstupnoveho overenia. Plati {minutes} min. Nikomu ho neprezradte.',
        '{code} vypne 2FA v {brand}, {minutes} min.',
      ],
      regenerate_recovery_codes: [
        '{code} je vas kod pre {brand} na nove zalozne kody. Plati {minutes} min. Nikomu ho neprezradte: kto ho ma, moze sa prihlasit za vas.',
        '{code} je vas kod pre {brand} na vytvorenie novych zaloznych kodov. Plati {minutes} min. Nikomu ho neprezradte.',
        '{code}: nove zalozne kody v {brand}, {minutes} min.',
      ],
      transaction: [
        '{code} je kod pre {brand} na potvrdenie toho, co chcete urobit. Plati {minutes} min. Nikomu ho neprezradte. Neboli ste to vy? Zmente si heslo.',
        '{code} je kod pre {brand} na potvrdenie toho, co chcete urobit. Plati {minutes} min. Nikomu ho neprezradte.',
        '{code} potvrdi akciu v {brand}, {minutes} min.',
      ],
    },
    notices: {
      reset: '{brand}: spravca resetoval vase dvojstupnove overenie. Necakali ste to? Ihned ho kontaktujte.',
      phone_changed: '{brand}: kody teraz chodia na ine cislo. Neboli ste to vy? Ihned kontaktujte podporu.',
      phone_reused:
        '{brand}: kody na toto cislo teraz dostava aj niekto iny z vasej firmy. Necakali ste to? Ihned kontaktujte podporu.',
    },
  },
  mail: {
    subject: 'Váš kód pre {brand}',
    code: {
      login: 'je váš kód na prihlásenie do {brand}.',
      add_device: 'je váš kód pre {brand} na pridanie zariadenia, ktorým sa budete prihlasovať.',
      remove_device: 'je váš kód pre {brand} na odobratie zariadenia.',
      change_phone: 'je váš kód pre {brand} na zmenu telefónneho čísla.',
      disable: 'je váš kód pre {brand} na vypnutie dvojstupňového overenia.',
      regenerate_recovery_codes: 'je váš kód pre {brand} na vytvorenie nových záložných kódov.',
      transaction: 'je váš kód pre {brand} na potvrdenie toho, čo sa chystáte urobiť.',
      other: 'je váš kód pre {brand}.',
    },
    detail: 'Potvrdzujete: {detail}',
    validity:
      'Kód možno použiť raz a platí {minutes} min. Nikomu ho neprezraďte: nikto z {brand} ho od vás nebude žiadať.',
    notYou:
      'Ak ste o tento kód nežiadali, niekto možno pozná vaše heslo. Zmeňte si ho a kód nikam nezadávajte ani neposúvajte ďalej.',
  },
  notices: {
    lockout: {
      subject: '{brand}: príliš veľa nesprávnych kódov',
      text: [
        'V {brand} bolo zadaných príliš veľa nesprávnych kódov pre: {device}.',
        'Tieto kódy nebudú prijímané do: {lockedUntil}. Potom bude všetko samo opäť fungovať; ostatné spôsoby prihlásenia fungujú ďalej.',
        'Ak ste to neboli vy, niekto možno pozná vaše heslo. Hneď si ho zmeňte.',
      ],
    },
    account_pattern: {
      subject: '{brand}: nesprávne kódy vo firemnom účte',
      text: [
        'V krátkom čase boli v {brand} zadané nesprávne kódy pre viacerých používateľov vášho firemného účtu, alebo nezvyčajne často.',
        'Niekto sa možno snaží uhádnuť heslá a kódy. Tento e-mail je len upozornenie; nič sa nezmenilo.',
        'Ak ste sami nesprávne kódy nezadali, zmeňte si heslo a informujte svojho správcu.',
      ],
    },
    device_added: {
      subject: '{brand}: bolo pridané zariadenie',
      text: ['K vášmu účtu v {brand} bolo pridané zariadenie na dvojstupňové overenie: {device}.'],
    },
    device_removed: {
      subject: '{brand}: bolo odobraté zariadenie',
      text: [
        'Z vášho účtu v {brand} bolo odobraté zariadenie na dvojstupňové overenie: {device}.',
        'Už sa ním nedá prihlásiť.',
      ],
    },
    phone_changed: {
      subject: '{brand}: vaše telefónne číslo bolo zmenené',
      text: [
        'Telefónne číslo, na ktoré chodia vaše kódy pre {brand}, bolo zmenené, pre: {device}.',
        'Kódy teraz chodia na nové číslo.',
      ],
    },
    email_changed: {
      subject: '{brand}: vaša e-mailová adresa bola zmenená',
      text: [
        'E-mailová adresa vášho účtu v {brand} bola zmenená.',
        'Najbližších 72 hodín posielame oznámenia o vašom prihlasovaní aj na starú adresu.',
      ],
    },
    two_factor_disabled: {
      subject: '{brand}: dvojstupňové overenie je vypnuté',
      text: [
        'Pre váš účet v {brand} bolo vypnuté dvojstupňové overenie.',
        'Odteraz na prihlásenie stačí samotné heslo.',
      ],
    },
    reset: {
      subject: '{brand}: dvojstupňové overenie zrušil správca',
      text: [
        'Správca zrušil nastavenie dvojstupňového overenia vášho účtu v {brand}.',
        'Vaše zariadenia a záložné kódy už neplatia. Pri najbližšom prihlásení si dvojstupňové overenie nastavte znova.',
      ],
    },
    more_activity: {
      subject: '{brand}: ďalšia aktivita okolo zabezpečenia',
      text: [
        'Okolo dvojstupňového overenia vášho účtu v {brand} prebehlo viac udalostí, než o koľkých posielame jednotlivé e-maily.',
        'Čo je teraz nastavené, uvidíte v nastaveniach zabezpečenia účtu.',
      ],
    },
    webhook_disabled: {
      subject: '{brand}: webhook bol vypnutý',
      text: [
        'Webhook {webhookId}, ktorý posiela udalosti z {brand} na {host}, bol vypnutý. Nič ďalšie sa naň neposiela.',
        '{reason}',
        'Keď bude príjemca znova fungovať, nastavte stav webhooku na „enabled“ (PATCH /v1/webhooks/{webhookId}). Čo zmeškal, nájdete v audítorskom zázname.',
      ],
    },
    recovery_code_used: {
      subject: '{brand}: bol použitý záložný kód',
      text: [
        'V {brand} bol použitý jeden z vašich záložných kódov. Znova ho už použiť nemožno.',
        'Zostávajúce záložné kódy: {left}.',
      ],
    },
  },
  noticeParts: {
    webhookGone: 'Príjemca odpovedal 410 (Gone): ďalšie správy nechce.',
    webhookFailing: 'Príjemca päť dní nič neprijal.',
    twoFactorOn: 'Dvojstupňové overenie je teraz zapnuté: na prihlásenie potrebujete okrem hesla aj kód.',
    recoveryCodesLow: 'To nie je veľa. Vytvorte si čoskoro nové záložné kódy a uložte ich na bezpečné miesto.',
    time: 'Čas: {time}',
    unexpected:
      'Ak ste to nečakali, možno má k vášmu účtu prístup niekto iný. Hneď si zmeňte heslo a požiadajte o pomoc.',
  },
  support: 'Máte otázku? {supportContact}',
  methods: { totp: 'overovacia aplikácia', sms: 'SMS', email: 'e-mail', webauthn: 'prístupový kľúč' },
  recoveryCodes: 'záložné kódy',
  unknownDevice: 'vaše dvojstupňové overenie',
  unknownTime: 'o niečo neskôr',
  durations: 'short',
  refusals: {
    challenge_not_pending: 'Toto overenie sa už skončilo. Začnite znova.',
    device_not_verified: 'Toto zariadenie ešte nebolo potvrdené kódom.',
    device_already_verified: 'Toto zariadenie už bolo potvrdené.',
    method_conflict:
      'Naraz možno používať len jeden druh zariadenia. Súčasné zariadenie nahraďte, alebo ho najprv odoberte.',
    recovery_codes_not_acknowledged: 'Najprv potvrďte, že ste si uložili záložné kódy. Potom zadajte kód znova.',
    last_device: 'Toto je vaše posledné zariadenie. Najprv pridajte ďalšie, alebo vypnite dvojstupňové overenie.',
    two_factor_required: 'Vaša firma vyžaduje dvojstupňové overenie. Nedá sa vypnúť.',
    challenge_expired: 'Čas na toto overenie uplynul. Začnite znova.',
    enrolment_expired: 'Čas na potvrdenie tohto zariadenia uplynul. Pridajte zariadenie znova.',
    code_invalid: 'Tento kód nie je správny. Skontrolujte ho a skúste to znova.',
    code_late:
      'Platnosť tohto kódu práve uplynula. Počkajte, kým aplikácia zobrazí nový. Ak bude odmietnutý aj ten, skontrolujte, či sa hodiny v telefóne nastavujú automaticky.',
    code_already_used: 'Tento kód už bol použitý. Počkajte, kým aplikácia zobrazí nový.',
    sent_code_already_used: 'Tento kód už bol použitý. Vyžiadajte si nový.',
    code_expired: 'Platnosť tohto kódu uplynula. Vyžiadajte si nový.',
    recovery_code_invalid: 'Tento záložný kód nie je správny, alebo už bol použitý.',
    phone_invalid:
      'Toto nie je telefónne číslo, na ktoré možno poslať SMS. Napíšte ho s predvoľbou krajiny, napríklad +421 901 123 456.',
    country_not_allowed: 'Na telefónne čísla z tejto krajiny sa kódy neposielajú.',
    method_not_allowed: 'Tento spôsob tu nie je k dispozícii.',
    sms_blocked: 'SMS na toto číslo sú zablokované. Použite iný spôsob, alebo sa obráťte na podporu.{support}',
    proof_required: 'Najprv to, prosím, potvrďte kódom.',
    proof_invalid: 'Vaše potvrdenie vypršalo alebo už bolo použité. Potvrďte to, prosím, znova.',
    locked: 'Bolo zadaných príliš veľa nesprávnych kódov. Skúste to znova o {wait}.',
    passkey_copied: 'Tento prístupový kľúč mohol byť skopírovaný. Použite iné zariadenie a toto odoberte.{support}',
    passkey_registered: 'Tento prístupový kľúč je už zaregistrovaný. Použite iný.',
    device_disabled:
      'Toto zariadenie bolo po príliš mnohých nesprávnych kódoch deaktivované. Použite iné zariadenie alebo záložný kód a potom ho nastavte znova.{support}',
    resend_too_soon: 'Kód bol odoslaný pred chvíľou. O ďalší môžete požiadať o {wait}.',
    sms_quota_exceeded:
      'Dnešný limit SMS je vyčerpaný. Prihláste sa pomocou overovacej aplikácie, alebo sa obráťte na podporu.{support}',
    send_limit_reached: 'Pre toto overenie už nemožno poslať ďalšie kódy. Začnite znova.',
    email_limit_reached:
      'Dnešný limit kódov zasielaných e-mailom je vyčerpaný. Použite iné zariadenie alebo to skúste zajtra.',
    rate_limited: 'Príliš veľa pokusov. Skúste to znova o {wait}.',
    unavailable: 'Práve teraz to nefunguje. Skúste to, prosím, o chvíľu.',
    disabled_by_admin: 'Dvojstupňové overenie môže vypnúť len správca. Požiadajte o pomoc svojho správcu.{support}',
    passkey_invalid: 'Váš prístupový kľúč sa nepodarilo overiť. Skúste to znova, alebo použite iné zariadenie.',
    not_alone: 'Tento druh zariadenia nemôže byť vaším jediným. Najprv nastavte iný druh.',
    device_not_allowed:
      'Toto zariadenie sa už nedá použiť. Použite iné zariadenie alebo záložný kód. Ak nemáte ani jedno, požiadajte o pomoc svojho správcu.{support}',
    limited_device:
      'Toto zariadenie je len pre niektoré aplikácie a tento krok ním nemožno potvrdiť. Použite iné zariadenie.',
    service_user_interactive: 'Tento používateľ slúži len pre API a nemôže sa tu prihlásiť.',
    two_factor_user:
      'Tento používateľ má zapnuté dvojstupňové overenie a nemožno ho použiť pre API. Použite používateľa, ktorý slúži len pre API.',
    required_by_policy: 'Vaša firma vyžaduje dvojstupňové overenie. Najprv si ho nastavte.',
    all_devices_disabled:
      'Všetky vaše zariadenia boli po príliš mnohých nesprávnych kódoch deaktivované. Požiadajte o pomoc svojho správcu.{support}',
    no_usable_device:
      'Nemáte žiadne zariadenie, ktorým by sa to dalo potvrdiť. Požiadajte o pomoc svojho správcu.{support}',
  },
  contact: 'Podpora: {supportContact}',
  advice: {
    passkey_only:
      'Prístupový kľúč je vaše jediné zariadenie a na inom počítači byť nemusí. Pridajte druhé zariadenie, napríklad overovaciu aplikáciu.',
    recovery_codes_not_acknowledged:
      'Nepotvrdili ste, že ste si uložili záložné kódy. Bez nich sa neprihlásite, ak o svoje zariadenie prídete.',
    recovery_codes_low: 'Zostáva vám len málo záložných kódov. Vytvorte si nové a uložte ich na bezpečné miesto.',
    recovery_codes_missing:
      'Nemáte žiadne záložné kódy. Vytvorte si ich a uložte na bezpečné miesto: bez nich sa neprihlásite, ak o svoje zariadenie prídete.',
    sms_only: 'Kódy dostávate len cez SMS. Pridajte si overovaciu aplikáciu: funguje aj bez signálu a je bezpečnejšia.',
    clock_drift:
      'Hodiny vo vašom telefóne nejdú úplne presne. Zapnite ich automatické nastavenie, inak môžu byť kódy odmietané.',
    short_seed:
      'Tajný kľúč tejto overovacej aplikácie je kratší, než je dnes bezpečné. Nastavte si novú aplikáciu a túto potom odoberte.',
  },
};
