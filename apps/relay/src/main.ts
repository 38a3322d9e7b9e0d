import { runService, startApps } from '#service';
import { description } from './description.js';
import { RelayModule } from './relay.module.js';

await runService({ description, poolSize: 4, queue: 'needed' }, (parts) => startApps(parts, [RelayModule.with(parts)]));
