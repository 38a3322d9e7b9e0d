import { optionalSetting, requiredSetting } from '#runtime';
import type { ReceiptSecrets } from './receipt-keys.js';

/**
 * The providers whose receipts can be checked with what is set. Twilio signs the address that it calls, so its need `PUBLIC_URL`.
 * @throws {SettingsError}
 */
export function configuredReceipts(): ReceiptSecrets {
  const vonage = optionalSetting('VONAGE_SIGNATURE_SECRET');
  const http = optionalSetting('SMS_HTTP_SECRET');
  const authToken = optionalSetting('TWILIO_AUTH_TOKEN');
  const publicUrl = optionalSetting('PUBLIC_URL');
  return {
    ...(vonage && { vonage: { secret: vonage, method: requiredSetting('VONAGE_SIGNATURE_METHOD') } }),
    ...(http && { http: { secret: http } }),
    ...(authToken && publicUrl && { twilio: { authToken, publicUrl } }),
  };
}
