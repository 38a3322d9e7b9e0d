import { runApp, startApps } from '#process';
import { description } from './description.js';
import { RelayModule } from './relay.module.js';

await runApp({ description, poolSize: 4, queue: 'needed' }, (parts) => startApps(parts, [RelayModule.with(parts)]));
