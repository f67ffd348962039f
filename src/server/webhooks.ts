import type { IncomingMessage } from 'node:http';

import { ReconcileError } from '../core/words/errors.ts';
import { SecretText } from '../core/words/secret-text.ts';
import type { Clock, Telemetry } from '../ports/index.ts';
import { createDeliveries, type Deliveries } from './deliveries.ts';
import type { Metrics } from './metrics.ts';
import { createConditions, type Conditions } from './webhook-conditions.ts';
import { readCallHeaders, verify, type CallHeaders, type WebhookForm } from './webhook-forms.ts';

/** An endpoint for one forge's calls. */
export interface Webhook {
  readonly name: string;
  readonly form: WebhookForm;
  /** Read for every call, so that it may rotate; a failure or an empty text lets nobody in. */
  readonly secret: SecretText | (() => Promise<SecretText>);
  /** Looked at after a call. */
  readonly sources: readonly string[];
}

/** Takes the wish to look at a source now. Many in a short time are one to whoever takes them. */
export interface HintSink {
  hint(source: string): void;
  /** Takes the wish to look at its pull requests alone; absent, nobody reviews any. */
  hintPulls?(source: string): void;
}

export interface WebhookPorts {
  readonly hints: HintSink;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly metrics: Metrics;
}

/** An answer in plain words. */
export interface Said {
  readonly status: number;
  readonly text: string;
}

/** Longest body that is read, bytes. */
export const maxBodyBytes = 1 << 20;
const maxDeliveryLength = 200;
const deliveryLimits = { maxIds: 10_000, keptMs: 3_600_000 };

/** How calls end, in metrics and in answers. */
const outcomes = {
  hinted: { status: 202, text: 'looking' },
  ignored: { status: 202, text: 'nothing to look at' },
  duplicate: { status: 202, text: 'seen before' },
  aborted: { status: 400, text: 'the body ended early' },
  delivery: { status: 400, text: 'the delivery id is too long' },
  refused: { status: 401, text: 'the signature is wrong' },
  unknown: { status: 404, text: 'no such webhook' },
  method: { status: 405, text: 'POST only' },
  large: { status: 413, text: 'the body is larger than 1 MiB' },
  secret: { status: 503, text: 'the secret cannot be read' },
} as const satisfies Record<string, Said>;

type Outcome = keyof typeof outcomes;

/** Receives calls: believed by signature alone, and then no more than a hint. */
export interface WebhookReceiver {
  receive(name: string, request: IncomingMessage): Promise<Said>;
}

interface Receiver {
  readonly ports: WebhookPorts;
  readonly conditions: Conditions;
  readonly deliveries: (name: string) => Deliveries;
}

/** @param webhooks  those in force now; names are unique */
export function createWebhookReceiver(
  webhooks: () => readonly Webhook[],
  ports: WebhookPorts,
): WebhookReceiver {
  const seen = new Map<string, Deliveries>();
  const receiver: Receiver = {
    ports,
    conditions: createConditions(ports),
    deliveries: (name) => {
      const deliveries = seen.get(name) ?? createDeliveries(deliveryLimits);
      seen.set(name, deliveries);
      return deliveries;
    },
  };
  return {
    receive: async (name, request) => {
      const webhook = webhooks().find((one) => one.name === name);
      const outcome = webhook ? await judge(webhook, request, receiver) : 'unknown';
      // A name that nobody set is a caller's word: it must not become a series.
      ports.metrics.webhookCalled(webhook?.name ?? '', outcome);
      return outcomes[outcome];
    },
  };
}

async function judge(
  webhook: Webhook,
  request: IncomingMessage,
  receiver: Receiver,
): Promise<Outcome> {
  if (request.method !== 'POST') return 'method';
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) return 'large';
  const headers = readCallHeaders(webhook.form, request.headers);
  const verdict = await believe(webhook, request, headers.proof);
  tell(receiver.conditions, webhook, verdict);
  return verdict === 'believed' ? act(webhook, headers, receiver) : verdict;
}

async function believe(
  { secret }: Webhook,
  request: IncomingMessage,
  proof: CallHeaders['proof'],
): Promise<'believed' | 'refused' | 'secret' | 'large' | 'aborted'> {
  if (!proof) return 'refused';
  const opened = await openSecret(secret);
  if (!opened) return 'secret';
  const verification = verify(proof, opened);
  const end = await readBody(request, verification.take);
  if (end !== 'whole') return end;
  return verification.holds() ? 'believed' : 'refused';
}

/** An empty secret is none: everybody can sign with it. */
async function openSecret(secret: Webhook['secret']): Promise<SecretText | undefined> {
  try {
    const opened = secret instanceof SecretText ? secret : await secret();
    return opened.equals('') ? undefined : opened;
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error;
    return undefined;
  }
}

/** Hands on bytes as they come, and keeps none: the body is only proof, never read. */
function readBody(
  request: IncomingMessage,
  take: (bytes: Uint8Array) => void,
): Promise<'whole' | 'large' | 'aborted'> {
  return new Promise((resolve) => {
    let length = 0;
    const finish = (end: 'whole' | 'large' | 'aborted'): void => {
      request.off('data', onData).off('end', onEnd).off('error', onBroken).off('close', onBroken);
      request.on('error', () => undefined);
      request.pause();
      resolve(end);
    };
    const onData = (bytes: Uint8Array): void => {
      length += bytes.byteLength;
      if (length > maxBodyBytes) finish('large');
      else take(bytes);
    };
    const onEnd = (): void => {
      finish('whole');
    };
    const onBroken = (): void => {
      finish('aborted');
    };
    if (request.destroyed) resolve('aborted');
    else request.on('data', onData).on('end', onEnd).on('error', onBroken).on('close', onBroken);
  });
}

function tell(
  conditions: Conditions,
  { name, form }: Webhook,
  verdict: Awaited<ReturnType<typeof believe>>,
): void {
  if (verdict === 'believed') conditions.ready(name);
  if (verdict === 'secret') {
    conditions.bad(name, {
      state: 'NoSecret',
      message: `webhook ${name}: its secret cannot be read or is empty, so that no call is let in; see secret of the webhook in the settings`,
    });
  }
  if (verdict === 'refused') {
    conditions.bad(name, {
      state: 'Refusing',
      message: `webhook ${name}: calls are refused because their signature is wrong or missing; give ${form} the secret that the settings name`,
    });
  }
}

function act(
  webhook: Webhook,
  { delivery, isPush, isPull }: CallHeaders,
  receiver: Receiver,
): Outcome {
  const { name, sources } = webhook;
  const { clock, hints } = receiver.ports;
  if (delivery !== undefined) {
    if (delivery.length > maxDeliveryLength) return 'delivery';
    if (!receiver.deliveries(name).isNew(delivery, clock.mono())) return 'duplicate';
  }
  if (isPush) {
    for (const source of sources) hints.hint(source);
    return 'hinted';
  }
  if (!isPull || !hints.hintPulls) return 'ignored';
  for (const source of sources) hints.hintPulls(source);
  return 'hinted';
}
