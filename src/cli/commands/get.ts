import {
  joinListings,
  listingDocument,
  type Listing,
  type ListingSet,
} from '../../core/render/listing.ts';
import { listingText } from '../../core/render/listing-text.ts';
import type { PlatformRead } from '../../core/render/plan-document.ts';
import { flag, textOption, type Given, type Run } from '../command.ts';
import { chosenConnections, openConnections } from '../composition/connections.ts';
import {
  parseScope,
  readListing,
  readPrograms,
  wantedOf,
  type Reading,
  type Scope,
  type Wanted,
} from '../composition/holdings.ts';
import type { OpenPlatform } from '../composition/platform.ts';
import { CliError, exitCodes } from '../exit.ts';
import { printJson, printText, styleOf } from '../output.ts';
import type { Session } from '../session.ts';
import { loadAdministration } from '../settings.ts';
import { systemClock } from '../system.ts';

const sorts = ['programs', 'versions', 'targets', 'releases'] as const;

/** `fairlead get programs|versions|targets|releases [WORKSPACE[/MINIPROGRAM]]` */
export const run: Run = async (session, given) => {
  const [name = '', place] = given.args;
  const what = sortOf(name);
  const scope = parseScope(place);
  const administration = await loadAdministration(session);
  const connections = chosenConnections(session, administration);
  const { platforms, telemetry, close } = await openConnections(
    session,
    administration,
    connections,
  );
  try {
    const reading = { telemetry, signal: session.signal };
    const read: Found[] = [];
    for (const opened of platforms) read.push(await readOne(opened, { what, scope }, reading));
    refuseUnknown(read, scope);
    await print(session, given, joined(what, read));
  } finally {
    await close();
  }
  return exitCodes.done;
};

interface Found {
  readonly platform: PlatformRead;
  readonly wanted: readonly Wanted[];
  readonly listing: Listing;
}

interface Question {
  readonly what: Listing['what'];
  readonly scope: Scope;
}

async function readOne(
  opened: OpenPlatform,
  { what, scope }: Question,
  reading: Reading,
): Promise<Found> {
  const wanted = await wantedOf(opened, scope, reading);
  const programs = await readPrograms(opened, wanted, reading);
  const { connection, platform } = opened;
  const { emulator } = await platform.platform(reading.signal);
  return {
    wanted,
    listing: await readListing(opened, what, programs, reading),
    platform: {
      connection: connection.name,
      platform: connection.spec.platformId,
      driver: connection.spec.driver,
      emulator,
    },
  };
}

function sortOf(name: string): Listing['what'] {
  const found = sorts.find((sort) => sort === name || sort === `${name}s`);
  if (found) return found;
  throw new CliError('Usage', `there is nothing called ${name} to list`, {
    nextStep: `use one of ${sorts.join(', ')}`,
  });
}

/** What was named and is not there is told, instead of an empty table. */
function refuseUnknown(found: readonly Found[], { workspace, miniProgram }: Scope): void {
  if (workspace === undefined) return;
  if (found.every(({ wanted }) => wanted.length === 0)) {
    throw new CliError('NotFound', `no credential here sees a workspace ${workspace}`, {
      nextStep: '`fairlead doctor` shows which workspaces it sees, and with which rights',
    });
  }
  if (miniProgram === undefined) return;
  if (found.every(({ listing }) => listing.programs.length === 0)) {
    throw new CliError('NotFound', `there is no mini program ${miniProgram} in ${workspace}`, {
      nextStep: `\`fairlead get programs ${workspace}\` lists those there are`,
    });
  }
}

function joined(what: Listing['what'], found: readonly Found[]): ListingSet {
  return {
    listing: joinListings(
      what,
      found.map(({ listing }) => listing),
    ),
    platforms: found.map(({ platform }) => platform),
    observedAt: systemClock.wall(),
  };
}

async function print(session: Session, given: Given, set: ListingSet): Promise<void> {
  const format = textOption(given, 'output');
  if (format === 'json') {
    printJson(session, listingDocument(set));
    return;
  }
  if (format === 'yaml') {
    const { newDocument, writeDocument } = await import('../../core/yaml/write.ts');
    printText(session, writeDocument(newDocument(listingDocument(set))));
    return;
  }
  const style = styleOf(session);
  if (!flag(given, 'qr')) {
    printText(session, listingText(set, { style }));
    return;
  }
  const { drawQr } = await import('../qr.ts');
  printText(session, listingText(set, { style, drawQr: (text) => drawQr(text, style) }));
}
