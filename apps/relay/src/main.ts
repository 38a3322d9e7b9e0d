import { runService } from '#service';
import { startRelay } from './app.js';
import { description } from './description.js';

await runService({ description, poolSize: 4, queue: 'needed' }, startRelay);
