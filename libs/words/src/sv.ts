import type { Words } from './words.js';

export const sv: Words = {
  sms: {
    code: [
      '{code} är din kod för {brand}. Den fungerar en gång och gäller i {minutes} min. Dela den aldrig med någon.',
      '{code} är din kod för {brand}. Gäller i {minutes} min. Dela den aldrig.',
      '{code}: {brand}-kod, {minutes} min. Dela den inte.',
    ],
    transaction: [
      '{code} är din kod för {brand} för att bekräfta: {detail}. Gäller i {minutes} min. Dela den aldrig.',
      '{code} bekräftar: {detail}. {brand}, {minutes} min. Dela den inte.',
      '{code} bekräftar: {detail}. {brand}, {minutes} min.',
    ],
    actions: {
      add_device: [
        '{code} är din kod för {brand} för att lägga till en enhet. Gäller i {minutes} min. Dela den aldrig: den som har den kan logga in som du.',
        '{code} är din kod för {brand} för att lägga till en enhet som du loggar in med. Gäller i {minutes} min. Dela den aldrig.',
        '{code} lägger till enhet hos {brand}, {minutes} min.',
      ],
      remove_device: [
        '{code} är din kod för {brand} för att ta bort en enhet. Gäller i {minutes} min. Dela den aldrig. Var det inte du? Byt lösenord.',
        '{code} är din kod för {brand} för att ta bort en enhet. Gäller i {minutes} min. Dela den aldrig.',
        '{code} tar bort en enhet hos {brand}, {minutes} min.',
      ],
      change_phone: [
        '{code} är din kod för {brand} för att ändra ditt telefonnummer. Gäller i {minutes} min. Dela den aldrig: den som har den får dina koder.',
        '{code} är din kod för {brand} för att ändra ditt telefonnummer. Gäller i {minutes} min. Dela den aldrig.',
        '{code} ändrar ditt nummer hos {brand}, {minutes} min.',
      ],
      disable: [
        '{code} är din kod för {brand} för att stänga av tvåstegsverifiering. Gäller i {minutes} min. Dela den aldrig. Var det inte du? Byt lösenord.',
        '{code} är din kod för {brand} för att stänga av tvåstegsverifiering. Gäller i {minutes} min. Dela den aldrig.',
        '{code} stänger av 2FA hos {brand}, {minutes} min.',
      ],
      regenerate_recovery_codes: [
        '{code} är din kod för {brand} för att skapa nya återställningskoder. Gäller i {minutes} min. Dela den aldrig. Var det inte du? Byt lösenord.',
        '{code} är din kod för {brand} för att skapa nya återställningskoder. Gäller i {minutes} min. Dela den aldrig.',
        '{code}: nya återställningskoder {brand}, {minutes} min',
      ],
      transaction: [
        '{code} är din kod för {brand} för att bekräfta det du ska göra. Gäller i {minutes} min. Dela den aldrig. Var det inte du? Byt lösenord.',
        '{code} är din kod för {brand} för att bekräfta det du ska göra. Gäller i {minutes} min. Dela den aldrig.',
        '{code} bekräftar åtgärd hos {brand}, {minutes} min.',
      ],
    },
    notices: {
      reset:
        '{brand}: en administratör har återställt din tvåstegsverifiering. Oväntat? Kontakta administratören genast.',
      phone_changed:
        '{brand}: dina koder skickas nu till ett annat nummer. Var det inte du? Kontakta supporten genast.',
      phone_reused:
        '{brand}: någon annan i ditt företag får nu också koder till det här numret. Oväntat? Kontakta supporten genast.',
    },
  },
  mail: {
    subject: 'Din kod för {brand}',
    code: {
      login: 'är din kod för att logga in på {brand}.',
      add_device: 'är din kod för {brand} för att lägga till en enhet som du loggar in med.',
      remove_device: 'är din kod för {brand} för att ta bort en enhet.',
      change_phone: 'är din kod för {brand} för att ändra ditt telefonnummer.',
      disable: 'är din kod för {brand} för att stänga av tvåstegsverifiering.',
      regenerate_recovery_codes: 'är din kod för {brand} för att skapa nya återställningskoder.',
      transaction: 'är din kod för {brand} för att bekräfta det du är på väg att göra.',
      other: 'är din kod för {brand}.',
    },
    detail: 'Du bekräftar: {detail}',
    validity:
      'Koden fungerar en gång och gäller i {minutes} min. Dela den aldrig: ingen från {brand} kommer att be dig om den.',
    notYou:
      'Om du inte har bett om den här koden kan någon annan känna till ditt lösenord. Byt det. Ange inte koden och lämna den inte vidare.',
  },
  notices: {
    lockout: {
      subject: '{brand}: för många felaktiga koder',
      text: [
        'För många felaktiga koder har angetts hos {brand} för: {device}.',
        'Fram till {lockedUntil} godtas inga koder. Därefter fungerar det igen av sig självt. Dina andra sätt att logga in fungerar som vanligt.',
        'Om det inte var du kan någon annan känna till ditt lösenord. Byt det nu.',
      ],
    },
    account_pattern: {
      subject: '{brand}: felaktiga koder på ert företagskonto',
      text: [
        'Under kort tid har felaktiga koder angetts hos {brand} för flera användare på ert företagskonto, eller ovanligt många gånger.',
        'Någon kanske försöker gissa lösenord och koder. Det här meddelandet är bara en varning; ingenting har ändrats.',
        'Om du inte själv har angett felaktiga koder, byt ditt lösenord och meddela din administratör.',
      ],
    },
    device_added: {
      subject: '{brand}: en enhet har lagts till',
      text: ['En enhet för tvåstegsverifiering har lagts till i ditt konto hos {brand}: {device}.'],
    },
    device_removed: {
      subject: '{brand}: en enhet har tagits bort',
      text: [
        'En enhet för tvåstegsverifiering har tagits bort från ditt konto hos {brand}: {device}.',
        'Den kan inte längre användas för att logga in.',
      ],
    },
    phone_changed: {
      subject: '{brand}: ditt telefonnummer har ändrats',
      text: [
        'Telefonnumret som tar emot dina koder från {brand} har ändrats, för: {device}.',
        'Koderna skickas nu till det nya numret.',
      ],
    },
    email_changed: {
      subject: '{brand}: din e-postadress har ändrats',
      text: [
        'E-postadressen för ditt konto hos {brand} har ändrats.',
        'Under de närmaste 72 timmarna skickar vi meddelanden om din inloggning även till den gamla adressen.',
      ],
    },
    two_factor_disabled: {
      subject: '{brand}: tvåstegsverifiering är avstängd',
      text: [
        'Tvåstegsverifiering har stängts av för ditt konto hos {brand}.',
        'Från och med nu räcker det med ditt lösenord för att logga in.',
      ],
    },
    reset: {
      subject: '{brand}: tvåstegsverifiering har återställts',
      text: [
        'En administratör har återställt tvåstegsverifieringen för ditt konto hos {brand}.',
        'Dina enheter och återställningskoder fungerar inte längre. Ställ in tvåstegsverifiering igen nästa gång du loggar in.',
      ],
    },
    more_activity: {
      subject: '{brand}: mer aktivitet kring din säkerhet',
      text: [
        'Det har varit mer aktivitet kring tvåstegsverifiering för ditt konto hos {brand} än vi skickar enskilda mejl om.',
        'Kontrollera säkerhetsinställningarna för ditt konto för att se vad som gäller nu.',
      ],
    },
    webhook_disabled: {
      subject: '{brand}: en webhook har stängts av',
      text: [
        'Webhooken {webhookId}, som skickar händelser från {brand} till {host}, har stängts av. Inget mer skickas till den.',
        '{reason}',
        'När mottagaren fungerar igen kan du sätta webhookens status till ”enabled” (PATCH /v1/webhooks/{webhookId}). Det som den har missat finns i granskningsloggen.',
      ],
    },
    recovery_code_used: {
      subject: '{brand}: en återställningskod har använts',
      text: [
        'En av dina återställningskoder har använts hos {brand}. Den fungerar inte igen.',
        'Återställningskoder kvar: {left}.',
      ],
    },
  },
  noticeParts: {
    webhookGone: 'Mottagaren svarade 410 (Gone): den vill inte ha fler meddelanden.',
    webhookFailing: 'Mottagaren har inte tagit emot något på fem dagar.',
    twoFactorOn: 'Tvåstegsverifiering är nu på: utöver lösenordet behöver du en kod för att logga in.',
    recoveryCodesLow: 'Det är inte många. Skapa snart nya återställningskoder och förvara dem på ett säkert ställe.',
    time: 'Tidpunkt: {time}',
    unexpected:
      'Om du inte väntade dig detta kan någon annan ha tillgång till ditt konto. Byt ditt lösenord nu och be om hjälp.',
  },
  support: 'Frågor? {supportContact}',
  methods: { totp: 'autentiseringsapp', sms: 'sms', email: 'e-post', webauthn: 'passkey' },
  recoveryCodes: 'återställningskoder',
  unknownDevice: 'din tvåstegsverifiering',
  unknownTime: 'lite senare',
  durations: 'long',
  refusals: {
    challenge_not_pending: 'Den här kontrollen är redan avslutad. Börja om.',
    device_not_verified: 'Den här enheten har inte bekräftats med en kod än.',
    device_already_verified: 'Den här enheten är redan bekräftad.',
    method_conflict: 'Du kan bara använda en sorts enhet åt gången. Ersätt den nuvarande, eller ta bort den först.',
    recovery_codes_not_acknowledged:
      'Bekräfta först att du har sparat dina återställningskoder. Ange sedan koden igen.',
    last_device: 'Det här är din sista enhet. Lägg först till en annan, eller stäng av tvåstegsverifiering.',
    two_factor_required: 'Ditt företag kräver tvåstegsverifiering. Den kan inte stängas av.',
    challenge_expired: 'Tiden för den här kontrollen är slut. Börja om.',
    enrolment_expired: 'Tiden för att bekräfta den här enheten är slut. Lägg till enheten igen.',
    code_invalid: 'Koden är felaktig. Kontrollera den och försök igen.',
    code_late:
      'Koden har precis gått ut. Vänta tills din app visar en ny. Om även den avvisas, kontrollera att klockan i telefonen ställs in automatiskt.',
    code_already_used: 'Koden har redan använts. Vänta tills din app visar en ny.',
    sent_code_already_used: 'Koden har redan använts. Be om en ny.',
    code_expired: 'Koden har gått ut. Be om en ny.',
    recovery_code_invalid: 'Återställningskoden är felaktig eller har redan använts.',
    phone_invalid:
      'Det här är inte ett telefonnummer som kan ta emot sms. Skriv det med landskod, till exempel +46 70 123 45 67.',
    country_not_allowed: 'Koder skickas inte till telefonnummer i det här landet.',
    method_not_allowed: 'Den här metoden är inte tillgänglig här.',
    sms_blocked: 'Sms till det här numret är spärrade. Använd en annan metod, eller kontakta supporten.{support}',
    proof_required: 'Bekräfta först med en kod.',
    proof_invalid: 'Din bekräftelse har gått ut eller redan använts. Bekräfta igen.',
    locked: 'Det var för många felaktiga koder. Försök igen om {wait}.',
    passkey_copied: 'Denna passkey kan ha kopierats. Använd en annan enhet och ta bort den här.{support}',
    passkey_registered: 'Denna passkey är redan registrerad. Använd en annan.',
    device_disabled:
      'Den här enheten har inaktiverats efter för många felaktiga koder. Använd en annan enhet eller en återställningskod, och ställ sedan in den igen.{support}',
    resend_too_soon: 'En kod skickades nyss. Du kan be om en ny om {wait}.',
    sms_quota_exceeded:
      'Gränsen för dagens sms är nådd. Använd en autentiseringsapp för att logga in, eller kontakta supporten.{support}',
    send_limit_reached: 'Inga fler koder kan skickas för den här kontrollen. Börja om.',
    email_limit_reached:
      'Gränsen för koder via e-post i dag är nådd. Använd en annan enhet eller försök igen i morgon.',
    rate_limited: 'För många försök. Försök igen om {wait}.',
    unavailable: 'Det fungerar inte just nu. Försök igen om en stund.',
    disabled_by_admin:
      'Bara en administratör kan stänga av tvåstegsverifiering. Be din administratör om hjälp.{support}',
    passkey_invalid: 'Din passkey kunde inte kontrolleras. Försök igen, eller använd en annan enhet.',
    not_alone: 'Den här sortens enhet kan inte vara din enda. Ställ först in en annan sort.',
    device_not_allowed:
      'Den här enheten godtas inte längre. Använd en annan enhet eller en återställningskod. Om du saknar båda, be din administratör om hjälp.{support}',
    limited_device:
      'Den här enheten gäller bara för vissa tjänster och kan inte bekräfta detta. Använd en annan enhet.',
    service_user_interactive: 'Den här användaren är bara till för API:et och kan inte logga in här.',
    two_factor_user:
      'Den här användaren har tvåstegsverifiering på och kan inte användas för API:et. Använd en användare som bara är till för API:et.',
    required_by_policy: 'Ditt företag kräver tvåstegsverifiering. Ställ in den först.',
    all_devices_disabled:
      'Alla dina enheter har inaktiverats efter för många felaktiga koder. Be din administratör om hjälp.{support}',
    no_usable_device: 'Du har ingen enhet som kan bekräfta detta. Be din administratör om hjälp.{support}',
  },
  contact: 'Support: {supportContact}',
  advice: {
    passkey_only:
      'En passkey är din enda enhet, och en annan dator kanske inte har den. Lägg till en enhet till, till exempel en autentiseringsapp.',
    recovery_codes_not_acknowledged:
      'Du har inte bekräftat att du har sparat dina återställningskoder. Utan dem kan du inte logga in om du blir av med din enhet.',
    recovery_codes_low:
      'Du har bara några få återställningskoder kvar. Skapa nya och förvara dem på ett säkert ställe.',
    recovery_codes_missing:
      'Du har inga återställningskoder. Skapa några och förvara dem på ett säkert ställe: utan dem kan du inte logga in om du blir av med din enhet.',
    sms_only:
      'Du får dina koder bara via sms. Lägg till en autentiseringsapp: den fungerar utan täckning och är säkrare.',
    clock_drift:
      'Klockan i din telefon går inte riktigt rätt. Låt telefonen ställa in den automatiskt, annars kan koder avvisas.',
    short_seed:
      'Den hemliga nyckeln i den här autentiseringsappen är kortare än vad som är säkert i dag. Ställ in en ny app och ta sedan bort den här.',
  },
};
