/**
 * Prints each open merge request of a fork into the default branch: its number, a tab, its target branch. Where
 * something happened last comes first: there may be more than a job has time for, and old ones must not keep new ones waiting.
 * Statuses are of a commit: the verdict of a request into another branch would stand for this one. Of GitLab alone,
 * whose pipelines of forks run in the fork. Runs as it is, without a build.
 */
interface Request {
  readonly iid: number;
  /** Holds neither tab nor line feed: Git forbids control characters in names of branches. */
  readonly target_branch: string;
  readonly source_project_id: number | null;
  readonly target_project_id: number;
}

const perPage = 100;
/** More open requests than a job could review in its time. */
const maxPages = 10;
const deadlineMs = 30_000;

const variable = (name: string): string => {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set`);
  return value;
};

async function page(number: number): Promise<readonly Request[]> {
  const project = encodeURIComponent(variable('FAIRLEAD_REPO'));
  const target = encodeURIComponent(variable('FAIRLEAD_BASE'));
  const query = `state=opened&target_branch=${target}&order_by=updated_at&sort=desc&per_page=${perPage}&page=${number}`;
  const address = `${variable('FAIRLEAD_FORGE_URL')}/api/v4/projects/${project}/merge_requests?${query}`;
  const response = await fetch(address, {
    headers: { 'PRIVATE-TOKEN': variable('FAIRLEAD_FORGE_TOKEN') },
    redirect: 'error',
    signal: AbortSignal.timeout(deadlineMs),
  });
  if (!response.ok) throw new Error(`GitLab answered ${response.status}`);
  return (await response.json()) as readonly Request[];
}

try {
  if (variable('FAIRLEAD_FORGE') !== 'gitlab')
    throw new Error('only on GitLab does a job have to look for forks');
  for (let number = 1; number <= maxPages; number += 1) {
    const requests = await page(number);
    const forks = requests
      .filter((one) => one.target_branch === variable('FAIRLEAD_BASE'))
      .filter((one) => one.source_project_id !== one.target_project_id);
    for (const { iid, target_branch } of forks) console.log(`${String(iid)}\t${target_branch}`);
    if (requests.length < perPage) break;
  }
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  console.error(`fairlead: merge requests of forks cannot be listed: ${reason}`);
  process.exitCode = 1;
}
