import { lockState } from '../../src/cli/composition/state-lock.ts';

/*
 * A process that holds a state directory until it is killed: STATE_DIR. Says `starting`, and then `held`, or the code of
 * what kept it from that.
 */
const [stateDir = ''] = process.argv.slice(2);
console.log('starting');
try {
  const lock = await lockState(stateDir);
  console.log('held');
  process.stdin.on('data', () => {
    lock.release();
    process.exit(0);
  });
} catch (error) {
  console.log((error as { code?: string }).code ?? 'unknown');
}
