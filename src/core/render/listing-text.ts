import { stringWidth } from './width.ts';
import type { ObservedMiniProgram, ObservedRelease, ObservedTargetApp } from '../model/observed.ts';
import type { ObservedConfig } from '../words/fields.ts';
import { compareText, type ProgramKey } from '../words/keys.ts';
import { isLive, statusTitles } from '../words/statuses.ts';
import { compareVersions } from '../words/versions.ts';
import { byProgram, compareReleases, configDocument, type ListingSet } from './listing.ts';
import { plural } from './sentence.ts';
import { painter, type Paint, type Style, type Tone } from './style.ts';
import { padded } from './table.ts';
import { folded, visible } from './visible.ts';

interface Cell {
  readonly text: string;
  readonly tone?: Tone;
}

interface Table {
  readonly heads: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** What there is one of in each row, for the last line. */
  readonly one: string;
}

/** Draws a test QR code; core knows no library for it. */
export type DrawQr = (text: string) => string;

interface Options {
  readonly style: Style;
  /** Given: the test QR codes are drawn below the releases. */
  readonly drawQr?: DrawQr;
}

/** What the platform holds, as one aligned table; ends with a line break. */
export function listingText(set: ListingSet, { style, drawQr }: Options): string {
  const paint = painter(style);
  const table = tableOf(set, style);
  const lines = [
    ...set.platforms.map(({ connection, platform, emulator }) =>
      paint('dim', visible(`${connection}: ${platform}${emulator ? ' (an emulator)' : ''}`)),
    ),
    '',
    ...(table.rows.length === 0 ? [] : drawTable(table, paint)),
    ...(table.rows.length === 0
      ? [`no ${table.one} found`]
      : ['', `${plural(table.rows.length, table.one)}${legend(set, style)}`]),
    ...(drawQr ? qrLines(set, drawQr, paint) : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** What the sign of a mark means, where one stands. */
function legend({ listing }: ListingSet, style: Style): string {
  if (listing.what !== 'releases') return '';
  const isMarked = listing.programs.some(({ items }) =>
    items.some(({ mark }) => mark !== undefined),
  );
  return isMarked
    ? `   ${markSign(style)} carries a mark: an installation of Fairlead keeps it`
    : '';
}

function markSign({ unicode }: Style): string {
  return unicode ? '≈' : '*';
}

function tableOf({ listing }: ListingSet, style: Style): Table {
  switch (listing.what) {
    case 'programs':
      return {
        one: 'program',
        heads: ['PROGRAM', 'NAME', 'TYPE', 'DOMAINS', 'GLOBAL CONFIGURATION'],
        rows: byProgram(listing.programs).map(programRow),
      };
    case 'versions':
      return {
        one: 'version',
        heads: ['PROGRAM', 'VERSION'],
        rows: byProgram(listing.programs).flatMap(({ key, items }) =>
          items.toSorted(compareVersions).map((version) => [programCell(key), cell(version)]),
        ),
      };
    case 'targets':
      return {
        one: 'app',
        heads: ['PROGRAM', 'APP', 'NAME', 'ENVIRONMENTS', 'PROVIDES'],
        rows: byProgram(listing.programs).flatMap(({ key, items }) =>
          items
            .toSorted((a, b) => compareText(a.app, b.app))
            .map((target) => targetRow(key, target)),
        ),
      };
    case 'releases':
      return {
        one: 'release',
        heads: ['PROGRAM', 'VERSION', 'TARGET', 'STATUS', '', 'CONFIGURATION OF ITS OWN'],
        rows: byProgram(listing.programs).flatMap(({ items }) =>
          items.toSorted(compareReleases).map((release) => releaseRow(release, style)),
        ),
      };
  }
}

function programRow({ key, name, type, domainsGranted, global }: ObservedMiniProgram): Cell[] {
  const domains = domainsGranted === undefined ? '' : domainsGranted ? 'granted' : 'not granted';
  return [
    programCell(key),
    cell(name ?? ''),
    cell(type ?? ''),
    { text: domains, ...(domainsGranted === false ? { tone: 'yellow' as const } : {}) },
    cell(configText(global.config)),
  ];
}

function targetRow(key: ProgramKey, target: ObservedTargetApp): Cell[] {
  const provides = [
    ...(target.environmentVariables === true ? ['variables'] : []),
    ...(target.pilotTesting === true ? ['pilot testing'] : []),
    ...(target.sandboxReview === true ? ['sandbox review'] : []),
  ];
  return [
    programCell(key),
    cell(target.app),
    cell(target.name ?? ''),
    cell(target.environments.join(', ')),
    cell(provides.join(', ')),
  ];
}

function releaseRow({ key, status, mark, config }: ObservedRelease, style: Style): Cell[] {
  const tone: Tone | undefined = isLive(status)
    ? 'green'
    : status === 'Canceled' || status === 'Archived'
      ? 'dim'
      : undefined;
  const production = key.environment === 'Production';
  return [
    programCell(key),
    cell(key.version),
    {
      text: visible(`${key.app}/${key.environment}`),
      ...(production ? { tone: 'loud' as const } : {}),
    },
    { text: statusTitles[status], ...(tone ? { tone } : {}) },
    { text: mark === undefined ? '' : markSign(style), tone: 'dim' },
    cell(configText(config)),
  ];
}

/** Values people look for in full, the rest counted; variables by name. */
function configText(config: ObservedConfig): string {
  const { environmentVariables = [], ...plain } = configDocument(config);
  const texts = Object.entries(plain).map(([field, value]) =>
    typeof value === 'string' ? `${field} ${folded(value, 40)}` : `${field} ${value.length}`,
  );
  const names = environmentVariables.map(({ name }) => name);
  return [...texts, ...(names.length > 0 ? [`variables ${names.join(' ')}`] : [])].join(', ');
}

function programCell({ workspace, miniProgram }: ProgramKey): Cell {
  return cell(`${workspace}/${miniProgram}`);
}

function cell(text: string): Cell {
  return { text: visible(text) };
}

const gap = '  ';

function drawTable({ heads, rows }: Table, paint: Paint): string[] {
  const widths = heads.map((head, column) =>
    Math.max(stringWidth(head), ...rows.map((row) => stringWidth(row[column]?.text ?? ''))),
  );
  const draw = (cells: readonly Cell[]): string =>
    cells
      .map(({ text, tone }, column) => {
        const space = padded(text, widths[column] ?? 0).slice(text.length);
        return `${tone ? paint(tone, text) : text}${space}`;
      })
      .join(gap)
      .trimEnd();
  return [paint('dim', draw(heads.map((text) => ({ text })))), ...rows.map(draw)];
}

function qrLines({ listing }: ListingSet, drawQr: DrawQr, paint: Paint): string[] {
  if (listing.what !== 'releases') return [];
  return byProgram(listing.programs)
    .flatMap(({ items }) => items.toSorted(compareReleases))
    .flatMap(({ key, testQrCode }) =>
      testQrCode === undefined
        ? []
        : [
            '',
            paint('bold', visible(`${key.version}  ${key.app}/${key.environment}`)),
            drawQr(testQrCode),
            visible(testQrCode),
          ],
    );
}
