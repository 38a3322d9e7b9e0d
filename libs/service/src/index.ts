export { gauge } from './gauge.js';
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
export { openForLooks } from './open-for-looks.js';
export { keysHealth, runService, type ServiceParts } from './run-service.js';
