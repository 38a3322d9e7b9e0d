import type { Words } from './words.js';

export const nl: Words = {
  sms: {
    code: [
      '{code} is uw code voor {brand}. U kunt hem één keer gebruiken, binnen {minutes} min. Geef hem nooit aan iemand anders.',
      '{code} is uw code voor {brand}, {minutes} min geldig. Deel hem met niemand.',
      '{code}: {brand}-code, {minutes} min. Deel hem niet.',
    ],
    transaction: [
      '{code} is uw code voor {brand} om te bevestigen: {detail}. {minutes} min geldig. Deel hem met niemand.',
      '{code} bevestigt: {detail}. {brand}, {minutes} min. Deel hem niet.',
      '{code} bevestigt: {detail}. {brand}, {minutes} min.',
    ],
    actions: {
      add_device: [
        '{code} is uw code voor {brand} om een apparaat toe te voegen. {minutes} min geldig. Deel hem nooit: wie hem heeft, kan als u inloggen.',
        '{code} is uw code voor {brand} om een apparaat toe te voegen waarmee u inlogt. {minutes} min geldig. Deel hem nooit.',
        '{code} voegt apparaat toe bij {brand}, {minutes} min.',
      ],
      remove_device: [
        '{code} is uw code voor {brand} om een apparaat te verwijderen. {minutes} min geldig. Deel hem nooit. Was u dit niet? Wijzig uw wachtwoord.',
        '{code} is uw code voor {brand} om een apparaat te verwijderen. {minutes} min geldig. Deel hem nooit.',
        '{code} verwijdert apparaat bij {brand}, {minutes} min.',
      ],
      change_phone: [
        '{code} is uw code voor {brand} om uw telefoonnummer te wijzigen. {minutes} min geldig. Deel hem nooit: wie hem heeft, krijgt uw codes.',
        '{code} is uw code voor {brand} om uw telefoonnummer te wijzigen. {minutes} min geldig. Deel hem nooit.',
        '{code} wijzigt uw nummer bij {brand}, {minutes} min.',
      ],
      disable: [
        '{code} is uw {brand}-code om tweestapsverificatie uit te zetten. {minutes} min geldig. Deel hem nooit. Was u dit niet? Wijzig uw wachtwoord.',
        '{code} is uw {brand}-code om tweestapsverificatie uit te zetten. {minutes} min geldig. Deel hem nooit.',
        '{code} zet 2FA uit bij {brand}, {minutes} min.',
      ],
      regenerate_recovery_codes: [
        '{code} is uw code voor {brand} om nieuwe herstelcodes te maken. {minutes} min geldig. Deel hem nooit: wie hem heeft, kan als u inloggen.',
        '{code} is uw code voor {brand} om nieuwe herstelcodes te maken. {minutes} min geldig. Deel hem nooit.',
        '{code}: nieuwe herstelcodes, {brand}, {minutes} min.',
      ],
      transaction: [
        '{code} is uw code voor {brand} om te bevestigen wat u gaat doen. {minutes} min geldig. Deel hem nooit. Was u dit niet? Wijzig uw wachtwoord.',
        '{code} is uw code voor {brand} om te bevestigen wat u gaat doen. {minutes} min geldig. Deel hem nooit.',
        '{code} bevestigt een actie bij {brand}, {minutes} min.',
      ],
    },
    notices: {
      reset: '{brand}: een beheerder heeft uw tweestapsverificatie gereset. Niet verwacht? Neem direct contact op.',
      phone_changed: '{brand}: uw codes gaan nu naar een ander nummer. Was u dit niet? Neem direct contact op.',
      phone_reused:
        '{brand}: iemand anders in uw bedrijf ontvangt nu ook codes op dit nummer. Niet verwacht? Neem contact op met support.',
    },
  },
  mail: {
    subject: 'Uw code voor {brand}',
    code: {
      login: 'is uw code voor {brand} om in te loggen.',
      add_device: 'is uw code voor {brand} om een apparaat toe te voegen waarmee u inlogt.',
      remove_device: 'is uw code voor {brand} om een apparaat te verwijderen.',
      change_phone: 'is uw code voor {brand} om uw telefoonnummer te wijzigen.',
      disable: 'is uw code voor {brand} om tweestapsverificatie uit te zetten.',
      regenerate_recovery_codes: 'is uw code voor {brand} om nieuwe herstelcodes te maken.',
      transaction: 'is uw code voor {brand} om te bevestigen wat u gaat doen.',
      other: 'is uw code voor {brand}.',
    },
    detail: 'U bevestigt: {detail}',
    validity:
      'De code werkt één keer en is {minutes} min geldig. Deel hem met niemand: niemand van {brand} zal u erom vragen.',
    notYou:
      'Hebt u niet om deze code gevraagd? Dan kent iemand anders misschien uw wachtwoord. Wijzig het. Voer de code niet in en geef hem niet door.',
  },
  notices: {
    lockout: {
      subject: '{brand}: te veel verkeerde codes',
      text: [
        'Er zijn bij {brand} te veel verkeerde codes ingevoerd voor: {device}.',
        'Tot {lockedUntil} worden hiervoor geen codes geaccepteerd. Daarna werkt alles vanzelf weer; uw andere manieren om in te loggen blijven gewoon werken.',
        'Was u dit niet? Dan kent iemand anders misschien uw wachtwoord. Wijzig het nu.',
      ],
    },
    account_pattern: {
      subject: '{brand}: verkeerde codes in uw bedrijfsaccount',
      text: [
        'In korte tijd zijn er bij {brand} verkeerde codes ingevoerd voor verschillende gebruikers van uw bedrijfsaccount, of ongewoon vaak.',
        'Misschien probeert iemand wachtwoorden en codes te raden. Deze mail is alleen een waarschuwing; er is niets gewijzigd.',
        'Hebt u zelf geen verkeerde codes ingevoerd? Wijzig dan uw wachtwoord en waarschuw uw beheerder.',
      ],
    },
    device_added: {
      subject: '{brand}: er is een apparaat toegevoegd',
      text: ['Aan uw account bij {brand} is een apparaat voor tweestapsverificatie toegevoegd: {device}.'],
    },
    device_removed: {
      subject: '{brand}: er is een apparaat verwijderd',
      text: [
        'Uit uw account bij {brand} is een apparaat voor tweestapsverificatie verwijderd: {device}.',
        'U kunt er niet meer mee inloggen.',
      ],
    },
    phone_changed: {
      subject: '{brand}: uw telefoonnummer is gewijzigd',
      text: [
        'Het telefoonnummer waarop u codes van {brand} ontvangt, is gewijzigd, voor: {device}.',
        'De codes gaan nu naar het nieuwe nummer.',
      ],
    },
    email_changed: {
      subject: '{brand}: uw e-mailadres is gewijzigd',
      text: [
        'Het e-mailadres van uw account bij {brand} is gewijzigd.',
        'De komende 72 uur sturen we berichten over uw aanmelding ook naar het oude adres.',
      ],
    },
    two_factor_disabled: {
      subject: '{brand}: tweestapsverificatie staat uit',
      text: [
        'Tweestapsverificatie is uitgezet voor uw account bij {brand}.',
        'Vanaf nu is alleen uw wachtwoord genoeg om in te loggen.',
      ],
    },
    reset: {
      subject: '{brand}: tweestapsverificatie is gereset',
      text: [
        'Een beheerder heeft de tweestapsverificatie voor uw account bij {brand} gereset.',
        'Uw apparaten en herstelcodes werken niet meer. Stel tweestapsverificatie opnieuw in als u weer inlogt.',
      ],
    },
    more_activity: {
      subject: '{brand}: meer activiteit rond uw beveiliging',
      text: [
        'Er was meer activiteit rond de tweestapsverificatie van uw account bij {brand} dan waarover wij losse e-mails sturen.',
        'Bekijk de beveiligingsinstellingen van uw account om te zien wat er nu is ingesteld.',
      ],
    },
    webhook_disabled: {
      subject: '{brand}: een webhook is uitgeschakeld',
      text: [
        'De webhook {webhookId}, die gebeurtenissen van {brand} naar {host} stuurt, is uitgeschakeld. Er wordt niets meer naartoe gestuurd.',
        '{reason}',
        'Werkt de ontvanger weer? Zet de status van de webhook dan op “enabled” (PATCH /v1/webhooks/{webhookId}). Wat hij heeft gemist, staat in het auditlogboek.',
      ],
    },
    recovery_code_used: {
      subject: '{brand}: er is een herstelcode gebruikt',
      text: [
        'Bij {brand} is een van uw herstelcodes gebruikt. Die code werkt niet nog een keer.',
        'Herstelcodes over: {left}.',
      ],
    },
  },
  noticeParts: {
    webhookGone: 'De ontvanger antwoordde 410 (Gone): hij wil geen berichten meer.',
    webhookFailing: 'De ontvanger heeft vijf dagen lang niets aangenomen.',
    twoFactorOn: 'Tweestapsverificatie staat nu aan: om in te loggen hebt u naast uw wachtwoord een code nodig.',
    recoveryCodesLow: 'Dat zijn er niet veel. Maak binnenkort nieuwe herstelcodes en bewaar ze op een veilige plek.',
    time: 'Tijdstip: {time}',
    unexpected:
      'Had u dit niet verwacht? Dan heeft iemand anders misschien toegang tot uw account. Wijzig nu uw wachtwoord en vraag om hulp.',
  },
  support: 'Vragen? {supportContact}',
  methods: { totp: 'authenticator-app', sms: 'sms', email: 'e-mail', webauthn: 'passkey' },
  recoveryCodes: 'herstelcodes',
  unknownDevice: 'uw tweestapsverificatie',
  unknownTime: 'iets later',
  durations: 'long',
  refusals: {
    challenge_not_pending: 'Deze controle is al afgelopen. Begin opnieuw.',
    device_not_verified: 'Dit apparaat is nog niet met een code bevestigd.',
    device_already_verified: 'Dit apparaat is al bevestigd.',
    method_conflict:
      'U kunt maar één soort apparaat tegelijk gebruiken. Vervang het huidige apparaat, of verwijder het eerst.',
    recovery_codes_not_acknowledged:
      'Bevestig eerst dat u uw herstelcodes hebt bewaard. Voer daarna de code opnieuw in.',
    last_device: 'Dit is uw laatste apparaat. Voeg eerst een ander toe, of zet tweestapsverificatie uit.',
    two_factor_required: 'Uw bedrijf verplicht tweestapsverificatie. U kunt het niet uitzetten.',
    challenge_expired: 'De tijd voor deze controle is om. Begin opnieuw.',
    enrolment_expired: 'De tijd om dit apparaat te bevestigen is om. Voeg het apparaat opnieuw toe.',
    code_invalid: 'Deze code is onjuist. Controleer de code en probeer het opnieuw.',
    code_late:
      'Deze code is zojuist verlopen. Wacht tot uw app een nieuwe toont. Wordt die ook geweigerd, controleer dan of de klok van uw telefoon automatisch wordt ingesteld.',
    code_already_used: 'Deze code is al gebruikt. Wacht tot uw app een nieuwe toont.',
    sent_code_already_used: 'Deze code is al gebruikt. Vraag een nieuwe aan.',
    code_expired: 'Deze code is verlopen. Vraag een nieuwe aan.',
    recovery_code_invalid: 'Deze herstelcode is onjuist of al gebruikt.',
    phone_invalid:
      'Dit is geen telefoonnummer dat sms-berichten kan ontvangen. Schrijf het met de landcode, zoals +31 6 12345678.',
    country_not_allowed: 'Naar telefoonnummers uit dit land worden geen codes verstuurd.',
    method_not_allowed: 'Deze methode is hier niet beschikbaar.',
    sms_blocked:
      'Sms-berichten naar dit nummer zijn geblokkeerd. Gebruik een andere methode, of neem contact op met support.{support}',
    proof_required: 'Bevestig dit eerst met een code.',
    proof_invalid: 'Uw bevestiging is verlopen of al gebruikt. Bevestig nog een keer.',
    locked: 'Er zijn te veel verkeerde codes ingevoerd. Probeer het over {wait} opnieuw.',
    passkey_copied:
      'Deze passkey is mogelijk gekopieerd. Gebruik een ander apparaat en verwijder deze passkey.{support}',
    passkey_registered: 'Deze passkey is al geregistreerd. Gebruik een andere.',
    device_disabled:
      'Dit apparaat is na te veel verkeerde codes uitgeschakeld. Gebruik een ander apparaat of een herstelcode, en stel dit apparaat daarna opnieuw in.{support}',
    resend_too_soon: 'Er is zojuist een code verstuurd. Over {wait} kunt u een nieuwe aanvragen.',
    sms_quota_exceeded:
      'Het maximale aantal sms-berichten voor vandaag is bereikt. Log in met een authenticator-app, of neem contact op met support.{support}',
    send_limit_reached: 'Voor deze controle kunnen geen codes meer worden verstuurd. Begin opnieuw.',
    email_limit_reached:
      'De limiet voor codes per e-mail is voor vandaag bereikt. Gebruik een ander apparaat of probeer het morgen opnieuw.',
    rate_limited: 'Te veel pogingen. Probeer het over {wait} opnieuw.',
    unavailable: 'Dit werkt op dit moment niet. Probeer het zo meteen opnieuw.',
    disabled_by_admin: 'Alleen een beheerder kan tweestapsverificatie uitzetten. Vraag uw beheerder om hulp.{support}',
    passkey_invalid: 'Uw passkey kon niet worden gecontroleerd. Probeer het opnieuw, of gebruik een ander apparaat.',
    not_alone: 'Dit soort apparaat kan niet uw enige apparaat zijn. Stel eerst een ander soort in.',
    device_not_allowed:
      'Dit apparaat wordt niet meer geaccepteerd. Gebruik een ander apparaat of een herstelcode. Hebt u geen van beide, vraag dan uw beheerder om hulp.{support}',
    limited_device:
      'Dit apparaat is alleen voor bepaalde toepassingen en kan dit niet bevestigen. Gebruik een ander apparaat.',
    service_user_interactive: 'Deze gebruiker is alleen voor de API en kan hier niet inloggen.',
    two_factor_user:
      'Deze gebruiker heeft tweestapsverificatie aanstaan en kan niet voor de API worden gebruikt. Gebruik een gebruiker die alleen voor de API is.',
    required_by_policy: 'Uw bedrijf verplicht tweestapsverificatie. Stel die eerst in.',
    all_devices_disabled:
      'Al uw apparaten zijn na te veel verkeerde codes uitgeschakeld. Vraag uw beheerder om hulp.{support}',
    no_usable_device: 'U hebt geen apparaat waarmee u dit kunt bevestigen. Vraag uw beheerder om hulp.{support}',
  },
  contact: 'Support: {supportContact}',
  advice: {
    passkey_only:
      'Een passkey is uw enige apparaat, en op een andere computer is die er misschien niet. Voeg een tweede apparaat toe, bijvoorbeeld een authenticator-app.',
    recovery_codes_not_acknowledged:
      'U hebt nog niet bevestigd dat u uw herstelcodes hebt bewaard. Zonder die codes kunt u niet inloggen als u uw apparaat kwijtraakt.',
    recovery_codes_low: 'U hebt nog maar weinig herstelcodes over. Maak nieuwe en bewaar ze op een veilige plek.',
    recovery_codes_missing:
      'U hebt geen herstelcodes. Maak ze aan en bewaar ze op een veilige plek: zonder herstelcodes kunt u niet inloggen als u uw apparaat kwijtraakt.',
    sms_only:
      'U ontvangt uw codes alleen per sms. Voeg een authenticator-app toe: die werkt zonder bereik en is veiliger.',
    clock_drift:
      'De klok van uw telefoon loopt niet helemaal goed. Laat de telefoon hem automatisch instellen, anders kunnen codes worden geweigerd.',
    short_seed:
      'De geheime sleutel van deze authenticator-app is korter dan tegenwoordig veilig is. Stel een nieuwe app in en verwijder deze daarna.',
  },
};
