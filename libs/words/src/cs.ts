import type { Words } from './words.js';

export const cs: Words = {
  // Without marks, as is usual in Czech SMS: most of its letters are not in the GSM 7-bit alphabet.
  sms: {
    code: [
      '{code} je vas kod pro {brand}. Lze ho pouzit jednou a plati {minutes} min. Nikdy ho nikomu nesdelujte.',
      '{code} je vas kod pro {brand}, plati {minutes} min. Nikomu ho nesdelujte.',
      '{code}: kod {brand}, {minutes} min. Nesdelujte ho.',
    ],
    transaction: [
      '{code} je vas kod pro {brand} k potvrzeni: {detail}. Plati {minutes} min. Nikomu ho nesdelujte.',
      '{code} potvrzuje: {detail}. {brand}, {minutes} min. Nesdelujte ho.',
      '{code} potvrzuje: {detail}. {brand}, {minutes} min.',
    ],
    actions: {
      add_device: [
        '{code} je vas kod pro {brand} k pridani zarizeni. Plati {minutes} min. Nikomu ho nesdelujte: kdo ho ma, muze se prihlasit za vas.',
        '{code} je vas kod pro {brand} k pridani zarizeni pro prihlaseni. Plati {minutes} min. Nikomu ho nesdelujte.',
        '{code} prida zarizeni v {brand}, {minutes} min.',
      ],
      remove_device: [
        '{code} je vas kod pro {brand} k odebrani zarizeni. Plati {minutes} min. Nikomu ho nesdelujte. Nebyli jste to vy? Zmente si heslo.',
        '{code} je vas kod pro {brand} k odebrani zarizeni. Plati {minutes} min. Nikomu ho nesdelujte.',
        '{code} odebere zarizeni v {brand}, {minutes} min.',
      ],
      change_phone: [
        '{code} je vas kod pro {brand} ke zmene telefonniho cisla. Plati {minutes} min. Nikomu ho nesdelujte: kdo ho ma, dostane vase kody.',
        '{code} je vas kod pro {brand} ke zmene telefonniho cisla. Plati {minutes} min. Nikomu ho nesdelujte.',
        '{code} zmeni vase cislo v {brand}, {minutes} min.',
      ],
      disable: [
        '{code} je vas kod pro {brand} k vypnuti dvoufazoveho overeni. Plati {minutes} min. Nikomu ho nesdelujte. Nebyli jste to vy? Zmente heslo.',
        '{code} je vas kod pro {brand} k vypnuti dvoufazoveho overeni. Plati {minutes} min. Nikomu ho nesdelujte.',
        '{code} vypne 2FA v {brand}, {minutes} min.',
      ],
      regenerate_recovery_codes: [
        '{code} je vas kod pro {brand} k novym zaloznim kodum. Plati {minutes} min. Nikomu ho nesdelujte: kdo ho ma, muze se prihlasit za vas.',
        '{code} je vas kod pro {brand} k vytvoreni novych zaloznich kodu. Plati {minutes} min. Nikomu ho nesdelujte.',
        '{code}: nove zalozni kody v {brand}, {minutes} min.',
      ],
      transaction: [
        '{code} je vas kod pro {brand} k potvrzeni toho, co chcete udelat. Plati {minutes} min. Nikomu ho nesdelujte. Nebyli jste to vy? Zmente heslo.',
        '{code} je vas kod pro {brand} k potvrzeni toho, co chcete udelat. Plati {minutes} min. Nikomu ho nesdelujte.',
        '{code} potvrdi akci v {brand}, {minutes} min.',
      ],
    },
    notices: {
      reset: '{brand}: spravce resetoval vase dvoufazove overeni. Necekali jste to? Ihned ho kontaktujte.',
      phone_changed: '{brand}: kody nyni chodi na jine cislo. Nebyli jste to vy? Ihned kontaktujte podporu.',
      phone_reused:
        '{brand}: kody na toto cislo nyni dostava i nekdo jiny z vasi firmy. Necekali jste to? Ihned kontaktujte podporu.',
    },
  },
  mail: {
    subject: 'Váš kód pro {brand}',
    code: {
      login: 'je váš kód pro přihlášení do {brand}.',
      add_device: 'je váš kód pro {brand} k přidání zařízení, kterým se budete přihlašovat.',
      remove_device: 'je váš kód pro {brand} k odebrání zařízení.',
      change_phone: 'je váš kód pro {brand} ke změně telefonního čísla.',
      disable: 'je váš kód pro {brand} k vypnutí dvoufázového ověření.',
      regenerate_recovery_codes: 'je váš kód pro {brand} k vytvoření nových záložních kódů.',
      transaction: 'je váš kód pro {brand} k potvrzení toho, co se chystáte udělat.',
      other: 'je váš kód pro {brand}.',
    },
    detail: 'Potvrzujete: {detail}',
    validity:
      'Kód lze použít jednou a platí {minutes} min. Nikomu ho nesdělujte: nikdo z {brand} se vás na něj nebude ptát.',
    notYou:
      'Pokud jste o tento kód nežádali, možná někdo zná vaše heslo. Změňte si ho a kód nikam nezadávejte ani nepředávejte dál.',
  },
  notices: {
    lockout: {
      subject: '{brand}: příliš mnoho chybných kódů',
      text: [
        'V {brand} bylo zadáno příliš mnoho chybných kódů pro: {device}.',
        'Tyto kódy nebudou přijímány do: {lockedUntil}. Potom bude vše samo opět fungovat; ostatní způsoby přihlášení fungují dál.',
        'Pokud jste to nebyli vy, možná někdo zná vaše heslo. Hned si ho změňte.',
      ],
    },
    account_pattern: {
      subject: '{brand}: chybné kódy ve firemním účtu',
      text: [
        'V krátké době byly v {brand} zadány chybné kódy pro několik uživatelů vašeho firemního účtu, nebo neobvykle často.',
        'Někdo se možná snaží uhodnout hesla a kódy. Tento e-mail je jen upozornění; nic se nezměnilo.',
        'Pokud jste sami chybné kódy nezadali, změňte si heslo a informujte svého správce.',
      ],
    },
    device_added: {
      subject: '{brand}: bylo přidáno zařízení',
      text: ['K vašemu účtu v {brand} bylo přidáno zařízení pro dvoufázové ověření: {device}.'],
    },
    device_removed: {
      subject: '{brand}: bylo odebráno zařízení',
      text: [
        'Z vašeho účtu v {brand} bylo odebráno zařízení pro dvoufázové ověření: {device}.',
        'Už se jím nelze přihlásit.',
      ],
    },
    phone_changed: {
      subject: '{brand}: vaše telefonní číslo bylo změněno',
      text: [
        'Telefonní číslo, na které chodí vaše kódy pro {brand}, bylo změněno, pro: {device}.',
        'Kódy nyní chodí na nové číslo.',
      ],
    },
    email_changed: {
      subject: '{brand}: vaše e-mailová adresa byla změněna',
      text: [
        'E-mailová adresa vašeho účtu v {brand} byla změněna.',
        'Příštích 72 hodin posíláme oznámení o vašem přihlašování také na starou adresu.',
      ],
    },
    two_factor_disabled: {
      subject: '{brand}: dvoufázové ověření je vypnuté',
      text: [
        'Pro váš účet v {brand} bylo vypnuto dvoufázové ověření.',
        'Od této chvíle stačí k přihlášení samotné heslo.',
      ],
    },
    reset: {
      subject: '{brand}: dvoufázové ověření bylo zrušeno správcem',
      text: [
        'Správce zrušil nastavení dvoufázového ověření vašeho účtu v {brand}.',
        'Vaše zařízení a záložní kódy už neplatí. Při příštím přihlášení si dvoufázové ověření nastavte znovu.',
      ],
    },
    more_activity: {
      subject: '{brand}: další aktivita kolem zabezpečení',
      text: [
        'Kolem dvoufázového ověření vašeho účtu v {brand} proběhlo více událostí, než o kolika posíláme jednotlivé e-maily.',
        'Co je nyní nastaveno, uvidíte v nastavení zabezpečení účtu.',
      ],
    },
    webhook_disabled: {
      subject: '{brand}: webhook byl vypnut',
      text: [
        'Webhook {webhookId}, který posílá události z {brand} na {host}, byl vypnut. Nic dalšího se na něj neposílá.',
        '{reason}',
        'Až bude příjemce znovu fungovat, nastavte stav webhooku na „enabled“ (PATCH /v1/webhooks/{webhookId}). Co zmeškal, najdete v auditním protokolu.',
      ],
    },
    recovery_code_used: {
      subject: '{brand}: byl použit záložní kód',
      text: [
        'V {brand} byl použit jeden z vašich záložních kódů. Znovu ho už použít nelze.',
        'Zbývající záložní kódy: {left}.',
      ],
    },
  },
  noticeParts: {
    webhookGone: 'Příjemce odpověděl 410 (Gone): další zprávy nechce.',
    webhookFailing: 'Příjemce pět dní nic nepřijal.',
    twoFactorOn: 'Dvoufázové ověření je nyní zapnuté: k přihlášení potřebujete kromě hesla i kód.',
    recoveryCodesLow: 'To není mnoho. Vytvořte si brzy nové záložní kódy a uložte je na bezpečné místo.',
    time: 'Čas: {time}',
    unexpected:
      'Pokud jste to nečekali, možná má k vašemu účtu přístup někdo jiný. Hned si změňte heslo a požádejte o pomoc.',
  },
  support: 'Máte dotaz? {supportContact}',
  methods: { totp: 'ověřovací aplikace', sms: 'SMS', email: 'e-mail', webauthn: 'přístupový klíč' },
  recoveryCodes: 'záložní kódy',
  unknownDevice: 'vaše dvoufázové ověření',
  unknownTime: 'o něco později',
  durations: 'short',
  refusals: {
    challenge_not_pending: 'Toto ověření už skončilo. Začněte znovu.',
    device_not_verified: 'Toto zařízení ještě nebylo potvrzeno kódem.',
    device_already_verified: 'Toto zařízení už bylo potvrzeno.',
    method_conflict:
      'Najednou lze používat jen jeden druh zařízení. Současné zařízení nahraďte, nebo ho nejprve odeberte.',
    recovery_codes_not_acknowledged: 'Nejprve potvrďte, že jste si uložili záložní kódy. Potom zadejte kód znovu.',
    last_device: 'Toto je vaše poslední zařízení. Nejprve přidejte další, nebo vypněte dvoufázové ověření.',
    two_factor_required: 'Vaše firma vyžaduje dvoufázové ověření. Nelze ho vypnout.',
    challenge_expired: 'Čas na toto ověření vypršel. Začněte znovu.',
    enrolment_expired: 'Čas na potvrzení tohoto zařízení vypršel. Přidejte zařízení znovu.',
    code_invalid: 'Tento kód není správný. Zkontrolujte ho a zkuste to znovu.',
    code_late:
      'Platnost tohoto kódu právě vypršela. Počkejte, až aplikace zobrazí nový. Pokud bude odmítnut i ten, zkontrolujte, zda se hodiny v telefonu nastavují automaticky.',
    code_already_used: 'Tento kód už byl použit. Počkejte, až aplikace zobrazí nový.',
    sent_code_already_used: 'Tento kód už byl použit. Vyžádejte si nový.',
    code_expired: 'Platnost tohoto kódu vypršela. Vyžádejte si nový.',
    recovery_code_invalid: 'Tento záložní kód není správný, nebo už byl použit.',
    phone_invalid:
      'Toto není telefonní číslo, na které lze poslat SMS. Napište ho s předvolbou země, například +420 601 123 456.',
    country_not_allowed: 'Na telefonní čísla z této země se kódy neposílají.',
    method_not_allowed: 'Tento způsob zde není k dispozici.',
    sms_blocked: 'SMS na toto číslo jsou zablokované. Použijte jiný způsob, nebo se obraťte na podporu.{support}',
    proof_required: 'Nejprve to prosím potvrďte kódem.',
    proof_invalid: 'Vaše potvrzení vypršelo nebo už bylo použito. Potvrďte to prosím znovu.',
    locked: 'Bylo zadáno příliš mnoho chybných kódů. Zkuste to znovu za {wait}.',
    passkey_copied: 'Tento přístupový klíč mohl být zkopírován. Použijte jiné zařízení a toto odeberte.{support}',
    passkey_registered: 'Tento přístupový klíč už je zaregistrován. Použijte jiný.',
    device_disabled:
      'Toto zařízení bylo po příliš mnoha chybných kódech deaktivováno. Použijte jiné zařízení nebo záložní kód a potom ho nastavte znovu.{support}',
    resend_too_soon: 'Kód byl odeslán před chvílí. O další můžete požádat za {wait}.',
    sms_quota_exceeded:
      'Dnešní limit SMS je vyčerpán. Přihlaste se pomocí ověřovací aplikace, nebo se obraťte na podporu.{support}',
    send_limit_reached: 'Pro toto ověření už nelze poslat další kódy. Začněte znovu.',
    email_limit_reached:
      'Dnešní limit kódů zasílaných e-mailem je vyčerpán. Použijte jiné zařízení nebo to zkuste zítra.',
    rate_limited: 'Příliš mnoho pokusů. Zkuste to znovu za {wait}.',
    unavailable: 'Právě teď to nefunguje. Zkuste to prosím za chvíli.',
    disabled_by_admin: 'Dvoufázové ověření může vypnout jen správce. Požádejte o pomoc svého správce.{support}',
    passkey_invalid: 'Váš přístupový klíč se nepodařilo ověřit. Zkuste to znovu, nebo použijte jiné zařízení.',
    not_alone: 'Tento druh zařízení nemůže být vaším jediným. Nejprve nastavte jiný druh.',
    device_not_allowed:
      'Toto zařízení už nelze použít. Použijte jiné zařízení nebo záložní kód. Pokud nemáte ani jedno, požádejte o pomoc svého správce.{support}',
    limited_device:
      'Toto zařízení je jen pro některé aplikace a tento krok jím potvrdit nelze. Použijte jiné zařízení.',
    service_user_interactive: 'Tento uživatel slouží jen pro API a nemůže se zde přihlásit.',
    two_factor_user:
      'Tento uživatel má zapnuté dvoufázové ověření a nelze ho použít pro API. Použijte uživatele, který slouží jen pro API.',
    required_by_policy: 'Vaše firma vyžaduje dvoufázové ověření. Nejprve si ho nastavte.',
    all_devices_disabled:
      'Všechna vaše zařízení byla po příliš mnoha chybných kódech deaktivována. Požádejte o pomoc svého správce.{support}',
    no_usable_device: 'Nemáte žádné zařízení, kterým by to šlo potvrdit. Požádejte o pomoc svého správce.{support}',
  },
  contact: 'Podpora: {supportContact}',
  advice: {
    passkey_only:
      'Přístupový klíč je vaše jediné zařízení a na jiném počítači být nemusí. Přidejte druhé zařízení, například ověřovací aplikaci.',
    recovery_codes_not_acknowledged:
      'Nepotvrdili jste, že jste si uložili záložní kódy. Bez nich se nepřihlásíte, pokud o své zařízení přijdete.',
    recovery_codes_low: 'Zbývá vám jen málo záložních kódů. Vytvořte si nové a uložte je na bezpečné místo.',
    recovery_codes_missing:
      'Nemáte žádné záložní kódy. Vytvořte si je a uložte na bezpečné místo: bez nich se nepřihlásíte, pokud o své zařízení přijdete.',
    sms_only: 'Kódy dostáváte jen přes SMS. Přidejte si ověřovací aplikaci: funguje i bez signálu a je bezpečnější.',
    clock_drift:
      'Hodiny ve vašem telefonu nejdou úplně přesně. Zapněte jejich automatické nastavení, jinak mohou být kódy odmítány.',
    short_seed:
      'Tajný klíč této ověřovací aplikace je kratší, než je dnes bezpečné. Nastavte si novou aplikaci a tuto pak odeberte.',
  },
};
