export { startHealthServer } from './health-server.js';
export { isClockRight, Readiness, readinessAnswer, type ReadinessAnswer } from './readiness.js';
export { runService, type ServiceParts } from './run-service.js';
