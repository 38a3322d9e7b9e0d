import type { Words } from './words.js';

export const en: Words = {
  sms: {
    code: [
      '{code} is your {brand} code. It works once and is valid for {minutes} min. Never share it with anyone.',
      '{code} is your {brand} code, valid for {minutes} min. Never share it.',
      '{code}: {brand} code, {minutes} min. Never share it.',
    ],
    transaction: [
      '{code} is your {brand} code to confirm: {detail}. Valid for {minutes} min. Never share it.',
      '{code} confirms: {detail}. {brand}, {minutes} min. Never share it.',
      '{code} confirms: {detail}. {brand}, {minutes} min.',
    ],
    actions: {
      add_device: [
        '{code} is your {brand} code to add a device for signing in. Valid for {minutes} min. Never share it: whoever has it can sign in as you.',
        '{code} is your {brand} code to add a device for signing in. Valid for {minutes} min. Never share it.',
        '{code} adds a device at {brand}, {minutes} min.',
      ],
      remove_device: [
        '{code} is your {brand} code to remove a device. Valid for {minutes} min. Never share it. Not you? Change your password.',
        '{code} is your {brand} code to remove a device. Valid for {minutes} min. Never share it.',
        '{code} removes a device at {brand}, {minutes} min.',
      ],
      change_phone: [
        '{code} is your {brand} code to change your phone number. Valid for {minutes} min. Never share it: whoever has it gets your codes.',
        '{code} is your {brand} code to change your phone number. Valid for {minutes} min. Never share it.',
        '{code} changes your number at {brand}, {minutes} min.',
      ],
      disable: [
        '{code} is your {brand} code to turn off two-factor authentication. Valid for {minutes} min. Never share it. Not you? Change your password.',
        '{code} is your {brand} code to turn off two-factor authentication. Valid for {minutes} min. Never share it.',
        '{code} turns off 2FA at {brand}, {minutes} min.',
      ],
      regenerate_recovery_codes: [
        '{code} is your {brand} code to make new recovery codes. Valid for {minutes} min. Never share it: whoever has it can sign in as you.',
        '{code} is your {brand} code to make new recovery codes. Valid for {minutes} min. Never share it.',
        '{code}: new recovery codes at {brand}, {minutes} min.',
      ],
      transaction: [
        '{code} is your {brand} code to confirm what you are about to do. Valid for {minutes} min. Never share it. Not you? Change your password.',
        '{code} is your {brand} code to confirm what you are about to do. Valid for {minutes} min. Never share it.',
        '{code} confirms an action at {brand}, {minutes} min.',
      ],
    },
    notices: {
      reset: '{brand}: an administrator has reset your two-factor authentication. Not expected? Contact them at once.',
      phone_changed: '{brand}: your codes now go to another phone number. Not you? Contact support at once.',
      phone_reused:
        '{brand}: someone else in your company now gets codes at this number. Not expected? Contact support at once.',
    },
  },
  mail: {
    subject: 'Your {brand} code',
    code: {
      login: 'is your {brand} code to sign in.',
      add_device: 'is your {brand} code to add a device for signing in.',
      remove_device: 'is your {brand} code to remove a device.',
      change_phone: 'is your {brand} code to change your phone number.',
      disable: 'is your {brand} code to turn off two-factor authentication.',
      regenerate_recovery_codes: 'is your {brand} code to generate new recovery codes.',
      transaction: 'is your {brand} code to confirm what you are about to do.',
      other: 'is your {brand} code.',
    },
    detail: 'You are confirming: {detail}',
    validity: 'It works once and is valid for {minutes} min. Never share it: nobody from {brand} will ask you for it.',
    notYou:
      'If you did not request this code, someone may know your password. Change your password, and do not enter or share the code.',
  },
  notices: {
    lockout: {
      subject: '{brand}: too many wrong codes',
      text: [
        'Too many wrong codes were entered at {brand} for: {device}.',
        'No codes are accepted for it until {lockedUntil}. After that, it works again. Your other ways to sign in keep working.',
        'If this was not you, someone may know your password. Change it now.',
      ],
    },
    account_pattern: {
      subject: '{brand}: wrong codes in your company account',
      text: [
        'Within a short time, wrong codes were entered at {brand} for several users of your company account, or unusually often.',
        'Someone may be trying to guess passwords and codes. This e-mail is only a warning; nothing was changed.',
        'If you entered no wrong codes yourself, change your password and tell your administrator.',
      ],
    },
    device_added: {
      subject: '{brand}: a device was added',
      text: ['A device for two-factor authentication was added to your account at {brand}: {device}.'],
    },
    device_removed: {
      subject: '{brand}: a device was removed',
      text: [
        'A device for two-factor authentication was removed from your account at {brand}: {device}.',
        'It can no longer be used to sign in.',
      ],
    },
    phone_changed: {
      subject: '{brand}: your phone number was changed',
      text: [
        'The phone number that receives your {brand} codes was changed, for: {device}.',
        'Codes now go to the new number.',
      ],
    },
    email_changed: {
      subject: '{brand}: your e-mail address was changed',
      text: [
        'The e-mail address of your account at {brand} was changed.',
        'For the next 72 hours, notices about your sign-in go to the old address as well.',
      ],
    },
    two_factor_disabled: {
      subject: '{brand}: two-factor authentication is off',
      text: [
        'Two-factor authentication was turned off for your account at {brand}.',
        'From now on your password alone is enough to sign in.',
      ],
    },
    reset: {
      subject: '{brand}: two-factor authentication was reset',
      text: [
        'An administrator has reset two-factor authentication for your account at {brand}.',
        'Your devices and recovery codes no longer work. Set two-factor authentication up again at your next sign-in.',
      ],
    },
    more_activity: {
      subject: '{brand}: more security activity on your account',
      text: [
        'There was more two-factor authentication activity on your account at {brand} than we send separate e-mails about.',
        'Check the security settings of your account to see what is set up now.',
      ],
    },
    webhook_disabled: {
      subject: '{brand}: a webhook was disabled',
      text: [
        'The webhook {webhookId}, which sends events of {brand} to {host}, was disabled. Nothing is sent to it any more.',
        '{reason}',
        'Once the receiver works again, set the status of the webhook to “enabled” (PATCH /v1/webhooks/{webhookId}). What it has missed is in the audit log.',
      ],
    },
    recovery_code_used: {
      subject: '{brand}: a recovery code was used',
      text: ['One of your recovery codes was used at {brand}. It will not work again.', 'Recovery codes left: {left}.'],
    },
  },
  noticeParts: {
    webhookGone: 'The receiver answered 410 (Gone): it wants no more messages.',
    webhookFailing: 'The receiver has taken nothing for five days.',
    twoFactorOn: 'Two-factor authentication is now on: to sign in, you need a code in addition to your password.',
    recoveryCodesLow: 'You are running low. Generate new recovery codes soon and keep them in a safe place.',
    time: 'Time: {time}',
    unexpected:
      'If you did not expect this, someone else may have access to your account. Change your password now and ask for help.',
  },
  support: 'Questions? {supportContact}',
  methods: { totp: 'authenticator app', sms: 'SMS', email: 'e-mail', webauthn: 'passkey' },
  recoveryCodes: 'recovery codes',
  unknownDevice: 'your two-factor authentication',
  unknownTime: 'a little later',
  durations: 'long',
  refusals: {
    challenge_not_pending: 'This check has already ended. Start again.',
    device_not_verified: 'This device has not been verified yet.',
    device_already_verified: 'This device is already verified.',
    method_conflict: 'Only one kind of device can be used at a time. Replace the current one, or remove it first.',
    recovery_codes_not_acknowledged:
      'Confirm first that you have saved your recovery codes. Then enter the code again.',
    last_device: 'This is your last device. Add another one first, or turn off two-factor authentication.',
    two_factor_required: 'Your company requires two-factor authentication. It cannot be turned off.',
    challenge_expired: 'The time for this check has expired. Start again.',
    enrolment_expired: 'The time to verify this device has expired. Add the device again.',
    code_invalid: 'This code is incorrect. Check it and try again.',
    code_late:
      'This code has just expired. Wait until your app shows a new one. If that code is refused too, check that your phone’s clock is set automatically.',
    code_already_used: 'This code was used before. Wait until your app shows a new one.',
    sent_code_already_used: 'This code was used before. Request a new one.',
    code_expired: 'This code has expired. Request a new one.',
    recovery_code_invalid: 'This recovery code is incorrect or was used before.',
    phone_invalid:
      'This phone number cannot receive text messages. Enter it with the country code, for example +31 6 12345678.',
    country_not_allowed: 'Codes cannot be sent to phone numbers in this country.',
    method_not_allowed: 'This method is not available here.',
    sms_blocked: 'Text messages to this number are blocked. Use another method, or contact support.{support}',
    proof_required: 'Confirm this with a code first.',
    proof_invalid: 'Your confirmation has expired or was used before. Confirm again.',
    locked: 'Too many wrong codes. Try again in {wait}.',
    passkey_copied: 'This passkey may have been copied. Use another device, and remove this one.{support}',
    passkey_registered: 'This passkey is already registered. Use another one.',
    device_disabled:
      'This device was disabled after too many wrong codes. Use another device or a recovery code, and then set this one up again.{support}',
    resend_too_soon: 'A code was sent a moment ago. You can request another one in {wait}.',
    sms_quota_exceeded:
      'Today’s limit of text messages has been reached. Use an authenticator app to sign in, or contact support.{support}',
    send_limit_reached: 'No more codes can be sent for this check. Start again.',
    email_limit_reached: 'Today’s limit of e-mail codes has been reached. Use another device, or try again tomorrow.',
    rate_limited: 'Too many attempts. Try again in {wait}.',
    unavailable: 'This is temporarily unavailable. Try again in a moment.',
    disabled_by_admin:
      'Only an administrator can turn off two-factor authentication. Ask your administrator for help.{support}',
    passkey_invalid: 'Your passkey could not be verified. Try again, or use another device.',
    not_alone: 'This kind of device cannot be your only device. Set up another kind first.',
    device_not_allowed:
      'This device is no longer accepted. Use another device or a recovery code. If you have neither, ask your administrator for help.{support}',
    limited_device:
      'This device can be used only for certain applications and cannot confirm this. Use another device.',
    service_user_interactive: 'This user is for the API only and cannot sign in here.',
    two_factor_user: 'This user has two-factor authentication on and cannot be used for the API. Use an API-only user.',
    required_by_policy: 'Your company requires two-factor authentication. Set it up first.',
    all_devices_disabled:
      'All your devices were disabled after too many wrong codes. Ask your administrator for help.{support}',
    no_usable_device: 'You have no device that can confirm this. Ask your administrator for help.{support}',
  },
  contact: 'Support: {supportContact}',
  advice: {
    passkey_only:
      'A passkey is your only device, and another computer may not have it. Add a second device, such as an authenticator app.',
    recovery_codes_not_acknowledged:
      'You have not confirmed that you saved your recovery codes. Without them you cannot sign in if you lose your device.',
    recovery_codes_low: 'You have only a few recovery codes left. Generate new ones and keep them in a safe place.',
    recovery_codes_missing:
      'You have no recovery codes. Generate some and keep them in a safe place: without them you cannot sign in if you lose your device.',
    sms_only:
      'You receive your codes by text message only. Add an authenticator app: it works without reception and is more secure.',
    clock_drift: 'Your phone’s clock is slightly off. Let your phone set it automatically, or codes may be refused.',
    short_seed:
      'The secret of this authenticator app is shorter than what is considered secure today. Set up a new app, then remove this one.',
  },
};
