export { CoreModule, type CoreParts } from './core.module.js';
export { startHealthServer } from './health-server.js';
export {
  clockToleranceMs,
  isClockRight,
  patienceMs,
  Readiness,
  readinessAnswer,
  type AppHealth,
  type ReadinessAnswer,
} from './readiness.js';
export { RepeatedWork } from './repeated-work.js';
export { openForLooks } from './open-for-looks.js';
export { keysHealth, runApp } from './run-app.js';
export { runWorker } from './run-worker.js';
export { startApps, type RunningApps } from './start-apps.js';
