import { Type, type Static } from 'typebox';

import { retryAfterForms } from './faults.ts';

export const RateLimit = Type.Object(
  {
    requestsPerSecond: Type.Number({ minimum: 0, description: '0: without limit.' }),
    burst: Type.Optional(Type.Integer({ minimum: 1, description: 'Default: one second’s worth.' })),
    retryAfter: Type.Optional(
      Type.Enum([...retryAfterForms], { type: 'string', description: 'Default seconds.' }),
    ),
  },
  { additionalProperties: false },
);
export type RateLimit = Readonly<Static<typeof RateLimit>>;

/** A bucket per client. */
export interface Limiter {
  /** 0 when the call may pass, else the seconds after which one more may. */
  take(client: string, now: number): number;
}

export function createLimiter({ requestsPerSecond, burst }: RateLimit): Limiter {
  const size = burst ?? Math.max(1, Math.ceil(requestsPerSecond));
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    take: (client, now) => {
      if (requestsPerSecond === 0) return 0;
      const { tokens, at } = buckets.get(client) ?? { tokens: size, at: now };
      const filled = Math.min(size, tokens + (Math.max(0, now - at) / 1000) * requestsPerSecond);
      const isFree = filled >= 1;
      buckets.set(client, { tokens: isFree ? filled - 1 : filled, at: now });
      return isFree ? 0 : Math.max(1, Math.ceil((1 - filled) / requestsPerSecond));
    },
  };
}

/** A Retry-After header in one of its forms; undefined for none. */
export function retryAfterHeader(
  form: (typeof retryAfterForms)[number],
  seconds: number,
  now: number,
): string | undefined {
  switch (form) {
    case 'seconds':
      return String(seconds);
    case 'date':
      return new Date(now + seconds * 1000).toUTCString();
    case 'nonsense':
      return 'soon';
    case 'huge':
      return '99999999999';
    case 'none':
      return undefined;
  }
}
