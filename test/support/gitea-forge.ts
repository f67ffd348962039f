import { systemClock, systemRandom } from '../../src/cli/system.ts';
import { SecretText } from '../../src/core/words/secret-text.ts';
import { createNodeTransport } from '../../src/platform/http/transport.ts';
import type { Forge } from '../../src/ports/forge.ts';
import type { Transport, WireRequest, WireResponse } from '../../src/ports/index.ts';
import { giteaForge } from '../../src/review/forges/gitea.ts';
import type { ForgeSettings } from '../../src/review/forges/shared-settings.ts';
import type { GiteaUser } from './gitea.ts';
import type { GiteaRepository } from './gitea-repository.ts';

/** What went over the wire to a forge, and a way to spoil it. */
export interface Wire {
  readonly sent: WireRequest[];
  /** Every answer, before it is read. */
  spoil: (response: WireResponse, request: WireRequest) => WireResponse;
}

/** The adapter as it is used, to a real Gitea. */
export function forgeAt(
  url: string,
  repository: Pick<GiteaRepository, 'slug'>,
  user: Pick<GiteaUser, 'token'>,
  settings: Partial<ForgeSettings> = {},
): { readonly forge: Forge; readonly wire: Wire; readonly close: () => void } {
  const node = createNodeTransport();
  const wire: Wire = { sent: [], spoil: (response) => response };
  const transport: Transport = {
    send: async (request, signal) => {
      wire.sent.push(request);
      return wire.spoil(await node.send(request, signal), request);
    },
  };
  const forge = giteaForge(
    {
      name: 'gitea',
      webUrl: url,
      repository: repository.slug,
      credential: { kind: 'token', token: new SecretText(user.token) },
      deadlineMs: 60_000,
      ...settings,
    },
    { transport, clock: systemClock, random: systemRandom, telemetry: { emit: () => undefined } },
  );
  return {
    forge,
    wire,
    close: () => {
      node.close();
    },
  };
}
