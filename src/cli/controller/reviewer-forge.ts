import type { GitSource } from '../../core/kinds/git-source.ts';
import type { KeyFrom } from '../../core/kinds/platform-connection.ts';
import { hexDigest } from '../../core/words/digests.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import { reveal, SecretText } from '../../core/words/secret-text.ts';
import type { Forge } from '../../ports/forge.ts';
import type { Telemetry } from '../../ports/index.ts';
import type { ForgeCredential } from '../../review/forges/shared-settings.ts';
import { readValue, type ValueSources } from '../../secrets/value.ts';
import { usualForgeUrls } from '../composition/forge-place.ts';
import { openForgeTransport } from '../composition/forge-transport.ts';
import type { Session } from '../session.ts';
import { systemClock, systemRandom } from '../system.ts';

export type ReviewSpec = NonNullable<GitSource['spec']['review']>;

/** The forge of a source, for as long as its settings are in force. */
export interface HeldForge {
  /**
   * The forge with the credential as it is now: the same one as before, with what it remembers, until that changes.
   *
   * @throws ReconcileError `SettingsInvalid` and what reading a value throws
   */
  readonly open: () => Promise<Forge>;
  readonly close: () => void;
}

/** One call with its repetitions and waits: a forge that limits for longer is asked again at a later look. */
const deadlineMs = 120_000;

export function holdForge(
  session: Session,
  review: ReviewSpec,
  { values, telemetry }: { readonly values: ValueSources; readonly telemetry: Telemetry },
): HeldForge {
  let current:
    { readonly key: string; readonly forge: Forge; readonly close: () => void } | undefined;

  async function open(): Promise<Forge> {
    const { credential, key } = await credentialOf(review, values);
    if (current?.key === key) return current.forge;
    current?.close();
    current = undefined;
    const [{ openForge }, transport] = await Promise.all([
      import('../../review/forges/index.ts'),
      openForgeTransport(session.environment.variables, undefined),
    ]);
    const { forge: name, repository, url } = review;
    const webUrl = (url ?? usualForgeUrls[name] ?? '').replace(/\/+$/, '');
    const forge = openForge(
      { name, webUrl, repository, credential, deadlineMs },
      { transport, clock: systemClock, random: systemRandom, telemetry },
    );
    current = { key, forge, close: () => transport.close() };
    return forge;
  }

  return {
    open,
    close: () => {
      current?.close();
      current = undefined;
    },
  };
}

/** The key tells one credential from the next, and nothing of either. */
async function credentialOf(
  { token, app }: ReviewSpec,
  values: ValueSources,
): Promise<{ readonly credential: ForgeCredential; readonly key: string }> {
  if (token) {
    const text = await secretOf(token, values);
    return { credential: { kind: 'token', token: text }, key: hexDigest(reveal(text), 32) };
  }
  if (!app) throw new ReconcileError('SettingsInvalid', 'the review names no credential');
  const { id, installationId } = app;
  const privateKey = await secretOf(app.privateKey, values);
  const more = installationId === undefined ? {} : { installationId };
  return {
    credential: { kind: 'app', appId: id, privateKey, ...more },
    key: hexDigest([id, reveal(privateKey)], 32),
  };
}

async function secretOf({ env, file }: KeyFrom, values: ValueSources): Promise<SecretText> {
  const text = await readValue(
    { ...(env === undefined ? {} : { env }), ...(file === undefined ? {} : { file }) },
    values,
  );
  return new SecretText(text.trim());
}
