import type { Words } from './words.js';

export const da: Words = {
  sms: {
    code: [
      '{code} er din kode til {brand}. Den kan bruges én gang og gælder i {minutes} min. Del den aldrig med nogen.',
      '{code} er din kode til {brand}. Gælder i {minutes} min. Del den aldrig.',
      '{code}: {brand}-kode, {minutes} min. Del den ikke.',
    ],
    transaction: [
      '{code} er din kode til {brand} for at bekræfte: {detail}. Gælder i {minutes} min. Del den aldrig.',
      '{code} bekræfter: {detail}. {brand}, {minutes} min. Del den ikke.',
      '{code} bekræfter: {detail}. {brand}, {minutes} min.',
    ],
    actions: {
      add_device: [
        '{code} er din kode til {brand} for at tilføje en enhed. Gælder i {minutes} min. Del den aldrig: den, der har den, kan logge ind som dig.',
        '{code} er din kode til {brand} for at tilføje en enhed, som du logger ind med. Gælder i {minutes} min. Del den aldrig.',
        '{code} tilføjer en enhed hos {brand}, {minutes} min.',
      ],
      remove_device: [
        '{code} er din kode til {brand} for at fjerne en enhed. Gælder i {minutes} min. Del den aldrig. Var det ikke dig? Skift adgangskode.',
        '{code} er din kode til {brand} for at fjerne en enhed. Gælder i {minutes} min. Del den aldrig.',
        '{code} fjerner en enhed hos {brand}, {minutes} min.',
      ],
      change_phone: [
        '{code} er din kode til {brand} for at ændre dit telefonnummer. Gælder i {minutes} min. Del den aldrig: den, der har den, får dine koder.',
        '{code} er din kode til {brand} for at ændre dit telefonnummer. Gælder i {minutes} min. Del den aldrig.',
        '{code} ændrer dit nummer hos {brand}, {minutes} min.',
      ],
      disable: [
        '{code} er din kode til {brand} for at slå totrinsbekræftelse fra. Gælder i {minutes} min. Del den aldrig. Var det ikke dig? Skift adgangskode.',
        '{code} er din kode til {brand} for at slå totrinsbekræftelse fra. Gælder i {minutes} min. Del den aldrig.',
        '{code} slår 2FA fra hos {brand}, {minutes} min.',
      ],
      regenerate_recovery_codes: [
        '{code} er din kode til {brand} for at lave nye gendannelseskoder. Gælder i {minutes} min. Del den aldrig. Var det ikke dig? Skift adgangskode.',
        '{code} er din kode til {brand} for at lave nye gendannelseskoder. Gælder i {minutes} min. Del den aldrig.',
        '{code}: nye gendannelseskoder, {brand}, {minutes} min.',
      ],
      transaction: [
        '{code} er din kode til {brand} for at bekræfte det, du vil gøre. Gælder i {minutes} min. Del den aldrig. Var det ikke dig? Skift adgangskode.',
        '{code} er din kode til {brand} for at bekræfte det, du vil gøre. Gælder i {minutes} min. Del den aldrig.',
        '{code} bekræfter handling hos {brand}, {minutes} min.',
      ],
    },
    notices: {
      reset:
        '{brand}: en administrator har nulstillet din totrinsbekræftelse. Uventet? Kontakt administratoren straks.',
      phone_changed: '{brand}: dine koder sendes nu til et andet nummer. Var det ikke dig? Kontakt supporten straks.',
      phone_reused:
        '{brand}: en anden i din virksomhed modtager nu også koder på dette nummer. Uventet? Kontakt support med det samme.',
    },
  },
  mail: {
    subject: 'Din kode til {brand}',
    code: {
      login: 'er din kode til at logge ind på {brand}.',
      add_device: 'er din kode til {brand} for at tilføje en enhed, som du logger ind med.',
      remove_device: 'er din kode til {brand} for at fjerne en enhed.',
      change_phone: 'er din kode til {brand} for at ændre dit telefonnummer.',
      disable: 'er din kode til {brand} for at slå totrinsbekræftelse fra.',
      regenerate_recovery_codes: 'er din kode til {brand} for at lave nye gendannelseskoder.',
      transaction: 'er din kode til {brand} for at bekræfte det, du er ved at gøre.',
      other: 'er din kode til {brand}.',
    },
    detail: 'Du bekræfter: {detail}',
    validity:
      'Koden kan bruges én gang og gælder i {minutes} min. Del den aldrig: ingen fra {brand} vil bede dig om den.',
    notYou:
      'Hvis du ikke har bedt om denne kode, kender en anden måske din adgangskode. Skift den, og lad være med at indtaste koden eller give den videre.',
  },
  notices: {
    lockout: {
      subject: '{brand}: for mange forkerte koder',
      text: [
        'Der er indtastet for mange forkerte koder hos {brand} for: {device}.',
        'Indtil {lockedUntil} accepteres der ingen koder. Derefter virker det igen af sig selv. Dine andre måder at logge ind på virker stadig.',
        'Hvis det ikke var dig, kender en anden måske din adgangskode. Skift den nu.',
      ],
    },
    account_pattern: {
      subject: '{brand}: forkerte koder på jeres virksomhedskonto',
      text: [
        'På kort tid er der indtastet forkerte koder hos {brand} for flere brugere på jeres virksomhedskonto, eller usædvanligt mange gange.',
        'Nogen prøver måske at gætte adgangskoder og koder. Denne mail er kun en advarsel; intet er ændret.',
        'Hvis du ikke selv har indtastet forkerte koder, så skift din adgangskode, og sig det til din administrator.',
      ],
    },
    device_added: {
      subject: '{brand}: en enhed er tilføjet',
      text: ['En enhed til totrinsbekræftelse er tilføjet til din konto hos {brand}: {device}.'],
    },
    device_removed: {
      subject: '{brand}: en enhed er fjernet',
      text: [
        'En enhed til totrinsbekræftelse er fjernet fra din konto hos {brand}: {device}.',
        'Den kan ikke længere bruges til at logge ind.',
      ],
    },
    phone_changed: {
      subject: '{brand}: dit telefonnummer er ændret',
      text: [
        'Telefonnummeret, der modtager dine koder fra {brand}, er ændret, for: {device}.',
        'Koderne sendes nu til det nye nummer.',
      ],
    },
    email_changed: {
      subject: '{brand}: din e-mailadresse er ændret',
      text: [
        'E-mailadressen for din konto hos {brand} er ændret.',
        'De næste 72 timer sender vi også beskeder om dit login til den gamle adresse.',
      ],
    },
    two_factor_disabled: {
      subject: '{brand}: totrinsbekræftelse er slået fra',
      text: [
        'Totrinsbekræftelse er slået fra for din konto hos {brand}.',
        'Fra nu af er din adgangskode alene nok til at logge ind.',
      ],
    },
    reset: {
      subject: '{brand}: totrinsbekræftelse er nulstillet',
      text: [
        'En administrator har nulstillet totrinsbekræftelsen for din konto hos {brand}.',
        'Dine enheder og gendannelseskoder virker ikke længere. Sæt totrinsbekræftelse op igen, næste gang du logger ind.',
      ],
    },
    more_activity: {
      subject: '{brand}: mere aktivitet på din sikkerhed',
      text: [
        'Der har været mere aktivitet omkring totrinsbekræftelse for din konto hos {brand}, end vi sender enkelte mails om.',
        'Tjek kontoens sikkerhedsindstillinger for at se, hvad der er sat op nu.',
      ],
    },
    webhook_disabled: {
      subject: '{brand}: en webhook er slået fra',
      text: [
        'Webhooken {webhookId}, som sender hændelser fra {brand} til {host}, er slået fra. Der sendes ikke mere til den.',
        '{reason}',
        'Når modtageren virker igen, kan du sætte webhookens status til “enabled” (PATCH /v1/webhooks/{webhookId}). Det, den er gået glip af, står i revisionsloggen.',
      ],
    },
    recovery_code_used: {
      subject: '{brand}: en gendannelseskode er brugt',
      text: [
        'En af dine gendannelseskoder er brugt hos {brand}. Den virker ikke igen.',
        'Gendannelseskoder tilbage: {left}.',
      ],
    },
  },
  noticeParts: {
    webhookGone: 'Modtageren svarede 410 (Gone): Den vil ikke have flere beskeder.',
    webhookFailing: 'Modtageren har ikke taget imod noget i fem dage.',
    twoFactorOn: 'Totrinsbekræftelse er nu slået til: ud over din adgangskode skal du bruge en kode for at logge ind.',
    recoveryCodesLow: 'Det er ikke mange. Lav snart nye gendannelseskoder, og gem dem et sikkert sted.',
    time: 'Tidspunkt: {time}',
    unexpected:
      'Hvis du ikke forventede dette, har en anden måske adgang til din konto. Skift din adgangskode nu, og bed om hjælp.',
  },
  support: 'Spørgsmål? {supportContact}',
  methods: { totp: 'godkendelsesapp', sms: 'sms', email: 'e-mail', webauthn: 'adgangsnøgle' },
  recoveryCodes: 'gendannelseskoder',
  unknownDevice: 'din totrinsbekræftelse',
  unknownTime: 'lidt senere',
  durations: 'long',
  refusals: {
    challenge_not_pending: 'Denne kontrol er allerede afsluttet. Start forfra.',
    device_not_verified: 'Denne enhed er endnu ikke bekræftet med en kode.',
    device_already_verified: 'Denne enhed er allerede bekræftet.',
    method_conflict: 'Du kan kun bruge én slags enhed ad gangen. Erstat den nuværende, eller fjern den først.',
    recovery_codes_not_acknowledged:
      'Bekræft først, at du har gemt dine gendannelseskoder. Indtast derefter koden igen.',
    last_device: 'Det er din sidste enhed. Tilføj først en anden, eller slå totrinsbekræftelse fra.',
    two_factor_required: 'Din virksomhed kræver totrinsbekræftelse. Den kan ikke slås fra.',
    challenge_expired: 'Tiden til denne kontrol er udløbet. Start forfra.',
    enrolment_expired: 'Tiden til at bekræfte denne enhed er udløbet. Tilføj enheden igen.',
    code_invalid: 'Koden er forkert. Tjek den, og prøv igen.',
    code_late:
      'Koden er lige udløbet. Vent, til din app viser en ny. Hvis den også bliver afvist, så tjek, at uret på din telefon indstilles automatisk.',
    code_already_used: 'Koden er allerede brugt. Vent, til din app viser en ny.',
    sent_code_already_used: 'Koden er allerede brugt. Bed om en ny.',
    code_expired: 'Koden er udløbet. Bed om en ny.',
    recovery_code_invalid: 'Gendannelseskoden er forkert eller allerede brugt.',
    phone_invalid:
      'Det er ikke et telefonnummer, der kan modtage sms. Skriv det med landekode, for eksempel +45 32 12 34 56.',
    country_not_allowed: 'Der sendes ikke koder til telefonnumre i dette land.',
    method_not_allowed: 'Denne metode er ikke tilgængelig her.',
    sms_blocked: 'Sms til dette nummer er spærret. Brug en anden metode, eller kontakt support.{support}',
    proof_required: 'Bekræft det først med en kode.',
    proof_invalid: 'Din bekræftelse er udløbet eller allerede brugt. Bekræft igen.',
    locked: 'Der var for mange forkerte koder. Prøv igen om {wait}.',
    passkey_copied: 'Denne adgangsnøgle er muligvis kopieret. Brug en anden enhed, og fjern denne.{support}',
    passkey_registered: 'Denne adgangsnøgle er allerede registreret. Brug en anden.',
    device_disabled:
      'Denne enhed er deaktiveret efter for mange forkerte koder. Brug en anden enhed eller en gendannelseskode, og sæt den derefter op igen.{support}',
    resend_too_soon: 'Der er lige sendt en kode. Du kan bede om en ny om {wait}.',
    sms_quota_exceeded:
      'Grænsen for sms-beskeder i dag er nået. Brug en godkendelsesapp til at logge ind, eller kontakt support.{support}',
    send_limit_reached: 'Der kan ikke sendes flere koder til denne kontrol. Start forfra.',
    email_limit_reached: 'Grænsen for koder pr. e-mail i dag er nået. Brug en anden enhed, eller prøv igen i morgen.',
    rate_limited: 'For mange forsøg. Prøv igen om {wait}.',
    unavailable: 'Det virker ikke lige nu. Prøv igen om et øjeblik.',
    disabled_by_admin: 'Kun en administrator kan slå totrinsbekræftelse fra. Bed din administrator om hjælp.{support}',
    passkey_invalid: 'Din adgangsnøgle kunne ikke kontrolleres. Prøv igen, eller brug en anden enhed.',
    not_alone: 'Denne slags enhed kan ikke være din eneste. Sæt først en anden slags op.',
    device_not_allowed:
      'Denne enhed accepteres ikke længere. Brug en anden enhed eller en gendannelseskode. Har du ingen af delene, så bed din administrator om hjælp.{support}',
    limited_device: 'Denne enhed gælder kun for bestemte tjenester og kan ikke bekræfte dette. Brug en anden enhed.',
    service_user_interactive: 'Denne bruger er kun til API’et og kan ikke logge ind her.',
    two_factor_user:
      'Denne bruger har slået totrinsbekræftelse til og kan ikke bruges til API’et. Brug en bruger, der kun er til API’et.',
    required_by_policy: 'Din virksomhed kræver totrinsbekræftelse. Sæt den op først.',
    all_devices_disabled:
      'Alle dine enheder er deaktiveret efter for mange forkerte koder. Bed din administrator om hjælp.{support}',
    no_usable_device: 'Du har ingen enhed, der kan bekræfte dette. Bed din administrator om hjælp.{support}',
  },
  contact: 'Support: {supportContact}',
  advice: {
    passkey_only:
      'En adgangsnøgle er din eneste enhed, og en anden computer har den måske ikke. Tilføj en enhed mere, for eksempel en godkendelsesapp.',
    recovery_codes_not_acknowledged:
      'Du har ikke bekræftet, at du har gemt dine gendannelseskoder. Uden dem kan du ikke logge ind, hvis du mister din enhed.',
    recovery_codes_low: 'Du har kun få gendannelseskoder tilbage. Lav nye, og gem dem et sikkert sted.',
    recovery_codes_missing:
      'Du har ingen gendannelseskoder. Lav nogle, og gem dem et sikkert sted: uden dem kan du ikke logge ind, hvis du mister din enhed.',
    sms_only: 'Du får kun dine koder på sms. Tilføj en godkendelsesapp: den virker uden dækning og er mere sikker.',
    clock_drift:
      'Uret på din telefon går ikke helt rigtigt. Lad telefonen indstille det automatisk, ellers kan koder blive afvist.',
    short_seed:
      'Den hemmelige nøgle i denne godkendelsesapp er kortere, end hvad der er sikkert i dag. Opsæt en ny app, og fjern derefter denne.',
  },
};
