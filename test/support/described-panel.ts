import { afterAll, beforeAll } from '@jest/globals';
import { ApiDescription } from './api-description.js';
import { startPanel, type Call, type TestPanel } from './gateway-harness.js';

/** A panel at one gateway, whose calls and answers are held against the description of the API, for each file that imports this. */

export let panel: TestPanel;
export let call: Call;
beforeAll(async () => {
  panel = await startPanel();
  call = ApiDescription.read().checked(panel.call);
});
afterAll(() => panel.stop());
