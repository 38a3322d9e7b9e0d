import { runService } from '#service';
import { requiredSetting } from '#runtime';
import { startGateway } from './app.js';
import { description } from './description.js';

await runService({ description, poolSize: 16, queue: 'optional' }, (parts) =>
  startGateway({ ...parts, host: requiredSetting('HOST'), port: requiredSetting('PORT') }),
);
