/** Seconds from now until a point of time; 0 for what is past or never was. */
export const secondsTo = (time: string | null) =>
  time === null ? 0 : Math.max(0, Math.ceil((Date.parse(time) - Date.now()) / 1000));

/**
 * Attributes of a button that can be pressed after some seconds: `countdown.js` counts them. Without a script it can be
 * pressed at once, and a refusal says how long to wait.
 * @param waiting words with the seconds that are left
 */
export const wait = (seconds: number, waiting: (seconds: string) => string, ready: string) => ({
  'data-wait': seconds,
  'data-waiting': waiting('{}'),
  'data-ready': ready,
});
