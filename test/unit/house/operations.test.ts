import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import type {
  ConnectionStatus,
  ProgramState,
  SourceStatus,
} from '../../../src/core/model/controller.ts';
import type { ErrorCode } from '../../../src/core/words/errors.ts';
import { heldReasons, reasons } from '../../../src/core/words/reasons.ts';
import { metricTable } from '../../../src/server/metric-table.ts';
import { refusals } from '../../../src/source/git/signing/verdicts.ts';
import { root } from '../../../tools/files.ts';

const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8');
const [conditions, alertsPage, signatures, rulesText, testsText, unit] = await Promise.all([
  read('docs/operations/conditions.md'),
  read('docs/operations/alerts.md'),
  read('docs/guides/signatures.md'),
  read('examples/operations/alerts.yaml'),
  read('examples/operations/alerts.test.yaml'),
  read('examples/operations/fairlead.service'),
]);

/** Words in the first column of the table under a heading. */
function rowsUnder(page: string, heading: string): readonly string[] {
  const [, after = ''] = page.split(`## ${heading}\n`);
  const [section = ''] = after.split('\n## ');
  return [...section.matchAll(/^\| `(\w+)` +\|/gm)].flatMap(([, word]) => word ?? []).toSorted();
}

/** A word that is new to the type does not compile here until it stands in the list, and so on the page. */
const words = <Word extends string>(of: Record<Word, true>): readonly string[] =>
  Object.keys(of).toSorted();

describe('the page of conditions', () => {
  it.each([
    {
      heading: 'Sources',
      expected: words<SourceStatus['state']>({
        Reading: true,
        Ready: true,
        Failing: true,
        Rewound: true,
      }),
    },
    {
      heading: 'Connections',
      expected: words<ConnectionStatus['state']>({
        Starting: true,
        Ready: true,
        Failing: true,
        Suspended: true,
      }),
    },
    {
      heading: 'Programs',
      expected: words<ProgramState>({
        Unknown: true,
        InSync: true,
        Pending: true,
        Held: true,
        Blocked: true,
        Suspended: true,
        Failing: true,
      }),
    },
    { heading: 'Why something is held', expected: heldReasons.toSorted() },
    { heading: 'Why something is blocked or locked', expected: reasons.toSorted() },
    {
      heading: 'Error codes',
      expected: words<ErrorCode>({
        PlatformUnavailable: true,
        RateLimited: true,
        SignatureRefused: true,
        ResponseUntrusted: true,
        AccessDenied: true,
        PlatformMismatch: true,
        Stale: true,
        AlreadySelected: true,
        NotEditable: true,
        PlatformRefused: true,
        RequestInvalid: true,
        OutcomeUnknown: true,
        ListExpired: true,
        SecretUnavailable: true,
        SourceUnavailable: true,
        SourceRewound: true,
        SourceRefused: true,
        ForgeUnavailable: true,
        ForgeRefused: true,
        ForgeNotFound: true,
        ClusterUnavailable: true,
        ClusterRefused: true,
        SettingsInvalid: true,
        LocalFailure: true,
        Contended: true,
        InternalError: true,
      }),
    },
  ])('explains every word: $heading', ({ heading, expected }) => {
    expect(rowsUnder(conditions, heading)).toEqual(expected);
  });
});

describe('the page of signatures', () => {
  it('names every refusal as it is told', () => {
    const rows = [...signatures.matchAll(/^\| ([A-Z]\w+) \| (.+) \|$/gm)].map(([, word, what]) => [
      word,
      what,
    ]);

    expect(rows.toSorted()).toEqual(
      Object.entries(refusals)
        .map(([word, { what }]) => [word, what])
        .toSorted(),
    );
  });
});

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}

const rules: readonly Rule[] = parse(rulesText).groups.flatMap(
  (group: { rules: Rule[] }) => group.rules,
);
const known: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(metricTable).map(([name, { labels }]) => [`fairlead_${name}`, labels]),
);

describe('the alerts', () => {
  it('are there', () => {
    expect(rules.length).toBeGreaterThan(20);
  });

  it.each(rules)('$alert asks for metrics and labels that there are', ({ expr, annotations }) => {
    const used = [...expr.matchAll(/(fairlead_\w+)(?:\{([^}]*)\})?/g)].map(
      ([, name = '', by = '']) => ({
        name,
        labels: [...by.matchAll(/(\w+)\s*(?:=|!)/g)].map(([, label]) => label),
      }),
    );
    const unknown = used.filter(
      ({ name, labels }) => !labels.every((label) => known[name]?.includes(label ?? '')),
    );
    const all = new Set([...used.flatMap(({ name }) => known[name] ?? []), 'instance', 'job']);
    const shown = Object.values(annotations).flatMap((text) =>
      [...text.matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label),
    );

    expect(used.length).toBeGreaterThan(0);
    expect(unknown).toEqual([]);
    expect(shown.filter((label) => !all.has(label))).toEqual([]);
  });

  it('ask for states and reasons that there are', () => {
    const asked = [...rulesText.matchAll(/(?:state|reason)[!=~]+"([^"]+)"/g)].flatMap(
      ([, text = '']) => text.split('|'),
    );
    const there = new Set([
      ...rowsUnder(conditions, 'Sources'),
      ...rowsUnder(conditions, 'Connections'),
      ...rowsUnder(conditions, 'Programs'),
      ...[...heldReasons, ...reasons],
    ]);

    expect(asked.length).toBeGreaterThan(5);
    expect(asked.filter((word) => !there.has(word))).toEqual([]);
  });

  it.each(rules)('$alert is tested both ways', ({ alert }) => {
    const tests: readonly {
      readonly alert_rule_test: readonly { alertname: string; exp_alerts: readonly unknown[] }[];
    }[] = parse(testsText).tests;
    const counts = tests
      .flatMap(({ alert_rule_test: each }) => each)
      .filter(({ alertname }) => alertname === alert)
      .map(({ exp_alerts: { length } }) => length);

    expect(counts.toSorted()).toEqual([0, 1]);
  });

  it('stand on their page with severity and delay', () => {
    const rows = [...alertsPage.matchAll(/^\| `(\w+)` \| (\w+) \| ([\w ]+) \|/gm)].map(
      ([, ...cells]) => cells,
    );

    expect(rows).toEqual(
      rules.map((rule) => [rule.alert, rule.labels.severity, rule.for ?? 'at once']),
    );
  });
});

describe('the unit', () => {
  it('starts what the install page installs', () => {
    const start = /^ExecStart=(.*)$/m.exec(unit)?.[1];

    expect(start).toBe(
      '/usr/bin/node /opt/fairlead/fairlead.js run --config /etc/fairlead/fairlead.yaml --state /var/lib/fairlead --listen 127.0.0.1:8080',
    );
  });
});
