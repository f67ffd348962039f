/** The parts that `collectDefaultMetrics` is made of; each registers what is read at a scrape, and starts nothing. */
declare module 'prom-client/lib/metrics/*.js' {
  import type { Registry } from 'prom-client';

  const register: (registry: Registry) => void;
  export = register;
}
