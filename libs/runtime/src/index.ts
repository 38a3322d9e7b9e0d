export { explain, explainConnection, reaching, untrustedCertificate } from './explain.js';
export { assertKeepsFiles, codeOf, createWhole, exists, makeFolder, replaceWhole } from './files.js';
export { firstPepper, generateKeyFile, selectKeys, withWebhookKey } from './key-file.js';
export {
  addKey,
  activateKey,
  hasKeys,
  keysIn,
  removeKey,
  rotatedKinds,
  type KeysInFiles,
  type RotatedKind,
} from './key-file-rotation.js';
export { loadHeldKeys, loadKeys, type Keys, type PepperKeys, type SigningKey } from './keys.js';
export { Log } from './log.js';
export { startLoop, type Loop } from './loop.js';
export { askedOnce, count, gauge, gaugeOfEach, observe, openMetrics, stopwatch } from './metrics/instruments.js';
export { metrics, type MetricName } from './metrics/metrics.js';
export { measuredProcesses, type MeasuredProcess, type MetricRow } from './metrics/metric-row.js';
export { createLogger, createLoggers, describeError, type Logger } from './logger.js';
export {
  addressOf,
  isPublicAddress,
  longestUrl,
  mayBeCalled,
  urlOfEndpoint,
  urlRefusals,
  type AllowPrivate,
  type UrlRefusal,
} from './public-address.js';
export { answersHelp, drainMs, runProcess, type ProcessDescription, type RunningApp } from './run-process.js';
export { serveHttp, type Answerer, type HttpServer, type HttpServerOptions } from './serve-http.js';
export {
  assertSettings,
  isGiven,
  isRequired,
  optionalSetting,
  readSettingFile,
  requiredSetting,
  SettingsError,
  type Environment,
} from './read-settings.js';
export { mayHaveArrived, refusalOf, retryAfterMs } from './http-answers.js';
export { smsRouteNames, type SmsRouteName } from './route-order.js';
export { settings, type SettingName } from './settings.js';
export { withoutSlash } from './setting-values.js';
export { tryPorts, type WantedPort } from './try-ports.js';
export { late, within } from './within.js';
export { openTraces, tracesAreOn } from './traces/open-traces.js';
export { traceSettingNames } from './traces/settings-of-traces.js';
export { spanFacts } from './traces/span-facts.js';
export { faultOf, inSpan, tracing, type OpenSpan } from './traces/tracing.js';
