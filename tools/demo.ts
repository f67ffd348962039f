/**
 * The main job as a story: `npm run demo`. Ends with 0 only if every step did what it says. `--keep` leaves everything
 * behind for playing.
 */
import { runDemo } from './demo/story.ts';

process.exitCode = await runDemo({ keep: process.argv.includes('--keep') });
