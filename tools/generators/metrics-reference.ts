import { metricTable, type MetricRow } from '../../src/server/metric-table.ts';

/** docs/operations/metrics.md: every metric with its labels, and what to ask of them. */
export function generate(): Promise<ReadonlyMap<string, string>> {
  const text = [
    '# Metrics',
    '',
    'The metrics are made from the program by `npm run generate`.',
    '',
    '`fairlead run --listen HOST:PORT` serves them at `/metrics`, in Prometheus’ text format. Labels name what the administrator named (connections, sources, webhooks) or words of Fairlead: never a program, a release or a commit, so that the number of series does not grow with what teams declare. `fairlead status` tells of each program.',
    '',
    'Counters and histograms begin at zero with the process. Gauges are computed from the controller’s state when they are asked for. A label value after the hundredth of its metric is `other`.',
    '',
    '| metric | type | labels | what |',
    '|---|---|---|---|',
    ...Object.entries(metricTable).map(([name, row]) => tableRow(name, row)),
    '',
    'Besides: the usual `process_*` and `nodejs_*` metrics of a Node process, and `nodejs_eventloop_active_seconds_total`, whose rate is the share of one core that is used.',
    '',
    '## Words in labels',
    '',
    '| label | words |',
    '|---|---|',
    ...labelWords.map(([label, words]) => `| ${label} | ${words} |`),
    '',
    '## Questions',
    '',
    '| question | expression |',
    '|---|---|',
    ...questions.map(([question, expression]) => `| ${question} | \`${expression}\` |`),
    '',
  ].join('\n');
  return Promise.resolve(new Map([['docs/operations/metrics.md', text]]));
}

function tableRow(name: string, { type, labels, help }: MetricRow): string {
  return `| \`fairlead_${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`;
}

const labelWords: readonly (readonly [string, string])[] = [
  ['`lane`', '`hot`: a declaration changed. `sweep`: everything else'],
  [
    '`state` of programs',
    '`Unknown` not planned yet, `InSync`, `Pending`, `Held` a person’s word is missing, `Blocked` a person must act elsewhere, `Suspended`, `Failing`',
  ],
  ['`state` of connections', '`Starting`, `Ready`, `Failing`, `Suspended`'],
  ['`state` of sources', '`Reading`, `Ready`, `Failing`, `Rewound`'],
  ['`result` of passes', 'a program’s state, or an error’s code'],
  [
    '`result` of webhooks',
    '`hinted`, `duplicate`, `ignored` (an event that moves no ref), `refused` (signature), `secret` (ours cannot be read), `large`, `aborted`, `delivery`, `method`, `unknown`',
  ],
  ['`kind` of credentials', '`connection`, `source`'],
];

const questions: readonly (readonly [string, string])[] = [
  [
    'Is anything declared not on the platform for over an hour?',
    'fairlead_oldest_pending_change_seconds > 3600',
  ],
  ['Does a person have to say something?', 'sum by (connection, reason) (fairlead_held_changes)'],
  ['Is a repository no longer read?', 'fairlead_source_age_seconds > 900'],
  ['Is a platform no longer read?', 'fairlead_observation_age_seconds > 1800'],
  [
    'Which credential ends within two weeks?',
    'fairlead_credential_expiry_timestamp_seconds - time() < 14 * 86400',
  ],
  [
    'How much of the rate budgets is used?',
    'sum(rate(fairlead_platform_calls_total[5m])) / sum(fairlead_rate_allowed_calls_per_second)',
  ],
  [
    'Does the platform slow us down?',
    'fairlead_rate_now_calls_per_second < fairlead_rate_allowed_calls_per_second',
  ],
  ['How many calls fail?', 'sum by (code) (rate(fairlead_platform_calls_total{code!="S"}[5m]))'],
  [
    'How long do passes of changed declarations take?',
    'histogram_quantile(0.95, sum by (le) (rate(fairlead_reconcile_duration_seconds_bucket{lane="hot"}[15m])))',
  ],
  ['Is a newer settings file refused?', 'fairlead_config_reload_refused == 1'],
];
