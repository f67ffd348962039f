import { expect, it } from 'vitest';
import { busy } from './loop-busy.ts';

it('acts on a commit within half a second, uses its rate and is never refused, while 10,000 targets drift', async () => {
  const { freshMs, used, tooMany, undone } = await busy(10_000, 2);

  expect(Math.max(...freshMs)).toBeLessThan(500);
  expect(used).toBeGreaterThan(0.9);
  expect(tooMany).toBe(0);
  expect(undone).toBeGreaterThan(300);
});

it('acts within two seconds on a commit for a program that is being worked on', async () => {
  const { freshMs } = await busy(2_000, 3, 'one under way');

  expect(Math.max(...freshMs)).toBeLessThan(2_000);
});
