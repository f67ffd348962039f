import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { createLogger } from '../../src/cli/composition/log.ts';

/*
 * A process that logs for a while and then writes how many lines it logged: `log-process.ts FILE`. It waits a little
 * between the lines, so that a failure of the stream can come in between.
 */
const [file = ''] = process.argv.slice(2);
const log = createLogger('info', process.stderr);
let lines = 0;
for (; lines < 50; lines += 1) {
  log({ kind: 'ignored', what: `record ${lines}`, why: 'x'.repeat(2000) });
  await sleep(2);
}
writeFileSync(file, String(lines));
