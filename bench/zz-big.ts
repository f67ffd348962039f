import { systemClock } from '/work/main/src/cli/system.ts';
import { createGit } from '/work/main/src/source/git/run.ts';
import { followGit } from '/work/main/src/source/git/follow.ts';
const git = createGit({ environment: { path: process.env.PATH! }, clock: systemClock, allowFileUrls: true });
const src = followGit({ name: 'a', spec: { url: 'file:///tmp/big/r.git', timeoutSeconds: 600, ...(process.argv[2] ? { exclude: JSON.parse(process.argv[2]) } : {}) }, stateDirectory: '/tmp/big/state', git, clock: systemClock, allowFileUrls: true, stamp: 'x' });
const t = performance.now();
try {
const look = await src.look(new Set(), new AbortController().signal);
console.log(look.kind, look.kind === 'changed' ? look.source.documents.documents.length : '');
} catch (e) { console.log(String(e), (e as any).nextStep); }
console.log((performance.now()-t).toFixed(0), 'ms', process.resourceUsage().maxRSS/1024, 'MiB');
