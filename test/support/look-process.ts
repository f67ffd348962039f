import { systemClock } from '../../src/cli/system.ts';
import { followGit } from '../../src/source/git/follow.ts';
import { createGit } from '../../src/source/git/run.ts';

/* Looks at a repository once: `node look-process.ts URL STATE SPEC`, and says what came of it and what memory it took. */

const [url = '', stateDirectory = '', spec = '{}'] = process.argv.slice(2);
const source = followGit({
  name: 'team',
  spec: { ...(JSON.parse(spec) as object), url, timeoutSeconds: 600 },
  stateDirectory,
  git: createGit({
    environment: { path: process.env['PATH'] ?? '' },
    clock: systemClock,
    allowFileUrls: true,
  }),
  clock: systemClock,
  allowFileUrls: true,
  stamp: 'test',
});

const said = await source.look(new Set(), new AbortController().signal).then(
  (look) => (look.kind === 'changed' ? String(look.source.documents.documents.length) : look.kind),
  (error: unknown) => String(error),
);
process.stdout.write(
  JSON.stringify({ said, maxRssMiB: Math.ceil(process.resourceUsage().maxRSS / 1024) }),
);
