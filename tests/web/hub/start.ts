/** npx tsx tests/web/hub/start.ts: the test hub and the built page, to try things by hand. PORT is the page's. */
import { fileURLToPath } from 'node:url';
import { TestHub } from './hub.ts';

const dist = fileURLToPath(new URL('../../../web/dist', import.meta.url));
const hub = await TestHub.start({ ports: [0, 0, Number(process.env.PORT ?? 8090)], dist });
hub.misbehave('model.safetensors', { throttle: 2_000_000 });
console.log(`page ${hub.page}\nhub  ${hub.endpoint}\n${[...hub.repositories.keys()].join('\n')}`);
