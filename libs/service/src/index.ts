export { gauge } from './gauge.js';
export { startHealthServer } from './health-server.js';
export {
  clockToleranceMs,
  isClockRight,
  Readiness,
  readinessAnswer,
  type AppHealth,
  type ReadinessAnswer,
} from './readiness.js';
export { runService, type ServiceParts } from './run-service.js';
